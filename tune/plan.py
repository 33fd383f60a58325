"""What a sweep will cost at most, before it runs: pure arithmetic, no cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from trainables.configs import TrainConfig
from trainables.evaluation_set import evaluation_requests
from trainables.schedule import BLOCK_ITEMS, cycle_epochs
from tune.dimensions import EFFECT_SPLIT, HoldOut, Range, highest, size
from tune.errors import InvalidInput
from tune.spec import Sweep
from tune.splits import trained_effects
from tune.trials import default_trial_config, to_trial_config

STARTUP_TRIALS = 10  # TPE proposes by chance until so many trials have ended


@dataclass(frozen=True)
class Plan:
    """The cost of a sweep.

    Attributes:
        trials: how many are proposed at most.
        points: how many different trials there are; None if without end.
        concurrency: trials at once on this cluster; 0 if not one fits.
        cpus, cpus_per_trial: what the cluster has, and what a trial takes.
        epochs: of all trials together, if none is stopped early.
        rungs: the epochs at which trials are compared and stopped.
        blocks, takes: rendered at most, each once for the whole sweep.
        blocks_unshared, takes_unshared: what they would be if every trial rendered its own.
        evaluation_items: clips of the fixed evaluation set.
        audio_hours: rendered at most.
        hours: the time budget.
        warnings: a sentence for each thing that is likely not meant.
    """

    name: str
    trials: int
    points: int | None
    concurrency: int
    cpus: int
    cpus_per_trial: int
    epochs: int
    rungs: tuple[int, ...]
    blocks: int
    takes: int
    blocks_unshared: int
    takes_unshared: int
    evaluation_items: int
    audio_hours: float
    hours: float | None
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """The plan as it is printed."""
        points = "without end" if self.points is None else f"{self.points} points"
        shared = self.takes_unshared / max(1, self.takes)
        return [
            f"sweep       {self.name}",
            f"trials      {self.trials} of a space of {points}",
            f"at once     {self.concurrency}, {self.cpus_per_trial} of {self.cpus} CPUs each",
            f"epochs      {self.epochs} at most" + (f"; compared at {', '.join(map(str, self.rungs))}" if self.rungs else ""),
            f"rendering   {self.takes} takes in {self.blocks} blocks at most ({self.audio_hours:.1f} hours of audio); "
            f"{self.takes_unshared} if trials did not share them ({shared:.1f} times)",
            f"evaluation  {self.evaluation_items} clips, the same for every trial",
            f"time        {'no limit' if self.hours is None else f'{self.hours:g} hours'}",
            *(f"warning     {warning}" for warning in self.warnings),
        ]


def plan(sweep: Sweep, cpus: int) -> Plan:
    """The cost of a sweep on a cluster of so many CPUs."""
    fits = _that_fit(sweep, cpus)
    shared, unshared = _shared_blocks(sweep), _blocks_of_a_trial(sweep) * sweep.budget.trials
    evaluation = evaluation_requests(default_trial_config(sweep))
    items = sum(request.items for request in evaluation)
    takes = min(shared, unshared) * BLOCK_ITEMS + items
    return Plan(
        name=sweep.name,
        trials=sweep.budget.trials,
        points=space_size(sweep),
        concurrency=_at_once(sweep, fits),
        cpus=cpus,
        cpus_per_trial=cpus_per_trial(sweep.train),
        epochs=sweep.budget.trials * sweep.train.max_epochs,
        rungs=rungs(sweep),
        blocks=min(shared, unshared) + len(evaluation),
        takes=takes,
        blocks_unshared=unshared + len(evaluation) * sweep.budget.trials,
        takes_unshared=unshared * BLOCK_ITEMS + items * sweep.budget.trials,
        evaluation_items=items,
        audio_hours=takes * sweep.audio.clip_samples / sweep.audio.sample_rate / 3600,
        hours=sweep.budget.hours,
        warnings=tuple(_warnings(sweep, cpus, fits)),
    )


def concurrency_that_fits(sweep: Sweep, cpus: int) -> int:
    """How many trials run at once: as many as asked for, fit, and are in the budget.

    Raises:
        InvalidInput: if not even one fits.
    """
    fits = _that_fit(sweep, cpus)
    if fits < 1:
        raise InvalidInput(_too_large(sweep, cpus))
    return _at_once(sweep, fits)


def cpus_per_trial(train: TrainConfig) -> int:
    """A CPU for each worker; without workers the trial's own process takes one."""
    return max(1, train.workers)


