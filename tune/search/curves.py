"""A trial's objective by time, as what stops trials early sees it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Literal, Protocol

Unit = Literal["epochs", "seconds"]


@dataclass(frozen=True)
class Curve:
    """What a trial has reported so far.

    Attributes:
        unit: what `times` are: epochs, or the trial's own seconds of work up to then.
        epochs: the last one reported, with a value or without.
        work_seconds: of all epochs together.
        times: when there was a value; rising.
        values: the objective at these times; finite.
    """

    unit: Unit = "epochs"
    epochs: int = 0
    work_seconds: float = 0.0
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def after(self, epoch: int, value: float | None, work_seconds: float = 0.0) -> Curve:
        """One report further. An epoch that was reported before changes nothing: it was trained again after a loss.

        Args:
            value: the objective; None or not finite if the epoch has none.
            work_seconds: of this epoch alone.
        """
        if epoch <= self.epochs:
            return self
        further = replace(self, epochs=epoch, work_seconds=self.work_seconds + work_seconds)
        if value is None or not math.isfinite(value):
            return further
        time = float(epoch) if self.unit == "epochs" else further.work_seconds
        return replace(further, times=(*self.times, time), values=(*self.values, float(value)))

    def at(self, time: float) -> float | None:
        """The first value at that time or after it; None if the trial has not come so far."""
        index = bisect_left(self.times, time)
        return self.values[index] if index < len(self.values) else None

    def until(self, time: float) -> tuple[float, ...]:
        """The values up to that time."""
        return self.values[: bisect_right(self.times, time)]

    def last_step(self) -> tuple[float, float]:
        """The times of the last two values; the first is 0 if there is but one."""
        before = self.times[-2] if len(self.times) > 1 else 0.0
        return before, self.times[-1]


class StoppingRule(Protocol):
    """Decides whether a trial is stopped: values in, a sentence out."""

    def why_stop(self, curve: Curve, others: list[Curve]) -> str:
        """Why the trial of `curve` is stopped at its last value, as a reader is told; "" if it goes on."""
        ...


@dataclass(frozen=True)
class NeverStop:
    """Every trial goes on until it ends by itself."""

    def why_stop(self, curve: Curve, others: list[Curve]) -> str:
        return ""


def worse(mode: str) -> str:
    """How a worse value lies to a better one."""
    return "below" if mode == "max" else "above"


def shown_time(time: float, unit: Unit) -> str:
    return f"{time:g}" if unit == "epochs" else f"{time:g} s of work"
