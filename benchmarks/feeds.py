"""Four ways to get rendered blocks to a trainer, each given the same requests and doing the same work on them.

The work is `BlockRenderer.render`: crop, level, effect, spectrograms of dry and wet. Only who does it, and how the
arrays travel, differs. Whoever consumes touches every value, as a trainer would.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
import ray
from torch.utils.data import DataLoader, Dataset

from trainables.corpus.corpus import Corpus
from trainables.rendering.blocks import BlockRenderer
from trainables.rendering.render_actors import CatalogueSource, start_rendering
from trainables.rendering.takes import BlockRequest, RenderPlan, block_bytes

PROCESSES = 2
SLOTS = 4  # of the ring, for each process: enough that none waits for the consumer
KEPT_BLOCKS = 48  # no take is asked for twice here, so memory that was written to before can be used again, as in the ring
CHUNK_BLOCKS = 8  # a trial asks for an epoch's blocks at once, and for the next epoch's ahead of it

Feed = Callable[[Sequence[BlockRequest]], None]


@dataclass(frozen=True)
class Work:
    """What every feed renders from."""

    corpus: Corpus
    plan: RenderPlan


def touch(dry: np.ndarray, wet: np.ndarray) -> float:
    return float(dry.sum() + wet.sum())


@contextmanager
def inline(work: Work) -> Iterator[Feed]:
    """In the consumer's own process and thread."""
    renderer = BlockRenderer(work.corpus, work.plan)

    def feed(requests: Sequence[BlockRequest]) -> None:
        for request in requests:
            block = renderer.render(request)
            touch(block.dry, block.wet)

    yield feed


class _Blocks(Dataset[tuple[np.ndarray, np.ndarray]]):
    """Data set and sampler in one: what is sampled are the requests, so that workers stay while those change."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.asked: Sequence[BlockRequest] = ()
        self.renderer: BlockRenderer | None = None  # made in each worker

    def __iter__(self) -> Iterator[BlockRequest]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)

    def __getitem__(self, request: BlockRequest) -> tuple[np.ndarray, np.ndarray]:
        self.renderer = self.renderer or BlockRenderer(self.work.corpus, self.work.plan)
        block = self.renderer.render(request)
        return block.dry, block.wet


@contextmanager
def data_loader(work: Work) -> Iterator[Feed]:
    """torch's DataLoader with two workers that build whole batches."""
    blocks = _Blocks(work)
    loader = DataLoader(
        blocks, batch_size=None, sampler=blocks, num_workers=PROCESSES, prefetch_factor=SLOTS, persistent_workers=True,
        multiprocessing_context="spawn",
    )  # fmt: skip

    def feed(requests: Sequence[BlockRequest]) -> None:
        blocks.asked = requests
        for dry, wet in loader:
            touch(dry.numpy(), wet.numpy())

    yield feed


@contextmanager
def ring(work: Work) -> Iterator[Feed]:
    """Two processes that write into slots of shared memory; what passes through pipes is a slot's number."""
    context = multiprocessing.get_context("spawn")
    size_bytes = block_bytes(work.plan, BlockRequest("", "train", 0, 16))
    slots = [SharedMemory(create=True, size=size_bytes) for _ in range(PROCESSES * SLOTS)]
    orders, filled, free = context.SimpleQueue(), context.SimpleQueue(), context.SimpleQueue()
    processes = [
        context.Process(target=_fill, args=(work, [slot.name for slot in slots], orders, filled, free)) for _ in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for place in range(len(slots)):
        free.put(place)

    def feed(requests: Sequence[BlockRequest]) -> None:
        for request in requests:
            orders.put(request)
        for _ in requests:
            place, shape = filled.get()
            touch(*np.ndarray((2, *shape), np.float32, slots[place].buf))
            free.put(place)

    try:
        yield feed
    finally:
        for _ in processes:
            orders.put(None)
        for process in processes:
            process.join()
        for slot in slots:
            slot.close()
            slot.unlink()


def _fill(work: Work, names: Sequence[str], orders: Any, filled: Any, free: Any) -> None:
    """One process of the ring."""
    renderer, slots = BlockRenderer(work.corpus, work.plan), [SharedMemory(name) for name in names]
    while request := orders.get():
        block, place = renderer.render(request), free.get()
        target = np.ndarray((2, *block.dry.shape), np.float32, slots[place].buf)
        target[0], target[1] = block.dry, block.wet
        filled.put((place, block.dry.shape))


@contextmanager
def render_actors(work: Work) -> Iterator[Feed]:
    """Ours: two Ray actors behind the catalogue, read as a trial reads."""
    kept_bytes = KEPT_BLOCKS * block_bytes(work.plan, BlockRequest("", "train", 0, 16))
    rendering = start_rendering(work.corpus, work.plan, PROCESSES, kept_bytes)
    source = CatalogueSource(rendering.catalogue)

    def feed(requests: Sequence[BlockRequest]) -> None:
        chunks = [requests[start : start + CHUNK_BLOCKS] for start in range(0, len(requests), CHUNK_BLOCKS)]
        source.prefetch(chunks[0])
        for chunk, following in zip(chunks, [*chunks[1:], []], strict=True):
            source.prefetch(following)
            for block in source.blocks(chunk):
                touch(block.dry, block.wet)

    try:
        yield feed
    finally:
        for actor in (rendering.catalogue, *rendering.renderers):
            ray.kill(actor)


FEEDS = {
    "fxsweep render actors": render_actors,
    "shared-memory ring": ring,
    "DataLoader, 2 workers": data_loader,
    "inline, 1 thread": inline,
}
