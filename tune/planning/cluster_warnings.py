"""What in a sweep is likely not meant on the cluster that it would be sent to."""

from __future__ import annotations

from collections.abc import Iterator

from tune.planning.capacity import Cluster
from tune.sweep_file.spec import Sweep


def cluster_warnings(sweep: Sweep, cluster: Cluster, home: str, place: int = 0) -> Iterator[str]:
    """A sentence for each: the value, what comes of it, what to do.

    Args:
        home: of all sweeps, on the cluster.
        place: in its queue, if the sweep were sent now; 0 if it would not wait.
    """
    if place:
        at_once = f"concurrency {sweep.concurrency}" if sweep.concurrency else "concurrency is not set"
        yield f"{at_once}: others take up the cluster, so that it would wait as number {place} in the queue. Lower it to share."
    uri = sweep.tracking.uri or ""
    if not uri.startswith("http"):
        what = f"tracking.uri {uri}" if uri else "tracking.uri is not set"
        yield (
            f"{what}: runs go into an SQLite file on the cluster's head, which no other machine can read and which several "
            "sweeps at once wait for. Start a server (mlflow/README.md) and name it, or export MLFLOW_TRACKING_URI on the head."
        )
    if cluster.trainers > 1 and sweep.storage is None:
        yield (
            f"home {home}: trials write their checkpoints there, and {cluster.trainers} nodes train, so it must be a folder that "
            "all of them share. Give --home one, or the sweep a `storage`; `fxsweep submit --check` asks the nodes."
        )


def described(cluster: Cluster, address: str) -> str:
    """The line of a plan that tells what was seen there."""
    nodes = ", ".join(_offer(*offer) for offer in _counted(cluster))
    return f"cluster     {address}: {nodes or 'no node'}"


def _counted(cluster: Cluster) -> list[tuple[int, int, int]]:
    """Nodes that offer the same: how many, CPUs of each, GPUs of each."""
    offers = sorted({(node.cpus, node.gpus) for node in cluster.nodes})
    return [(sum((node.cpus, node.gpus) == offer for node in cluster.nodes), *offer) for offer in offers]


def _offer(count: int, cpus: int, gpus: int) -> str:
    beside = f" and {gpus} GPUs" if gpus else ""
    return f"{count} node{'s' * (count > 1)} with {cpus} CPUs{beside}"
