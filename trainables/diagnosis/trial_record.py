"""What is known of a trial at its end: its settings, the metrics of its epochs, and its weights read back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trainables.configs import TrialConfig
from trainables.evaluation.outcomes import Estimate
from trainables.rendering.schedule import cycle_epochs

READ_BACK_FILE = "read_back.json"
LATE_CONTROLS_FILE = "late_controls.json"  # metrics of controls that were made after the trial had ended

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReadBack:
    """Validation losses, computed anew from a checkpoint file.

    Attributes:
        kept: the loss that was noted when the weights were kept.
        reread: that of the kept weights, read back from the file.
        untrained: that of the weights which training started from.
    """

    kept: float
    reread: float
    untrained: float


@dataclass(frozen=True)
class TrialRecord:
    """A trial that has ended.

    Attributes:
        config: its settings.
        epochs: the metrics of each epoch, in order (`training.Epoch.metrics`); any may be missing or not finite.
        ended: "patience", "max_epochs", "pruned" (the scheduler ended it), or "" for anything else.
        read_back: None where the checkpoint was not read back.
    """

    config: TrialConfig
    epochs: tuple[Mapping[str, Any], ...]
    ended: str = ""
    read_back: ReadBack | None = None

    @property
    def cycle(self) -> int:
        """How many epochs it takes to train on every effect once."""
        return cycle_epochs(self.config)

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights were kept, from 1; None where that isn't known."""
        best = self.last("best_epoch")
        return int(best) if best is not None and 1 <= best <= len(self.epochs) else None

    def curve(self, name: str) -> Floats:
        """(epochs,) of one metric, NaN where it is missing."""
        values = [_finite(metrics.get(name)) for metrics in self.epochs]
        return np.array([math.nan if value is None else value for value in values], dtype=np.float64)

    def last(self, name: str) -> float | None:
        """A metric of the last epoch, if it is there and finite."""
        return _finite(self.epochs[-1].get(name)) if self.epochs else None

    def estimate(self, name: str) -> Estimate | None:
        """A score of the last epoch with its interval (`NAME_low`, `NAME_high`)."""
        value, low, high = self.last(name), self.last(f"{name}_low"), self.last(f"{name}_high")
        if value is None:
            return None
        return Estimate(value, value if low is None else low, value if high is None else high)

    def below(self, prefix: str) -> dict[str, float]:
        """The finite metrics of the last epoch whose names start so, by the rest of their names."""
        names = self.epochs[-1] if self.epochs else ()
        found = {name.removeprefix(prefix): self.last(name) for name in names if name.startswith(prefix)}
        return {name: value for name, value in found.items() if value is not None}


def _finite(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) else None
