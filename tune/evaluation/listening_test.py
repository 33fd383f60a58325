"""A listening test from an evaluation of a matcher: what each contender made of some of its items."""

from __future__ import annotations

from pathlib import Path

from trainables.audio import Audio
from trainables.effects import apply
from trainables.effects.effect import Effect
from trainables.matching.anchors import low_anchor
from trainables.matching.cell import Cell
from trainables.matching.contenders import MATCHER
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.listening_page import Question, listening_test_html
from trainables.matching.tournament import Played
from tune.errors import InvalidInput
from tune.evaluation.evaluate_matcher import MatcherEvaluation

RANDOM = "random settings"
HIDDEN, ANCHOR, NOTHING = "hidden reference", "anchor, 3.5 kHz", "nothing done"


def write_listening_test(path: Path, evaluation: MatcherEvaluation) -> Path:
    """The first items of each cell: hidden reference, anchor, matcher, search alone, random settings, nothing done."""
    questions = [
        _question(evaluation.effects[cell.effect], cell, played, played.sounds, evaluation.sample_rate)
        for cell in evaluation.cells
        for played in cell.played
        if played.sounds is not None
    ]
    text = listening_test_html("How like the reference?", questions, evaluation.sample_rate)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"--listening-test {path}: could not be written ({error.strerror}). Name a file in a folder."
        ) from error
    return path


def _question(effect: Effect, cell: Cell, played: Played, sounds: tuple[Audio, Audio], sample_rate: int) -> Question:
    dry, target = sounds
    search = next(name for name in cell.contenders if name.startswith("search alone"))
    made = {name: _made(effect, dry, sample_rate, played.results[name].point) for name in (MATCHER, search, RANDOM)}
    conditions = {HIDDEN: target, ANCHOR: low_anchor(target, sample_rate), **made, NOTHING: dry}
    return Question(f"{cell.mode}/{cell.effect}/{played.number}", target, conditions)


def _made(effect: Effect, dry: Audio, sample_rate: int, point: Units | None) -> Audio:
    return dry if point is None else apply(effect, dry, sample_rate, KnobSpace(effect.parameters).settings(point))
