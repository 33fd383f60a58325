"""Records the table of learning curves: the VAE trained at every point of a space, at a small but real budget.

With the product's own training, evaluation and built-in corpus; every trial is given the same blocks, as in a sweep, and
validation ends none of them, so that every curve has all epochs. A trial takes some seconds of one core, the whole half an hour.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.curve_table import CurveTable, Point, joined, read_table, write_table
from trainables.rendering.blocks import InlineSource
from trainables.rendering.takes import Block, BlockRequest
from trainables.training.fit import fit
from tune.planning.stage import prepare_stage
from tune.space.trials import to_trial_config
from tune.sweep_file.spec import parse_sweep

EPOCHS = 27
SPACE: dict[str, tuple[float, ...]] = {
    "beta": (0.03, 0.3, 3.0),
    "contrastive_weight": (0.03, 0.1, 0.3, 1.0),
    "latent_size": (2, 4, 8, 16, 32),
    "learning_rate": (3e-4, 1e-3, 3e-3, 1e-2),
}
SWEEP: dict[str, Any] = {
    "name": "curves",
    "audio": {"sample_rate": 22050, "clip_samples": 16384},
    "front_end": {"bands": 32, "hop_samples": 1024},
    "train": {
        "items_per_epoch": 64, "validation_items": 36, "batch_size": 16, "max_epochs": EPOCHS, "patience": 1000, "workers": 0,
    },
    "evaluation": {"settings_per_effect": 12, "timbre": False},
}  # fmt: skip


def all_points() -> tuple[Point, ...]:
    return tuple(itertools.product(*SPACE.values()))


class Recorder:
    """Trains points one by one; each block is rendered once for all of them."""

    def __init__(self) -> None:
        self.sweep = parse_sweep(SWEEP)
        stage = prepare_stage(self.sweep)
        self.inline = InlineSource(stage.corpus, stage.plan)
        self.block = cache(lambda request: self.inline.blocks([request])[0])

    def record(self, point: Point, epochs: int = EPOCHS) -> CurveTable:
        """A table of one row. Seconds are those of the processor, whatever else it is busy with, without rendering."""
        source = TimedSource(self.block)
        trained = fit(to_trial_config(self.sweep, dict(zip(SPACE, point, strict=True))), source)
        curve = [(epoch.metrics[self.sweep.objective.metric], source.lap()) for epoch in itertools.islice(trained, epochs)]
        scores, seconds = np.array(curve).T
        return CurveTable(tuple(SPACE), (point,), scores[None], seconds[None])


class TimedSource:
    """A source that tells the processor's seconds from lap to lap, less those that it took itself."""

    def __init__(self, block: Any) -> None:
        self.block, self.since = block, time.process_time()

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        start = time.process_time()
        blocks = [self.block(request) for request in requests]
        self.since += time.process_time() - start
        return blocks

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """There is nobody else to render ahead."""

    def lap(self) -> float:
        before, self.since = self.since, time.process_time()
        return self.since - before


def record_into(path: Path) -> None:
    """Trains every point and writes the table. A recording that was broken off goes on from its `.partial`."""
    partial, recorder = path.with_suffix(".partial"), Recorder()
    tables = [read_table(partial)] if partial.exists() else []
    missing = [point for point in all_points() if not any(point in table.points for table in tables)]
    for left, point in zip(range(len(missing) - 1, -1, -1), _mixed(missing), strict=True):
        tables.append(recorder.record(point))
        write_table(joined(tables), partial)
        print(f"{point}: {tables[-1].scores[0, -1]:.3f} in {tables[-1].seconds.sum():.1f} s, {left} to go", flush=True)
    write_table(joined(tables), path)
    partial.unlink(missing_ok=True)


def _mixed(points: Sequence[Point]) -> list[Point]:
    """In an order in which the first of them stand for all."""
    return [points[place] for place in np.random.default_rng(0).permutation(len(points))]
