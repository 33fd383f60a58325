"""Run as a program: a head and a node for rendering, whose raylet is killed at work.

What was seen is written as JSON into the file that is its argument.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects.selection import nine
from trainables.rendering.blocks import InlineSource, fingerprint
from trainables.rendering.render_actors import CatalogueSource, actors_that_fit, start_rendering
from trainables.rendering.rendering import make_plan
from trainables.rendering.takes import BlockRequest

QUICK_TO_NOTICE = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 1000, "health_check_failure_threshold": 3}
AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)


def node_of(actor: Any) -> str:
    return str(ray.get(actor.__ray_call__.remote(lambda self: ray.get_runtime_context().get_node_id())))


def main() -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "_system_config": QUICK_TO_NOTICE})
    node = cluster.add_node(num_cpus=1, resources={"render": 2})
    ray.init(address=cluster.address, log_to_driver=False)
    corpus = load_corpus(AUDIO, seed=0)
    plan = make_plan(corpus, AUDIO, FrontEndConfig(fft_size=1024, bands=32), nine("mda"), seed=0)
    actors = actors_that_fit(trials_at_once=1)
    rendering = start_rendering(corpus, plan, actors)
    placed = [node_of(actor) for actor in rendering.renderers]
    requests = [BlockRequest(effect, "train", draw, 16) for effect in ("multiband", "combo") for draw in range(40)]
    CatalogueSource(rendering.catalogue).blocks(requests[:4])
    cluster.remove_node(node, allow_graceful=False)
    blocks = CatalogueSource(rendering.catalogue).blocks(requests)
    expected = InlineSource(corpus, plan).blocks(requests)
    counts = ray.get(rendering.catalogue.counts.remote())
    same = [fingerprint(block) for block in blocks] == [fingerprint(block) for block in expected]
    on_node = all(place == node.node_id for place in placed)
    seen = {"actors": actors, "on_node": on_node, "same": same, "counts": counts.facts()}
    Path(sys.argv[1]).write_text(json.dumps(seen), encoding="utf-8")
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
