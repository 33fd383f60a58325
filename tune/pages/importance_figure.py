"""How much of the difference between trials each setting explains, with its interval, beside what chance alone would show."""

from __future__ import annotations

from collections.abc import Sequence

from tune.analysis.importance import HEARD, Importance
from tune.pages.chart import Key, Room, interval, legend, x_axis
from tune.pages.marks import Box, Dot, Drawing, Mark, Words, text_width
from tune.pages.measures import setting_name
from tune.pages.scales import Linear

WIDTH, ROW = 920.0, 27.0


def importance_figure(found: Sequence[Importance]) -> Drawing:
    """A bar for each setting: filled where it surely matters, pale where that cannot be told."""
    labels = [importance_name(one.name) for one in found]
    left = 24 + max(text_width(label) for label in labels)
    keys = [
        Key("surely matters", "blue", "square"),
        Key("cannot be told from chance", "grey", "square"),
        Key("95 % interval over trials", "ink", None, line=True),
        Key("chance alone stays below this", "orange", "bar"),
    ]
    head, height = legend(keys, left, 0, WIDTH - left)
    room = Room(left, height + 6, WIDTH - 24, height + 6 + ROW * len(found))
    most = max(max(one.high, one.by_chance) for one in found)
    x = Linear(0, 100 * min(1.0, 1.05 * most), room.left, room.right)
    marks: list[Mark] = [*head, *x_axis(room, x, "differences between trials explained by the setting alone (%)")]
    for place, (one, label) in enumerate(zip(found, labels, strict=True)):
        marks += _row(one, label, x, room.top + ROW * (place + 0.5))
    said = "Share of the variance between trials that each setting explains"
    return Drawing("what_mattered_importance", said, WIDTH, room.bottom + 46, tuple(marks))


def importance_name(name: str) -> str:
    """`latent size`, or `leslie heard in training`."""
    return f"{name.removeprefix(HEARD)} heard in training" if name.startswith(HEARD) else setting_name(name)


def told_importance(one: Importance) -> str:
    """`69 % (58 to 79)`."""
    return f"{100 * one.share:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})"


def _row(one: Importance, label: str, x: Linear, y: float) -> list[Mark]:
    verdict = "surely matters" if one.matters else "cannot be told from chance"
    told = f"{label}: {told_importance(one)}; chance alone stays below {100 * one.by_chance:.0f} %: {verdict}"
    colour, zero = ("blue" if one.matters else "grey"), x.at(0)
    return [
        Words(zero - 10, y + 4.5, label, "ink", 13, "end", bold=one.matters),
        Box(zero, y - 7, max(1.0, x.at(100 * one.share) - zero), 14, colour, 0.9 if one.matters else 0.45, told),
        interval((x.at(100 * one.low), y), (x.at(100 * one.high), y), "ink", told, 1.8),
        Dot(x.at(100 * one.by_chance), y, "orange", "bar", 5.5, title=told),
    ]
