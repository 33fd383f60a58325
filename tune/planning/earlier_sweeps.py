"""Hours of a sweep, from those of earlier sweeps whose epochs are the same work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tune.errors import FxsweepError
from tune.ledger.home import SweepFolder, sweep_names
from tune.ledger.status import SweepStatus, read_status
from tune.planning.plan import Plan
from tune.planning.plan import rungs as rungs_of
from tune.planning.prediction import WRITES_A_REPORT, Prediction, expected_epochs
from tune.sweep_file.spec import Sweep, load_sweep

SAME = (
    "trainable",
    "audio",
    "effects",
    "front_end",
    "model",
    "matcher",
    "evaluation",
    "figure",
    "seed",
)  # all that the hash sees
SAME_TRAIN = ("items_per_epoch", "validation_items", "batch_size", "workers", "gpus", "threads", "effect_schedule")


@dataclass(frozen=True)
class EarlierSweep:
    """What one took.

    Attributes:
        epochs_share: of those that early stopping alone would have left: less where patience ended trials.
        trial_seconds: that its trials took, one after the other; overhead_seconds: of the sweep, when none trained.
        checkpoint_bytes: of its largest checkpoint; 0 where none is in its folder.
    """

    name: str
    epochs: int
    epochs_share: float
    trial_seconds: float
    overhead_seconds: float
    compute_seconds: float
    checkpoint_bytes: int = 0


def earlier_like(sweep: Sweep, home: Path) -> list[EarlierSweep]:
    """Complete sweeps of the same evaluation set and the same work an epoch, oldest first."""
    found = (_read(SweepFolder(home / name), sweep) for name in sweep_names(home))
    return [one for earlier in found for one in earlier]


def predict_from(sweep: Sweep, planned: Plan, earlier: list[EarlierSweep]) -> Prediction:
    """From at least one. What concurrency did to epochs there, it does here."""
    epochs = sum(one.epochs for one in earlier)
    epoch_seconds = sum(one.trial_seconds for one in earlier) / epochs
    share = sum(one.epochs_share * one.epochs for one in earlier) / epochs
    expected = planned.trials * expected_epochs(sweep, planned.rungs) * share
    slots = max(1, planned.concurrency)
    overhead = sum(one.overhead_seconds for one in earlier) / len(earlier)
    held = expected * epoch_seconds
    return Prediction(
        hours=(held / slots + overhead) / 3600,
        cpu_hours=held * planned.cpus_per_trial / 3600,
        gpu_hours=held * sweep.train.gpus * max(1, sweep.train.workers) / 3600,
        epochs=round(expected),
        disk_bytes=max(one.checkpoint_bytes for one in earlier) * (planned.trials + slots),
        writes_per_second=WRITES_A_REPORT * slots / max(1e-9, epoch_seconds),
        source=f"{len(earlier)} earlier sweep{'s' * (len(earlier) > 1)}: {', '.join(one.name for one in earlier)}",
    )


def _read(folder: SweepFolder, sweep: Sweep) -> Iterator[EarlierSweep]:
    try:
        there, status = load_sweep(str(folder.spec)), read_status(folder.status)
    except (FxsweepError, OSError, ValueError, KeyError, TypeError):
        return
    if status.state == "complete" and status.ended and same_work(there, sweep) and any(t.epochs for t in status.trials):
        yield replace(_took(there, status), checkpoint_bytes=_checkpoint_bytes(folder))


def same_work(there: Sweep, here: Sweep) -> bool:
    """Whether an epoch of one is the work of an epoch of the other."""
    one, other = there.canonical(), here.canonical()
    same_train = all(one["train"][key] == other["train"][key] for key in SAME_TRAIN)
    return same_train and all(one[key] == other[key] for key in SAME) and one["search"].keys() == other["search"].keys()


def _checkpoint_bytes(folder: SweepFolder) -> int:
    return max((path.stat().st_size for path in folder.trials.glob("trial-*/*/*.pt")), default=0)


def _took(sweep: Sweep, status: SweepStatus) -> EarlierSweep:
    epochs = sum(trial.epochs for trial in status.trials)
    trained = sum(trial.seconds for trial in status.trials)
    wall = (status.ended or 0.0) - status.started
    at_once = max(1.0, min(sweep.concurrency or len(status.trials), _most_at_once(status)))
    left = expected_epochs(sweep, rungs_of(sweep)) * len(status.trials)
    return EarlierSweep(
        status.name, epochs, min(1.0, epochs / left), trained, max(0.0, wall - trained / at_once), status.compute_seconds
    )


def _most_at_once(status: SweepStatus) -> int:
    """How many trials ran at the same time."""
    starts = [(trial.started, 1) for trial in status.trials if trial.ended]
    ends = [(trial.ended or 0.0, -1) for trial in status.trials if trial.ended]
    running = most = 0
    for _, change in sorted(starts + ends):
        running += change
        most = max(most, running)
    return most
