"""Was early stopping justified? Whether trials stand at the end as they stood at a rung.

Only trials that came to their own end have an end, and those had passed the rung: where all were good, ranks are hard to
keep, so the correlation over all trials, stopped ones too, is likely higher than what can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, nextafter

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from tune.ledger.history import read_curves
from tune.ledger.home import SweepFolder
from tune.ledger.sweep_study import known_trials
from tune.search.curves import Curve, Unit, shown_time
from tune.search.median import Median
from tune.search.rungs import Rungs
from tune.search.stopping_rule import stopping_rule
from tune.sweep_file.spec import Sweep, load_sweep

FEWEST_TRIALS = 4  # below which ranks say nothing
RESAMPLES = 2000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RungCorrelation:
    """One rung.

    Attributes:
        rung: epochs or seconds of work, as `unit` says.
        trials: how many went on beyond it to their own end.
        value: Spearman's correlation between the objective at the rung and at the end, -1 to 1.
        low, high: its 95 % bootstrap interval over these trials (Efron & Tibshirani 1993).
    """

    rung: float
    unit: Unit
    trials: int
    value: float
    low: float
    high: float

    def sentence(self) -> str:
        interval = f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"
        return f"rung {shown_time(self.rung, self.unit)}: rank correlation {interval} of {self.trials} trials that went on"

    def metrics(self) -> dict[str, float]:
        """As a tracking server keeps them."""
        name = f"rung/{self.rung:g}"
        interval = {f"{name}/rank_correlation_low": self.low, f"{name}/rank_correlation_high": self.high}
        return {f"{name}/rank_correlation": self.value, **interval, f"{name}/trials": float(self.trials)}


def rung_correlations(rungs: Sequence[float], ended: Iterable[Curve], seed: int = 0) -> tuple[RungCorrelation, ...]:
    """For each rung that enough trials passed on the way to their own end, if their values differ at all.

    Args:
        rungs: in the unit of the curves.
        ended: of trials that came to their own end.
        seed: of the bootstrap.
    """
    curves = [curve for curve in ended if curve.values]
    found = (_correlation(rung, [curve for curve in curves if curve.times[-1] > rung], seed) for rung in rungs)
    return tuple(correlation for correlation in found if correlation is not None)


def read_rung_correlations(folder: SweepFolder) -> tuple[RungCorrelation, ...]:
    """Of a sweep that has ended, from its file and its ledgers; none where those are not there.

    Raises:
        InvalidInput: they are there and cannot be read.
    """
    if not folder.spec.is_file():
        return ()
    sweep = load_sweep(folder.spec)
    trials = [trial for trial in known_trials(sweep, folder) if trial.state == "complete"]
    curves = read_curves(trials, folder, sweep.scheduler.unit)
    return rung_correlations(sweep_rungs(sweep, curves.values()), curves.values(), sweep.seed)


def early_stopping_metrics(folder: SweepFolder) -> dict[str, float]:
    """The same as metrics of the sweep's own run."""
    return {name: value for rung in read_rung_correlations(folder) for name, value in rung.metrics().items()}


def sweep_rungs(sweep: Sweep, curves: Iterable[Curve]) -> tuple[float, ...]:
    """Where trials were compared; the median rule compares at every report, so its first stands for them."""
    end = max((curve.times[-1] for curve in curves if curve.times), default=0.0)
    match stopping_rule(sweep):
        case Rungs() as rule:
            just_after = nextafter(end, inf)  # who came no further was compared there
            last = sweep.train.max_epochs if sweep.scheduler.unit == "epochs" else inf  # there all end by themselves
            return rule.below(min(just_after, last))
        case Median(grace=grace):
            return (grace,)
    return ()


def _correlation(rung: float, curves: Sequence[Curve], seed: int) -> RungCorrelation | None:
    at_rung = np.array([curve.at(rung) for curve in curves], dtype=float)
    at_end = np.array([curve.values[-1] for curve in curves], dtype=float)
    if len(curves) < FEWEST_TRIALS or np.ptp(at_rung) == 0 or np.ptp(at_end) == 0:
        return None
    picked = np.random.default_rng(seed).integers(len(curves), size=(RESAMPLES, len(curves)))
    low, high = np.nanquantile(_spearman(at_rung[picked], at_end[picked]), (0.025, 0.975))
    value = _spearman(at_rung[None], at_end[None])[0]
    return RungCorrelation(rung, curves[0].unit, len(curves), float(value), float(low), float(high))


def _spearman(left: Floats, right: Floats) -> Floats:
    """Of each row, ties sharing their rank; NaN for a row without variation (Spearman 1904)."""
    ranks = [rankdata(side, axis=1) - (side.shape[1] + 1) / 2 for side in (left, right)]
    spread = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
    product = (ranks[0] * ranks[1]).sum(axis=1)
    found: Floats = np.divide(product, spread, out=np.full(len(left), np.nan), where=spread > 0)
    return found
