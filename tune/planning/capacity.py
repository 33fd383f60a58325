"""How many trials fit on a cluster at once."""

from __future__ import annotations

from dataclasses import dataclass

from trainables.configs import TrainConfig
from tune.errors import InvalidInput
from tune.sweep_file.spec import Sweep


@dataclass(frozen=True)
class Node:
    """What one machine offers to trials; `render` units confine render actors to the nodes that have some."""

    name: str
    cpus: int
    gpus: int = 0
    render: int = 0


@dataclass(frozen=True)
class Cluster:
    """The nodes on which trials may run, and the head."""

    nodes: tuple[Node, ...]

    @property
    def cpus(self) -> int:
        return sum(node.cpus for node in self.nodes)

    @property
    def gpus(self) -> int:
        return sum(node.gpus for node in self.nodes)

    @property
    def trainers(self) -> int:
        """Nodes on which trials run."""
        return sum(node.cpus > 0 for node in self.nodes)


def machine(cpus: int, gpus: int = 0) -> Cluster:
    """A cluster of one node; or one of which only the sums are known."""
    return Cluster((Node("this machine", cpus, gpus),))


def concurrency_that_fits(sweep: Sweep, cpus: int, gpus: int = 0) -> int:
    """How many trials run at once: as many as asked for, fit, and are in the budget.

    Raises:
        InvalidInput: if not even one fits.
    """
    cluster = machine(cpus, gpus)
    if why := why_none_fits(sweep, cluster):
        raise InvalidInput(why)
    return at_once(sweep, that_fit(sweep, cluster))


def cpus_per_trial(train: TrainConfig) -> int:
    """A CPU for each worker; without workers the trial's own process takes one."""
    return max(1, train.workers)


def gpus_per_trial(train: TrainConfig) -> int:
    """Those of each worker; without workers, of the trial's own process."""
    return train.gpus * max(1, train.workers)


def that_fit(sweep: Sweep, cluster: Cluster) -> int:
    """How many trials there is room for. A worker has its CPU and its GPU on one node, a trial's workers may be on several."""
    gpus = sweep.train.gpus
    workers = sum(min(node.cpus, node.gpus // gpus) if gpus else node.cpus for node in cluster.nodes)
    return workers // cpus_per_trial(sweep.train)


def at_once(sweep: Sweep, fits: int) -> int:
    """How many run at once where so many fit."""
    return min(fits, sweep.concurrency or fits, sweep.budget.trials)


def why_none_fits(sweep: Sweep, cluster: Cluster) -> str:
    """Why not even one trial fits, and what to do; "" if one does."""
    if that_fit(sweep, cluster) > 0:
        return ""
    needed, gpus = cpus_per_trial(sweep.train), gpus_per_trial(sweep.train)
    workers, asked = f"train.workers {sweep.train.workers}", f"train.gpus {sweep.train.gpus}"
    if cluster.cpus < needed:
        return f"{workers}: a trial takes {needed} CPUs and the cluster has {cluster.cpus}. Lower it, or add nodes."
    if cluster.gpus < gpus:
        return f"{asked}: a trial takes {gpus} GPUs and the cluster has {cluster.gpus}. Set it to 0, or add GPU nodes."
    return f"{asked}: a worker takes a CPU beside its GPU, and the nodes with GPUs offer too few. Have them offer CPUs."
