"""The seed study beside its honest twins: what the validation curve said, what the fixed evaluation says, and the answer.

The seed study (K. Grant, 2023) trained on one effect an epoch, validated on that effect only, and its author asked:
should I be concerned that training converged so quickly?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from trainables.diagnosis.check import counted, listed
from trainables.diagnosis.control_checks import beats
from trainables.diagnosis.diagnosis import Check, Verdict, diagnose, worries
from trainables.diagnosis.trial_record import TrialRecord
from trainables.evaluation.outcomes import Estimate
from tune.driver.examination import trial_record
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import read_epochs, trial_results
from tune.ledger.status import SweepStatus
from tune.space.names import run_name
from tune.sweep_file.spec import Sweep

SEED_EPOCH_SECONDS = 300.0  # "about five minutes", of 250 + 25 clips (the seed study's report, 2023)
ONE, ALL = "validation/epoch_effect_loss", "validation/all_effects_loss"
CLEARLY_FASTER = 1.5
DEPENDS: dict[Verdict, str] = {
    "worry": "Its validation loss depends on whose turn it is",
    "fine": "Its validation loss does not clearly depend on whose turn it is",
    "unknown": "Whether its validation loss depends on whose turn it is cannot be told",
}
HEARD = {"wet": "the wet clip alone", "difference": "wet minus dry", "pair": "dry and wet"}
JUDGED = {"epoch_effect": "the epoch's own effect", "all_effects": "all trained effects"}


@dataclass(frozen=True)
class SeedTrial:
    """One trial with one effect an epoch, read from its ledger."""

    number: int
    name: str
    record: TrialRecord
    checks: tuple[Check, ...]

    @property
    def as_it_was(self) -> bool:
        """Whether this is the seed study's own way."""
        model, train = self.record.config.model, self.record.config.train
        return (model.input, train.validate_on, model.contrastive_weight) == ("wet", "epoch_effect", 0.0)

    @property
    def kept(self) -> int:
        return self.record.best_epoch or len(self.record.epochs)

    @property
    def kept_effect(self) -> str:
        effects = self.record.config.trained_effects
        return effects[(self.kept - 1) % len(effects)]

    @property
    def heard(self) -> str:
        return HEARD[self.record.config.model.input]

    @property
    def judged(self) -> str:
        return JUDGED[self.record.config.train.validate_on]

    @property
    def epoch_seconds(self) -> float:
        """Of a typical epoch: waiting for renders, training and validating; the fixed evaluation is ours alone."""
        parts = ("seconds/render_wait", "seconds/train", "seconds/validate")
        sums = [sum(epoch.get(part, 0.0) for part in parts) for epoch in self.record.epochs[1:] or self.record.epochs]
        return median(sums) if sums else float("nan")


def seed_trials(sweep: Sweep, folder: SweepFolder, status: SweepStatus) -> tuple[SeedTrial, ...]:
    """The trials that completed an epoch, the study as it was first; none if there is no such trial."""
    found = []
    for trial in sorted(status.trials, key=lambda trial: trial.number):
        epochs = read_epochs(trial_results(folder, trial.number))
        if epochs and trial.state in ("complete", "pruned"):
            record = trial_record(sweep, folder, trial, epochs)
            found.append(SeedTrial(trial.number, run_name(trial.params), record, diagnose(record)))
    found.sort(key=lambda trial: not trial.as_it_was)
    return tuple(found) if found and found[0].as_it_was else ()


def answer(trials: Sequence[SeedTrial]) -> list[str]:
    """The answer to the seed's question, in sentences."""
    first = trials[0]
    said = [_yes_or_no(first), _stopped(first), _whose_turn(first), _taught(first)]
    return [*said, *(_twin(first, trial) for trial in trials[1:]), _what_to_do(trials)]


def short_answer(trials: Sequence[SeedTrial]) -> str:
    """One line: yes or no, how long an epoch took, and the seed study's beside it."""
    return f"{_yes_or_no(trials[0])} {_speed(trials)}."


