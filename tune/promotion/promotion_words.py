"""What `fxsweep promote` says: a table of contenders, then sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from trainables.evaluation.outcomes import Estimate, Outcome
from tune.promotion.decision import Decision, signed
from tune.promotion.promote import Promotion


def facts(promotion: Promotion) -> dict[str, Any]:
    """All of it, as JSON values."""
    version, decision = promotion.registered.version, promotion.decision
    return {
        "sweep": promotion.sweep,
        "outcome": promotion.registered.outcome,
        "model": version.name,
        "version": version.version,
        "trial": version.trial,
        "before": promotion.before,
        "objective": promotion.score,
        "evaluation_hash": promotion.evaluation_hash,
        "recordings": list(promotion.recordings),
        "seeds": promotion.seeds,
        "contenders": {name: asdict(outcome.estimate()) for name, outcome in _outcomes(promotion)},
        "seed_noise": asdict(decision.noise) if decision else None,
        "lead_over_champion": asdict(decision.over_champion) if decision and decision.over_champion else None,
        "leads_over_controls": {name: asdict(one) for name, one in decision.over_controls.items()} if decision else {},
        "remarks": list(promotion.remarks),
        "why_not": list(decision.why_not) if decision else [],
    }


def table(promotion: Promotion) -> Table | None:
    """The contenders, the best first; None where nobody was judged."""
    if promotion.decision is None:
        return None
    found = Table(promotion.score, box=None, header_style="bold", pad_edge=False)
    for column in ("score", "95 %", "winner's lead"):
        found.add_column(column, justify="right")
    leads = _leads(promotion, promotion.decision)
    for name, outcome in _outcomes(promotion):
        estimate = outcome.estimate()
        interval = f"{estimate.low:.3f} to {estimate.high:.3f}"
        found.add_row(name, f"{estimate.value:.3f}", interval, signed(leads[name]) if name in leads else "")
    return found


def sentences(promotion: Promotion) -> Iterator[str]:
    """What was done, why, and what it rests on."""
    yield _done(promotion)
    if (decision := promotion.decision) is None:
        return
    for reason in decision.why_not:
        yield f"Not shown: {reason}."
    yield _noise(decision)
    yield from promotion.remarks
    yield (
        f"Judged on {len(promotion.recordings)} recordings that no contender is known to have been trained on, validated on or "
        f"chosen by, {promotion.seeds} times with other settings and clips; all on the same takes (evaluation "
        f"{promotion.evaluation_hash}). Leads are paired; their 95 % intervals over recordings are as wide as so few "
        "recordings and so many candidates ask for."
    )


def _done(promotion: Promotion) -> str:
    version = promotion.registered.version
    name = f"{version.name} version {version.version} (trial {version.trial} of {promotion.sweep})"
    stays = f"; {promotion.before} stays champion" if promotion.before else "; there is no champion yet"
    instead = f", in the place of {promotion.before}. To take it back: fxsweep promote --rollback {version.name}"
    after = instead if promotion.before else ""
    return {
        "promoted": f"Promoted: {name} is champion{after}",
        "forced": f"Forced: {name} is champion{after}",
        "already champion": f"Nothing to do: {name} is champion already.",
        "candidate": f"Not promoted: {name} is registered as candidate{stays}.",
    }[promotion.registered.outcome]


def _noise(decision: Decision) -> str:
    noise = decision.noise
    if noise.models:
        models = f"{noise.models} models with the winner's settings and other seeds"
        return f"Seed noise: {noise.value:.3f}, the standard deviation between {models}, on these takes."
    matcher = decision.winner.candidate.config.matcher is not None
    tells = "a sweep's `repeat: 3` tells" if matcher else "--retrain 3 tells, or a sweep's `repeat: 3`"
    return (
        f"Seed noise: {noise.value:.3f}, the standard error of its mean lead over draws of settings and clips. The winner was "
        f"judged several times and not retrained: how far other training seeds differ, {tells}."
    )


def _outcomes(promotion: Promotion) -> Iterator[tuple[str, Outcome]]:
    """Of every candidate; of the champion and controls, on the winner's terms."""
    decision = promotion.decision
    if decision is None:
        return
    found = [(contest.candidate.name, contest.ours) for contest in promotion.contests]
    others = dict(decision.winner.controls)
    if decision.winner.champion is not None:
        others |= {f"champion, {promotion.before}": decision.winner.champion}
    yield from sorted([*found, *others.items()], key=lambda row: -row[1].value)


def _leads(promotion: Promotion, decision: Decision) -> Mapping[str, Estimate]:
    over = dict(decision.over_controls)
    return over | ({f"champion, {promotion.before}": decision.over_champion} if decision.over_champion else {})
