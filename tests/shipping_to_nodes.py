"""Run as a program: a head with recordings, and a node that does not see them, on which two processes want all of them at once.

What was seen is written as JSON into the folder that is its argument.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import ray
from ray.cluster_utils import Cluster
from small_folder import small_audio

from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.shipped_audio import ShippedAudio
from trainables.rendering.audio_shelf import shipped


def unseen(corpus: Corpus) -> Corpus:
    """As if the other node did not see the head's files, which on one machine it does."""
    sources = [recording.source for recording in corpus.recordings]
    hidden = [replace(source, seen_at=Path("/nowhere/x.npy")) for source in sources if isinstance(source, ShippedAudio)]
    return replace(
        corpus, recordings=tuple(replace(r, source=source) for r, source in zip(corpus.recordings, hidden, strict=True))
    )


@ray.remote(num_cpus=1)
def read(corpus: Corpus) -> tuple[str, list[bytes]]:
    node = str(ray.get_runtime_context().get_node_id())
    return node, [recording.samples.tobytes() for recording in corpus.recordings]


def main(folder: Path) -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    node = cluster.add_node(num_cpus=2)
    ray.init(address=cluster.address, log_to_driver=False)
    corpus = load_corpus(small_audio(folder / "recordings"), 0, folder / "store")
    sent, shelf = shipped(corpus)
    ref = ray.put(unseen(sent))
    found = ray.get([read.remote(ref), read.remote(ref)])
    expected = [recording.samples.tobytes() for recording in corpus.recordings]
    seen = {
        "same": all(samples == expected for _, samples in found),
        "on_node": all(where == node.node_id for where, _ in found),
        "parts": list(ray.get(shelf.counts.remote()).values()),
    }
    (folder / "seen.json").write_text(json.dumps(seen), encoding="utf-8")
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
