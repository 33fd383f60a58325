"""Run as a program: a head and a node that trains, which is asked whether it sees a home. What it said is written as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from tune.service.cluster_checks import _ask, _other_trainers, check_home


def main(home: Path, answers: Path) -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    node = cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=0, resources={"render": 1})
    ray.init(address=cluster.address, log_to_driver=False)
    asked = _other_trainers()
    check_home(home)
    (home / "nonce").write_text("mine")
    seen = ray.get(_ask(asked[0], str(home), "mine"))
    unseen = ray.get(_ask(asked[0], str(home / "elsewhere"), "mine"))
    wrote = (home / asked[0]["NodeID"]).is_file()
    trainers = [one["NodeID"] == node.node_id for one in asked]
    answers.write_text(json.dumps({"trainers": trainers, "seen": seen, "unseen": unseen, "wrote": wrote}))
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
