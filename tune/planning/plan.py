"""What a sweep will cost at most, before it runs: pure arithmetic, no cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainables.evaluation.evaluation_set import evaluation_requests
from trainables.rendering.schedule import BLOCK_ITEMS
from tune.planning.capacity import Cluster, at_once, cpus_per_trial, gpus_per_trial, that_fit
from tune.planning.plan_warnings import plan_warnings
from tune.planning.rendering_cost import blocks_of_a_trial, shared_blocks
from tune.search.rungs import Rungs
from tune.space.conditions import space_size
from tune.space.trials import default_trial_config
from tune.sweep_file.spec import Sweep


@dataclass(frozen=True)
class Plan:
    """The cost of a sweep.

    Attributes:
        trials: how many are proposed at most.
        points: how many different trials there are; None if without end.
        concurrency: trials at once on this cluster; 0 if not one fits.
        cpus, cpus_per_trial: what the cluster has, and what a trial takes. gpus, gpus_per_trial: the same.
        epochs: of all trials together, if none is stopped early.
        rungs: the epochs at which trials are compared and stopped.
        blocks, takes: rendered at most, each once for the whole sweep.
        blocks_unshared, takes_unshared: what they would be if every trial rendered its own.
        evaluation_items: clips of the fixed evaluation set.
        audio_hours: rendered at most.
        hours, compute_hours: the budgets of time and of computing.
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
    compute_hours: float | None
    warnings: tuple[str, ...]
    gpus: int = 0
    gpus_per_trial: int = 0
    beside: str = ""  # what else the search is told: ", each with 3 seeds"

    def lines(self, predicted: str = "", sending: Sequence[str] = ()) -> list[str]:
        """The plan as it is printed.

        Args:
            predicted: a line about hours, if they are known.
            sending: lines about the cluster that it would be sent to.
        """
        space = ("a space without end" if self.points is None else f"a space of {self.points} points") + self.beside
        shared = self.takes_unshared / max(1, self.takes)
        return [
            f"sweep       {self.name}",
            f"trials      {self.trials} of {space}",
            f"at once     {self.concurrency}, {self.cpus_per_trial} of {self.cpus} CPUs{self._gpus()} each",
            f"epochs      {self.epochs} at most" + (f"; compared at {', '.join(map(str, self.rungs))}" if self.rungs else ""),
            f"rendering   {self.takes} takes in {self.blocks} blocks at most ({self.audio_hours:.1f} hours of audio); "
            f"{self.takes_unshared} if trials did not share them ({shared:.1f} times)",
            f"evaluation  {self.evaluation_items} clips, the same for every trial",
            f"time        {self._time()}",
            *([predicted] if predicted else []),
            *sending,
            *(f"warning     {warning}" for warning in self.warnings),
        ]

    def _gpus(self) -> str:
        return f" and {self.gpus_per_trial} of {self.gpus} GPUs" if self.gpus_per_trial else ""

    def _time(self) -> str:
        limits = [f"{self.hours:g} hours"] if self.hours else []
        limits += [f"{self.compute_hours:g} hours of computing"] if self.compute_hours else []
        return " or ".join(limits) or "no limit"


def plan(sweep: Sweep, cluster: Cluster) -> Plan:
    """The cost of a sweep on this cluster."""
    fits = that_fit(sweep, cluster)
    shared, unshared = shared_blocks(sweep), blocks_of_a_trial(sweep) * sweep.budget.trials
    evaluation = evaluation_requests(default_trial_config(sweep))
    items = sum(request.items for request in evaluation)
    drawn = len(sweep.figure.effects) * sweep.figure.clips_per_effect
    takes = min(shared, unshared) * BLOCK_ITEMS + items + drawn
    return Plan(
        name=sweep.name,
        trials=sweep.budget.trials,
        points=space_size(sweep.dimensions),
        concurrency=at_once(sweep, fits),
        cpus=cluster.cpus,
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
        compute_hours=sweep.budget.compute_hours,
        warnings=tuple(plan_warnings(sweep, cluster)),
        gpus=cluster.gpus,
        gpus_per_trial=gpus_per_trial(sweep.train),
        beside=_beside(sweep),
    )


def _beside(sweep: Sweep) -> str:
    told = (
        f"each with {sweep.repeat} seeds" if sweep.repeat > 1 else "",
        f"{len(sweep.try_first)} to try first" if sweep.try_first else "",
        f"{len(sweep.require)} to require" if sweep.require else "",
        f"learning from {sweep.learn_from}" if sweep.learn_from else "",
    )
    return "".join(f", {part}" for part in told if part)


def rungs(sweep: Sweep) -> tuple[int, ...]:
    """The epochs at which ASHA compares trials, below train.max_epochs; none where nothing or the clock decides."""
    if sweep.scheduler.type != "asha" or sweep.scheduler.unit == "seconds":
        return ()
    return tuple(int(rung) for rung in Rungs(sweep.grace, sweep.scheduler.reduction).below(sweep.train.max_epochs))
