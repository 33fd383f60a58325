"""What published_protocol.py has measured, beside what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from trainables.evaluation.outcomes import Outcome

NOTHING = "do nothing"
HIS: Mapping[tuple[str, str], tuple[float, float]] = MappingProxyType(
    {
        ("speech", "multiband"): (0.492, 0.629),
        ("speech", "overdrive"): (0.640, 1.138),
        ("music", "multiband"): (0.725, 0.964),
        ("music", "overdrive"): (0.797, 1.534),
    }
)
"""His trained system's mean, and that of the dry input."""


@dataclass(frozen=True, eq=False)
class Scored:
    """The metric of everybody on one item, doing nothing among them."""

    audio: str
    effect: str
    recording: str
    distances: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One effect on one kind of audio; ratios are (value, low, high) with 95 % intervals over recordings."""

    audio: str
    effect: str
    his_ratio: float
    his_nothing: float
    our_nothing: float
    ratios: Mapping[str, tuple[float, float, float]]
    items: int
    recordings: int


def row(audio: str, effect: str, scored: Sequence[Scored]) -> Row:
    """Ratios of means, and what they are worth."""
    recordings = np.array([one.recording for one in scored])
    nothing = np.array([one.distances[NOTHING] for one in scored])
    his, his_nothing = HIS[audio, effect]
    ratios = {}
    for name in (name for name in scored[0].distances if name != NOTHING):
        found = Outcome(np.array([one.distances[name] for one in scored]), nothing, recordings).estimate()
        ratios[name] = (found.value, found.low, found.high)
    return Row(audio, effect, his / his_nothing, his_nothing, float(nothing.mean()), ratios, len(scored), len(set(recordings)))


def table(rows: Sequence[Row]) -> str:
    """For people: his ratio beside ours."""
    names = list(rows[0].ratios)
    head = (
        f"{'':<18}{'his':>6}  {names[0]:<22}"
        + "".join(f"{name:>20}" for name in names[1:])
        + f"{'items':>7}{'of':>4}  do nothing: his, ours"
    )
    lines = [head]
    for one in rows:
        value, low, high = one.ratios[names[0]]
        others = "".join(f"{one.ratios[name][0]:>20.2f}" for name in names[1:])
        ours = f"{value:.2f} ({low:.2f} to {high:.2f})"
        nothing = f"{one.his_nothing:.2f}, {one.our_nothing:.2f}"
        counts = f"{one.items:>7}{one.recordings:>4}  {nothing:>21}"
        lines.append(f"{one.effect + ', ' + one.audio:<18}{one.his_ratio:>6.2f}  {ours:<22}{others}{counts}")
    lines.append("Ratios to doing nothing, blind: below 1 is better. In brackets 95 % over recordings; of: how many of those.")
    return "\n".join(lines)
