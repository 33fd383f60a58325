"""What `fxsweep evaluate` prints of a matcher: paired and blind apart, the same recording and others apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from trainables.effects.effect import Effect
from trainables.effects.measured.manifest import stored_manifest
from trainables.matching.spectral_metrics import METRICS
from trainables.matching.takes import MODES, Mode
from trainables.matching.tournament import MATCHER, Cell
from trainables.parameters import Parameter
from tune.evaluation.evaluate_matcher import MatcherEvaluation

NEVER_WORSE = 1.03
HEARD_DB = 0.5  # the median change of the spectrum when a knob is turned through its range
RELATIONS = ("same", "other")


def facts(evaluation: MatcherEvaluation) -> dict[str, Any]:
    """All of it as JSON values; scores are keyed MODE/EFFECT, and are ratios to doing nothing."""
    cells = {f"{cell.mode}/{cell.effect}": cell for cell in evaluation.cells}
    names = list(evaluation.cells[0].distances)
    return {
        "evaluation_hash": evaluation.evaluation_hash,
        "recordings": list(evaluation.recordings),
        "renders": evaluation.renders,
        "metric": asdict(METRICS[evaluation.metric]),
        "items": len(evaluation.cells[0].items),
        "scores": {key: asdict(cell.estimates()[MATCHER]) for key, cell in cells.items()},
        "controls": {
            name: {key: asdict(cell.estimates()[name]) for key, cell in cells.items()} for name in names if name != MATCHER
        },
        "better_share": {key: cell.better_share(MATCHER) for key, cell in cells.items()},
        "did_nothing_share": {key: float(cell.gated.mean()) for key, cell in cells.items()},
        "relations": {
            relation: {key: asdict(cell.outcome(MATCHER, relation).estimate()) for key, cell in cells.items()}
            for relation in RELATIONS
        },
        "knobs": [row for cell in evaluation.cells for row in _knob_rows(evaluation, cell)],
        "untouched": {key: float(cell.untouched.mean()) for key, cell in cells.items()},
    }


def tables(evaluation: MatcherEvaluation) -> list[Table]:
    """One for each mode."""
    return [_table(mode, [cell for cell in evaluation.cells if cell.mode == mode]) for mode in MODES]


def verdicts(evaluation: MatcherEvaluation) -> Iterator[str]:
    """How many effects are better than doing nothing, how many ahead of search alone, and which knobs are found."""
    for mode in MODES:
        cells = [cell for cell in evaluation.cells if cell.mode == mode]
        beaten = [cell.effect for cell in cells if cell.beaten]
        harmed = [cell.effect for cell in cells if cell.estimates()[MATCHER].high >= NEVER_WORSE]
        search = next(name for name in cells[0].distances if name.startswith("search alone"))
        ahead = [cell.effect for cell in cells if cell.outcome(MATCHER).value < cell.outcome(search).value]
        mean = sum(cell.outcome(MATCHER).value for cell in cells) / len(cells)
        yield (
            f"{mode}: better than doing nothing on {len(beaten)} of {len(cells)} effects, mean ratio {mean:.2f}; "
            f"ahead of {search} renders on {len(ahead)}; interval reaches {NEVER_WORSE:g} on {', '.join(harmed) or 'none'}."
        )
    yield from _knob_verdict(evaluation)


def footnote(evaluation: MatcherEvaluation) -> str:
    """What was measured on what."""
    items = len(evaluation.cells[0].items)
    told = (
        f"Ratios of the mean multi-resolution STFT distance ({evaluation.metric} settings) to that of doing nothing, both at "
        f"equal level: below 1 is better; in brackets 95 % intervals over recordings. {items} items a cell of "
        f"{len(evaluation.recordings)} recordings that the matcher never heard; every search listens to log-mel spectrograms, "
        "not to this metric. same, other: the recording of the reference. "
        f"Evaluation {evaluation.evaluation_hash}."
    )
    if not evaluation.chosen_on:
        return told
    return f"{told} Its sweep compared its trials on {evaluation.chosen_on} of these recordings."


def _table(mode: Mode, cells: list[Cell]) -> Table:
    table = Table(mode, box=None, header_style="bold", pad_edge=False)
    columns = list(cells[0].distances)
    for column in (*columns, "same", "other", "better", "nothing"):
        table.add_column(column, justify="right")
    for cell in cells:
        estimates = cell.estimates()
        best = estimates[MATCHER]
        ours = f"{best.value:.2f} ({best.low:.2f} to {best.high:.2f})"
        others = [f"{estimates[name].value:.2f}" for name in columns if name != MATCHER]
        related = [f"{cell.outcome(MATCHER, relation).value:.2f}" for relation in RELATIONS]
        shares = [f"{100 * share:.0f} %" for share in (cell.better_share(MATCHER), float(cell.gated.mean()))]
        table.add_row(cell.effect, ours, *others, *related, *shares)
    return table


def _knob_rows(evaluation: MatcherEvaluation, cell: Cell) -> list[dict[str, Any]]:
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


def _span(knob: Parameter) -> float:
    return knob.high - knob.low if knob.scale == "linear" else 1.0


def identifiable(effect: Effect, knob: str) -> bool:
    """Whether the effect's manifest says that turning the knob is heard in mono; what is not measured counts as heard."""
    manifest = stored_manifest(effect)
    measured = () if manifest is None else manifest.measurement.knobs
    heard = [one.mono.median_db for one in measured if one.name == knob and one.mono is not None]
    return not heard or heard[0] >= HEARD_DB


def _knob_verdict(evaluation: MatcherEvaluation) -> Iterator[str]:
    rows = [row for cell in evaluation.cells if cell.mode == "paired" for row in _knob_rows(evaluation, cell)]
    known = [row for row in rows if row["identifiable"]]
    found = [row for row in known if row["error"] < row["mean_error"]]
    missed = ", ".join(f"{row['effect']}.{row['knob']}" for row in known if row not in found) or "none"
    unheard = ", ".join(f"{row['effect']}.{row['knob']}" for row in rows if not row["identifiable"]) or "none"
    yield (
        f"paired: {len(found)} of {len(known)} identifiable knobs are nearer than guessing the mean; not: {missed}. "
        f"Not identifiable: {unheard}."
    )
