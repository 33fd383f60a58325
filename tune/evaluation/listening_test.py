"""A listening test from an evaluation of a matcher: what each contender made of some of its items."""

from __future__ import annotations

from pathlib import Path

from trainables.audio import Audio
from trainables.effects import apply
from trainables.effects.effect import Effect
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.listening_page import Question, listening_test_html
from trainables.matching.tournament import MATCHER, Cell
from tune.errors import InvalidInput
from tune.evaluation.evaluate_matcher import MatcherEvaluation

ITEMS_A_CELL = 2
ANCHOR = "random settings"
HIDDEN, NOTHING = "hidden reference", "nothing done"


def write_listening_test(path: Path, evaluation: MatcherEvaluation) -> Path:
    """Two items of each cell: the hidden reference, the matcher, search alone, random settings as anchor, nothing done."""
    questions = [
        _question(evaluation.effects[cell.effect], cell, item, evaluation.sample_rate)
        for cell in evaluation.cells
        for item in range(min(ITEMS_A_CELL, len(cell.items)))
    ]
    text = listening_test_html("How like the reference?", questions, evaluation.sample_rate)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"--listening-test {path}: could not be written ({error.strerror}). Name a file in a folder."
        ) from error
    return path


def _question(effect: Effect, cell: Cell, number: int, sample_rate: int) -> Question:
    item = cell.items[number]
    search = next(name for name in cell.answers if name.startswith("search alone"))
    made = {name: _made(effect, item.dry, sample_rate, cell.answers[name][number]) for name in (MATCHER, search, ANCHOR)}
    return Question(f"{cell.mode}/{cell.effect}/{number}", item.target, {HIDDEN: item.target, **made, NOTHING: item.dry})


def _made(effect: Effect, dry: Audio, sample_rate: int, point: Units | None) -> Audio:
    return dry if point is None else apply(effect, dry, sample_rate, KnobSpace(effect.parameters).settings(point))