def space_size(sweep: Sweep) -> int | None:
    """How many different trials there are; None if a dimension is continuous."""
    sizes = [size(dimension) for dimension in sweep.dimensions.values()]
    return None if None in sizes else prod(count for count in sizes if count is not None)


def rungs(sweep: Sweep) -> tuple[int, ...]:
    """The epochs at which ASHA compares trials, below train.max_epochs; none without it."""
    if sweep.scheduler.type == "none":
        return ()
    rung, found = sweep.grace_epochs, list[int]()
    while rung < sweep.train.max_epochs:
        found.append(rung)
        rung *= sweep.scheduler.reduction
    return tuple(found)


def _that_fit(sweep: Sweep, cpus: int) -> int:
    return cpus // cpus_per_trial(sweep.train)


def _at_once(sweep: Sweep, fits: int) -> int:
    return min(fits, sweep.concurrency or fits, sweep.budget.trials)


def _splits(sweep: Sweep) -> tuple[str, ...]:
    dimension = sweep.dimensions[EFFECT_SPLIT]
    return () if isinstance(dimension, Range) else tuple(str(split) for split in dimension.values)


def _blocks_of_an_effect(sweep: Sweep, trained: int) -> int:
    """Blocks of one effect's streams that a trial with so many trained effects reads, if it lasts for all its epochs."""
    train = sweep.train
    pairs = train.items_per_epoch // 2
    turns = -(-train.max_epochs // trained)
    train_pairs = turns * pairs if train.effect_schedule == "per_epoch" else -(-train.max_epochs * pairs // trained)
    validation_pairs = -(-train.validation_items // (2 * trained))
    return sum(-(-2 * stream // BLOCK_ITEMS) for stream in (train_pairs, validation_pairs))


def _blocks_of_a_trial(sweep: Sweep) -> int:
    sizes = {len(trained_effects(split)) for split in _splits(sweep)}
    return max(size * _blocks_of_an_effect(sweep, size) for size in sizes)


def _shared_blocks(sweep: Sweep) -> int:
    """Of each effect the longest stream that any trial reads: trials read an effect's stream from its start."""
    longest: dict[str, int] = {}
    for split in _splits(sweep):
        trained = trained_effects(split)
        blocks = _blocks_of_an_effect(sweep, len(trained))
        longest |= {effect: max(blocks, longest.get(effect, 0)) for effect in trained}
    return sum(longest.values())


def _warnings(sweep: Sweep, cpus: int, fits: int) -> Iterator[str]:
    points, trials = space_size(sweep), sweep.budget.trials
    if fits < 1:
        yield _too_large(sweep, cpus)
    elif sweep.concurrency is not None and sweep.concurrency > fits:
        yield f"concurrency {sweep.concurrency}: {fits} trials fit on {cpus} CPUs; the others wait."
    if points is not None and points < trials:
        yield f"budget.trials {trials}: the space has {points} different trials, so some are run again. Lower it."
    if sweep.sampler.type == "tpe" and points != 1 and trials <= STARTUP_TRIALS:
        yield f"budget.trials {trials}: the first {STARTUP_TRIALS} proposals of TPE are drawn by chance, so it never begins to learn."
    yield from _patience_warnings(sweep)
    if sweep.budget.hours is None:
        yield "budget.hours is not set: the sweep ends with its last trial, however long that takes."


def _patience_warnings(sweep: Sweep) -> Iterator[str]:
    patience = sweep.dimensions.get("patience")
    cycles = sweep.train.patience if patience is None or isinstance(patience, HoldOut) else int(highest(patience))
    epochs = cycles * max(cycle_epochs(to_trial_config(sweep, {EFFECT_SPLIT: split})) for split in _splits(sweep))
    if sweep.scheduler.type == "asha" and sweep.grace_epochs < epochs:
        yield (
            f"scheduler.grace_epochs {sweep.grace_epochs}: the longest patience is {epochs} epochs, so the scheduler may stop a trial "
            "before its patience could, and the search cannot learn what patience is worth. Raise grace_epochs."
        )
    if epochs >= sweep.train.max_epochs:
        yield f"patience of {epochs} epochs never ends a trial of train.max_epochs {sweep.train.max_epochs}. Lower it."


def _too_large(sweep: Sweep, cpus: int) -> str:
    needed = cpus_per_trial(sweep.train)
    return f"train.workers {sweep.train.workers}: a trial takes {needed} CPUs and the cluster has {cpus}. Lower it, or add nodes."
