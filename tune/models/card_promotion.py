"""The part of a model's card that tells of its promotion: what it was compared with, and what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

EVIDENCE = "fxsweep.evidence"  # tag of a version: what its last promotion found, as JSON
TOLD = {
    "promoted": "Promoted: it was better than {rival}, and than every control, by more than chance.",
    "forced": "Made champion by force (`--force`), in the place of {rival}: it was not shown to be better.",
    "candidate": "Not promoted: it was not shown to be better than {rival}, and than every control.",
}


def promotion_section(card: Mapping[str, Any]) -> list[str]:
    """Nothing of a card of a model that nobody has tried to promote.

    Args:
        card: `promotion`: outcome, compared_with, objective, score, lead_over_champion, leads_over_controls, seed_noise,
            evaluation_hash, recordings (how many), seeds, why_not.
    """
    told: Mapping[str, Any] | None = card.get("promotion")
    if not told:
        return []
    outcome = TOLD[told["outcome"]].format(rival=told["compared_with"] or "nobody, because there was no champion")
    return ["## Promotion\n", outcome + "\n", *(f"- {reason}\n" for reason in told.get("why_not", ())), *_measured(told)]


def promotion_told(tags: Mapping[str, str]) -> dict[str, Any]:
    """`{"promotion": ...}` as a version's tags tell it; empty if they do not."""
    return {"promotion": json.loads(tags[EVIDENCE])} if EVIDENCE in tags else {}


def _measured(told: Mapping[str, Any]) -> Iterator[str]:
    if "score" not in told:
        return
    yield "| compared with | lead, with its 95 % interval |\n| --- | --- |\n" + "".join(_leads(told))
    noise = told["seed_noise"]
    of = f"between {noise['models']} models of other training seeds" if noise["models"] else "between draws, none retrained"
    yield (
        f"{told['objective']} {_interval(told['score'], '.3f')} on {told['recordings']} recordings that no contender knew, "
        f"{told['seeds']} draws; seed noise {noise['value']:.3f} ({of}); evaluation `{told['evaluation_hash']}`. "
        "Leads are paired, on the same takes; their intervals allow for the number of recordings and of candidates.\n"
    )


def _leads(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("lead_over_champion"):
        yield f"| {told['compared_with']} | {_interval(told['lead_over_champion'])} |\n"
    for name, lead in told["leads_over_controls"].items():
        yield f"| {name} | {_interval(lead)} |\n"


def _interval(estimate: Mapping[str, float], form: str = "+.3f") -> str:
    return f"{estimate['value']:{form}} ({estimate['low']:{form}} to {estimate['high']:{form}})"