def _yes_or_no(trial: SeedTrial) -> str:
    return "Yes." if worries(trial.checks) else "No."


def _stopped(trial: SeedTrial) -> str:
    epochs = counted(len(trial.record.epochs), "epoch")
    return (
        f"The study as it was (trial {trial.number}: it hears {trial.heard}, and early stopping looks at {trial.judged}) stopped "
        f"after {epochs} and kept epoch {trial.kept}, the turn of {trial.kept_effect}."
    )


def _whose_turn(trial: SeedTrial) -> str:
    """What the curve that it looked at was made of."""
    order = next(check for check in trial.checks if check.name == "effect_order")
    own, begin = _by_effect(trial), DEPENDS[order.verdict]
    if len(own) > 1:
        easiest, hardest = min(own, key=own.__getitem__), max(own, key=own.__getitem__)
        times = own[hardest] / max(own[easiest], 1e-12)
        begin += f": {hardest} is typically {times:.1f} times as hard as {easiest}"
    return f"{begin}. {order.sentence if order.verdict == 'unknown' else f'{order.figure[:1].upper()}{order.figure[1:]}.'}"


def _by_effect(trial: SeedTrial) -> dict[str, float]:
    """The median validation loss of each effect over the epochs that were its turn."""
    effects, curve = trial.record.config.trained_effects, trial.record.curve(ONE)
    turns = {effect: curve[turn :: len(effects)] for turn, effect in enumerate(effects)}
    return {effect: float(np.nanmedian(losses)) for effect, losses in turns.items() if np.isfinite(losses).any()}


def _taught(trial: SeedTrial) -> str:
    """What the fixed evaluation says of the model that was kept."""
    scores = {
        "the model": trial.record.estimate("eval/probe_accuracy"),
        "the untrained encoder": trial.record.estimate("control/untrained/probe_accuracy"),
        "PCA of the same size": trial.record.estimate("control/pca/probe_accuracy"),
    }
    told = [f"{name} {_percent(score)}" for name, score in scores.items() if score is not None]
    known = [score for score in scores.values() if score is not None]
    surely = len(known) > 1 and all(beats(known[0], other) for other in known[1:])
    verdict = "so training taught it something" if surely else "so it is not surely better than what costs no training"
    return f"Asked which of the effects a clip of an unknown recording went through: {listed(told)}; {verdict}."


def _twin(first: SeedTrial, trial: SeedTrial) -> str:
    changes = [
        *([f"hears {trial.heard}"] if trial.heard != first.heard else []),
        *([f"looks at {trial.judged}"] if trial.judged != first.judged else []),
    ]
    score = trial.record.estimate("eval/probe_accuracy")
    told = f" and reaches {_percent(score)}" if score else ""
    fired = worries(trial.checks)
    worry = f"still to worry about: {', '.join(fired)}" if fired else "nothing left to worry about"
    return (
        f"Trial {trial.number}, {f'which {listed(changes)}' if changes else f'the same with other settings ({trial.name})'}, "
        f"runs {counted(len(trial.record.epochs), 'epoch')}, keeps epoch {trial.kept}{told} "
        f"({worry})."
    )


def _speed(trials: Sequence[SeedTrial]) -> str:
    seconds = median(trial.epoch_seconds for trial in trials)
    times = SEED_EPOCH_SECONDS / max(seconds, 1e-9)
    return (
        f"An epoch of the seed study took about five minutes; here a typical one took {seconds:.1f} s, "
        f"{f'{times:.0f} times faster' if times >= CLEARLY_FASTER else f'{times:.2g} times as fast'}"
    )


def _what_to_do(trials: Sequence[SeedTrial]) -> str:
    return (
        f"{_speed(trials)} (renders run ahead and are shared), so nobody needs to stop early: train on every effect in every "
        "epoch (effect_schedule: per_item), on the difference, with a contrastive term, and judge by the evaluation."
    )


def _percent(score: Estimate) -> str:
    return f"{100 * score.value:.0f} % ({100 * score.low:.0f} to {100 * score.high:.0f})"
