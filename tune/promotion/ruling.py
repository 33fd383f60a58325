"""What a promotion came to, as the registry and the model's card are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from tune.promotion.decision import Decision, findings
from tune.promotion.judgement import Judgement

MOST_NAMED, LONGEST_NAME = 30, 60  # of recordings, in characters: a tag in a store has room for 5,000
Outcome = Literal["promoted", "forced", "candidate"]


@dataclass(frozen=True)
class Ruling:
    """What is to be done with a version, and what is to be said of it.

    Attributes:
        compared_with: the version that was champion when it was judged; "" if none was.
        champion: the same, as people are told.
        why_not: sentences without their ends; what was not shown.
        found: what was measured, in a sentence without its end; "" where nothing was.
        evidence: for the card (see `models/card_promotion.py`), less `outcome`, `compared_with` and `why_not`.
    """

    outcome: Outcome
    compared_with: str
    champion: str
    why_not: tuple[str, ...] = ()
    found: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def evaluation_hash(self) -> str:
        return str(self.evidence.get("evaluation_hash", ""))

    def overtaken(self) -> Ruling:
        """The same where somebody else has become champion meanwhile, with whom nobody has compared it."""
        why = f"another version became champion while it was compared with {self.champion or 'controls alone'}. Judge it again"
        return replace(self, outcome="candidate", why_not=(*self.why_not, why))

    def facts(self) -> dict[str, Any]:
        """For the card, as JSON values."""
        return dict(self.evidence) | {
            "outcome": self.outcome,
            "compared_with": self.champion,
            "why_not": list(self.why_not),
        }

    def sentence(self) -> str:
        """For the version's description."""
        how = {"promoted": "Promoted", "forced": "Champion by force (--force)", "candidate": "Not promoted"}[self.outcome]
        told = (self.found if self.outcome == "promoted" else "") or "; ".join(self.why_not)
        hashed = f" (evaluation {self.evaluation_hash})" if self.evaluation_hash else ""
        return f"{how}: {told}{hashed}."


def ruled(decision: Decision, judged: Judgement, seeds: int, *, compared_with: str, champion: str, force: bool) -> Ruling:
    """What follows from a decision.

    Args:
        force: makes it champion whatever was not shown.
    """
    earned = decision.verdict == "promoted"
    evidence = {
        "objective": judged.score,
        "score": asdict(decision.winner.ours.estimate()),
        "lead_over_champion": asdict(decision.over_champion) if decision.over_champion else None,
        "leads_over_controls": {name: asdict(one) for name, one in decision.over_controls.items()},
        "seed_noise": asdict(decision.noise),
        "evaluation_hash": judged.evaluation_hash,
        "recordings": len(judged.recordings),
        "recording_names": [name[-LONGEST_NAME:] for name in judged.recordings[:MOST_NAMED]],
        "seeds": seeds,
    }
    outcome: Outcome = "promoted" if earned else "forced" if force else "candidate"
    return Ruling(outcome, compared_with, champion, decision.why_not, findings(decision, champion), evidence)
