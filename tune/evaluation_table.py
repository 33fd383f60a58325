"""What `fxsweep evaluate` prints: scores in columns, and in words which controls are beaten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from tune.evaluate import MODEL, Evaluation

HEADLINES = ("probe_accuracy", "knn_accuracy", "unseen_accuracy", "retrieval", "settings_r2")
LOWER_IS_BETTER = ("recording_leakage",)
SHOWN = (*HEADLINES, "retrieval_rank", "silhouette", *LOWER_IS_BETTER, "recording_chance")


def facts(evaluation: Evaluation) -> dict[str, Any]:
    """All of it, as JSON values."""
    told = {"evaluation_hash": evaluation.evaluation_hash, "backend": evaluation.backend, "items": evaluation.items}
    known = {"recordings": list(evaluation.recordings), "knows_training": evaluation.knows_training}
    return told | known | {"scores": evaluation.scores}


def tables(evaluation: Evaluation) -> list[Table]:
    """One of the scores, one of every effect's recall and retrieval."""
    known = evaluation.scores[MODEL]
    effects = [name.partition("/")[2] for name in known if name.startswith("probe_recall/")]
    each = [f"{score}/{effect}" for effect in effects for score in ("probe_recall", "retrieval") if f"{score}/{effect}" in known]
    return [_table("score", [name for name in SHOWN if name in known], evaluation), _table("by effect", each, evaluation)]


def verdicts(evaluation: Evaluation) -> Iterator[str]:
    """A sentence for each headline score: what the model beats, and what it does not."""
    ours = evaluation.scores[MODEL]
    for name in (name for name in HEADLINES if name in ours):
        others = {other: scores for other, scores in evaluation.scores.items() if other != MODEL}
        beaten = [_told(other, scores, name) for other, scores in others.items() if ours[f"{name}_low"] > scores[f"{name}_high"]]
        rest = [_told(other, scores, name) for other, scores in others.items() if ours[f"{name}_low"] <= scores[f"{name}_high"]]
        parts = [f"beats {', '.join(beaten)}"] if beaten else []
        parts += [f"is not told apart from, or is below, {', '.join(rest)}"] if rest else []
        yield f"{name} {_told('', ours, name).strip()}: {'; '.join(parts)}."


def footnote(evaluation: Evaluation) -> str:
    """What was measured on what."""
    heard = (
        "that the model never heard" if evaluation.knows_training else "(the model's card does not tell what it was trained on)"
    )
    return (
        f"{evaluation.items} clips of {len(evaluation.recordings)} recordings {heard}, effects rendered by {evaluation.backend}; "
        f"in brackets 95 % intervals over recordings. Evaluation {evaluation.evaluation_hash}."
    )


def _told(column: str, scores: dict[str, float], name: str) -> str:
    return f"{column} {scores[name]:.3f} ({scores[f'{name}_low']:.3f} to {scores[f'{name}_high']:.3f})"


def _table(title: str, names: list[str], evaluation: Evaluation) -> Table:
    table = Table(title, box=None, header_style="bold", pad_edge=False)
    for column in evaluation.scores:
        table.add_column(column, justify="right")
    for name in names:
        table.add_row(name, *(_cell(scores.get(name)) for scores in evaluation.scores.values()))
    return table


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
