"""The driver's recordings, handed to nodes that do not see its files: an actor on the driver's node, and whoever asks it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trainables.audio import Audio
from trainables.corpus.corpus import Corpus
from trainables.corpus.shipped_audio import ship
from trainables.corpus.stored_audio import StoredAudio


class AudioShelf:
    """Reads parts of decoded recordings. A Ray actor.

    Args:
        files: path and shape of each, by name; not as StoredAudio, which checks when it arrives.
    """

    def __init__(self, files: dict[str, tuple[str, tuple[int, int]]]) -> None:
        self.files, self.parts_read = files, dict.fromkeys(files, 0)

    def read(self, name: str, channel: int, first: int, samples: int) -> Audio:
        """Part of one channel."""
        path, shape = self.files[name]
        self.parts_read[name] += 1
        return np.array(StoredAudio(Path(path), shape).map()[channel, first : first + samples])

    def counts(self) -> dict[str, int]:
        """How many parts of each were asked for."""
        return self.parts_read


@dataclass(frozen=True)
class FromShelf:
    """`Fetch` from the actor; a value, so that Ray can send it."""

    shelf: Any

    def __call__(self, name: str, channel: int, first: int, samples: int) -> Audio:
        part: Audio = ray.get(self.shelf.read.remote(name, channel, first, samples))
        return part


def shipped(corpus: Corpus) -> tuple[Corpus, Any]:
    """The corpus as it may go to other nodes, and the shelf that it is read from, to be held as long as the corpus is used."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    options = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1, "scheduling_strategy": here}
    stored = [r.source for r in corpus.recordings if isinstance(r.source, StoredAudio)]
    files = {f"{source.path.parent.name}/{source.path.name}": (str(source.path), source.shape) for source in stored}
    shelf = ray.remote(AudioShelf).options(**options).remote(files)
    fetch = FromShelf(shelf)
    recordings = tuple(replace(recording, source=ship(recording, fetch)) for recording in corpus.recordings)
    return replace(corpus, recordings=recordings), shelf
