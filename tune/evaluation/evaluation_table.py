"""What `fxsweep evaluate` prints: scores in columns, knobs in their units, and in words which controls are beaten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from trainables.evaluation.outcomes import Estimate
from tune.evaluation.evaluate import MODEL, Evaluation

HEADLINES = ("probe_accuracy", "knn_accuracy", "seen_accuracy", "unseen_accuracy", "retrieval", "settings_r2")
COMPARED = (*HEADLINES, "silhouette", "recording_leakage")
LOWER_IS_BETTER = ("retrieval_rank", "recording_leakage")
SHOWN = (*HEADLINES, "unseen_gain", "skill/mean", "retrieval_rank", "silhouette", "recording_leakage", "recording_chance")
BY_EFFECT = ("probe_recall", "retrieval", "retrieval_rank", "settings_r2", "skill")


def facts(evaluation: Evaluation) -> dict[str, Any]:
    """All of it, as JSON values: every score with the ends of its interval."""
    others = [column for column in evaluation.outcomes if column != MODEL]
    return {
        "evaluation_hash": evaluation.evaluation_hash,
        "backend": evaluation.backend,
        "items": evaluation.items,
        "recordings": list(evaluation.recordings),
        "knows_training": evaluation.knows_training,
        "chosen_on": evaluation.chosen_on,
        "remarks": list(evaluation.remarks),
        "scores": _plain(evaluation.estimates(MODEL)),
        "controls": {name: _plain(evaluation.estimates(name)) for name in others if name not in evaluation.rivals},
        "against": {name: _plain(evaluation.estimates(name)) for name in others if name in evaluation.rivals},
        "leads": {name: _plain(evaluation.leads(name)) for name in COMPARED if name in evaluation.outcomes[MODEL]},
        "knobs": {column: [asdict(knob) for knob in knobs] for column, knobs in evaluation.knobs.items()},
    }


def tables(evaluation: Evaluation) -> list[Table]:
    """One of the scores, one of each score by effect, one of the knobs."""
    columns = {column: evaluation.estimates(column) for column in evaluation.outcomes}
    known = columns[MODEL]
    effects = [name.partition("/")[2] for name in known if name.startswith("probe_recall/")]
    each = [f"{score}/{effect}" for score in BY_EFFECT for effect in effects if f"{score}/{effect}" in known]
    return [
        _table("score", [name for name in SHOWN if name in known], columns),
        _table("by effect", each, columns),
        _knob_table(evaluation),
    ]


def verdicts(evaluation: Evaluation) -> Iterator[str]:
    """A sentence for each score that is compared: what the model beats, what it does not, and what beats it, by how much."""
    for name in (name for name in COMPARED if name in evaluation.outcomes[MODEL]):
        leads = evaluation.leads(name)
        above = {column: lead for column, lead in leads.items() if lead.low > 0}
        below = {column: lead for column, lead in leads.items() if lead.high < 0}
        better, worse = (below, above) if name in LOWER_IS_BETTER else (above, below)
        parts = [
            _named("beats", better),
            _named("is not told apart from", {column: lead for column, lead in leads.items() if lead.low <= 0 <= lead.high}),
            _named("is beaten by", worse),
        ]
        yield f"{name} {_with_interval(evaluation.outcomes[MODEL][name].estimate(), '.3f')}: {'; '.join(filter(None, parts))}."


def footnote(evaluation: Evaluation) -> str:
    """What was measured on what."""
    heard = (
        "that the model never heard" if evaluation.knows_training else "(the model's card does not tell what it was trained on)"
    )
    return (
        f"{evaluation.items} clips of {len(evaluation.recordings)} recordings {heard}, effects rendered by {evaluation.backend}; "
        f"in brackets 95 % intervals over recordings, leads paired. Lower is better for {' and '.join(LOWER_IS_BETTER)}. "
        f"retrieval finds the one clip of the same settings among the {evaluation.items_of_an_effect - 1} others of its effect: "
        "how often in the nearest tenth, and at which rank (their median, as a share of those others). "
        "pca and statistics_pca are fitted on these very clips, which favours them. "
        f"{' '.join([f'Evaluation {evaluation.evaluation_hash}.{_flattery(evaluation)}', *evaluation.remarks])}"
    )


def _flattery(evaluation: Evaluation) -> str:
    if not evaluation.chosen_on:
        return ""
    return (
        f" {evaluation.chosen_on} of these recordings are those by which its sweep chose the model among its trials, which "
        "flatters it a little: others (--audio DIR) do not."
    )


def _plain(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    return {name: asdict(estimate) for name, estimate in estimates.items()}


def _named(verb: str, leads: Mapping[str, Estimate]) -> str:
    told = ", ".join(f"{column} by {_with_interval(lead, '+.3f')}" for column, lead in leads.items())
    return f"{verb} {told.replace(' by ', ' ') if verb.startswith('is not') else told}" if leads else ""


def _with_interval(estimate: Estimate, form: str) -> str:
    return f"{estimate.value:{form}} ({estimate.low:{form}} to {estimate.high:{form}})"


def _table(title: str, names: list[str], columns: Mapping[str, Mapping[str, Estimate]]) -> Table:
    table = Table(title, box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
    for name in names:
        table.add_row(name, *(_cell(estimates.get(name)) for estimates in columns.values()))
    return table


def _knob_table(evaluation: Evaluation) -> Table:
    table = Table("knob", box=None, header_style="bold", pad_edge=False)
    for column in ("unit", "R2", "95 %", "error", "guessing the mean"):
        table.add_column(column, justify="right")
    for knob in evaluation.knobs[MODEL]:
        interval = f"{knob.r2.low:.2f} to {knob.r2.high:.2f}"
        errors = (f"{knob.error:.3g}", f"{knob.mean_error:.3g}")
        table.add_row(f"{knob.effect} {knob.knob}", knob.unit, f"{knob.r2.value:.2f}", interval, *errors)
    return table


def _cell(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{estimate.value:.3f}"
