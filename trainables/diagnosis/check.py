"""One question about a trained model, answered: a figure, a verdict, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["fine", "worry", "unknown"]
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Check:
    """One question, answered.

    Attributes:
        name: of what there is to worry about, snake_case.
        figure: what was measured, with its unit, or NOT_MEASURED.
        verdict: "unknown" where the figure, or what it is compared with, is missing.
        sentence: the verdict in words.
        remedy: what to do about a worry or an unknown; "" where nothing needs to be done.
    """

    name: str
    figure: str
    verdict: Verdict
    sentence: str
    remedy: str = ""


def unknown(name: str, sentence: str, remedy: str = "") -> Check:
    """A question without an answer, and why."""
    return Check(name, NOT_MEASURED, "unknown", sentence, remedy)


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(number: int, noun: str) -> str:
    """`1 epoch`, `2 epochs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
