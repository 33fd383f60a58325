"""What `fxsweep evaluate --json` says of a matcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from trainables.effects.effect import Effect
from trainables.effects.measured.manifest import stored_manifest
from trainables.matching.cell import Cell, recognised
from trainables.matching.contenders import MATCHER
from trainables.matching.measures import UNITS
from trainables.matching.spectral_metrics import METRICS
from trainables.matching.takes import MODES, Mode
from trainables.matching.which_effect import TOP
from trainables.parameters import Parameter
from tune.evaluation.evaluate_matcher import MatcherEvaluation
from tune.evaluation.matcher_contests import RELATIONS

HEARD_DB = 0.5  # the median change of the spectrum when a knob is turned through its range


def facts(evaluation: MatcherEvaluation) -> dict[str, Any]:
    """All of it as JSON values; scores are keyed MODE/EFFECT, and are ratios to doing nothing."""
    cells = {f"{cell.mode}/{cell.effect}": cell for cell in evaluation.cells}
    names = evaluation.cells[0].contenders
    return {
        "evaluation_hash": evaluation.evaluation_hash,
        "recordings": list(evaluation.recordings),
        "renders": evaluation.renders,
        "metric": asdict(METRICS[evaluation.metric]),
        "items": len(evaluation.cells[0].played),
        "scores": {key: asdict(cell.estimates()[MATCHER]) for key, cell in cells.items()},
        "controls": {
            name: {key: asdict(cell.estimates()[name]) for key, cell in cells.items()} for name in names if name != MATCHER
        },
        "better_share": {key: cell.better_share(MATCHER) for key, cell in cells.items()},
        "did_nothing_share": {key: cell.gated_share for key, cell in cells.items()},
        "relations": {
            relation: {key: asdict(cell.outcome(MATCHER, relation).estimate()) for key, cell in cells.items()}
            for relation in RELATIONS
        },
        "measures": {name: _measure(cells, name, unit) for name, unit in UNITS.items()},
        "knobs": [row for cell in evaluation.cells for row in knob_rows(evaluation, cell)],
        "untouched": {key: float(cell.untouched.mean()) for key, cell in cells.items()},
        "which_effect": _which_effect(evaluation),
    }


def cells_of(evaluation: MatcherEvaluation, mode: Mode) -> tuple[Cell, ...]:
    """Those of one mode."""
    return tuple(cell for cell in evaluation.cells if cell.mode == mode)


def knob_rows(evaluation: MatcherEvaluation, cell: Cell) -> list[dict[str, Any]]:
    """Errors in each knob's unit (of a logarithmic knob, and of one without a unit, of its range), beside guessing the mean."""
    return [
        {
            "mode": cell.mode,
            "effect": cell.effect,
            "knob": knob.name,
            "unit": knob.unit if knob.scale == "linear" else "",
            "error": float(error) * _span(knob),
            "mean_error": float(guess) * _span(knob),
            "identifiable": identifiable(evaluation.effects[cell.effect], knob.name),
        }
        for knob, error, guess in zip(evaluation.knobs(cell.effect), *cell.knob_errors(), strict=True)
    ]


def identifiable(effect: Effect, knob: str) -> bool:
    """Whether the effect's manifest says that turning the knob is heard in mono; what is not measured counts as heard."""
    manifest = stored_manifest(effect)
    measured = () if manifest is None else manifest.measurement.knobs
    heard = [one.mono.median_db for one in measured if one.name == knob and one.mono is not None]
    return not heard or heard[0] >= HEARD_DB


def _measure(cells: Mapping[str, Cell], measure: str, unit: str) -> dict[str, Any]:
    """Ratios of everybody by contender and cell, and the mean error of doing nothing in the measure's unit."""
    names = next(iter(cells.values())).contenders
    ratios = {name: {key: asdict(cell.measured(name, measure).estimate()) for key, cell in cells.items()} for name in names}
    return {
        "unit": unit,
        "scores": ratios.pop(MATCHER),
        "controls": ratios,
        "untouched": {key: float(cell.untouched_errors(measure).mean()) for key, cell in cells.items()},
    }


def _which_effect(evaluation: MatcherEvaluation) -> dict[str, Any] | None:
    """How often the right effect is first, and among the first three, by mode and for each effect; None if it is told."""
    if not evaluation.asked_which:
        return None
    known = len(evaluation.candidates)
    modes: dict[str, Any] = {
        mode: {
            f"top_{top}": {
                **asdict(recognised(cells, top).estimate()),
                "chance": min(1.0, top / known),
                "by_effect": {cell.effect: recognised((cell,), top).value for cell in cells},
            }
            for top in TOP
        }
        for mode in MODES
        if (cells := cells_of(evaluation, mode))
    }
    return {"candidates": list(evaluation.candidates), **modes}


def _span(knob: Parameter) -> float:
    return knob.high - knob.low if knob.scale == "linear" else 1.0
