"""What the rendering of a sweep did, as numbers that reach its status and its MLflow run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from trainables.rendering.takes import Rejection


@dataclass(frozen=True)
class RenderCounts:
    """Counts since the catalogue started; `+` joins those of a catalogue that died and its successor.

    Attributes:
        asked_takes: by trials, each time they ask.
        rendered_takes: all that were rendered; `rendered_again_takes` of them not for the first time, because their
            block had been dropped or lost.
        retried_takes: sent to another actor because theirs died.
        probes: renders of takes at other settings, for one trial alone (`takes.Probes`).
        rendered_blocks, evicted_blocks: the latter dropped to stay within the budget of bytes.
        different_blocks: rendered again with other bytes, which must never happen.
        actor_seconds: that actors spent rendering, all together.
        rejected: how many takes were replaced, by reason.
        unmeasured: how many brightnesses or depths have no value, by reason.
        kept_blocks, kept_bytes, waiting_blocks, actors: as they are now.
        refused: why actors cannot render, by sentence.
        catalogue_id: another one after the catalogue died.
    """

    asked_takes: int = 0
    rendered_takes: int = 0
    rendered_again_takes: int = 0
    retried_takes: int = 0
    probes: int = 0
    rendered_blocks: int = 0
    evicted_blocks: int = 0
    different_blocks: int = 0
    actor_seconds: float = 0.0
    rejected: Mapping[str, int] = field(default_factory=dict)
    unmeasured: Mapping[str, int] = field(default_factory=dict)
    kept_blocks: int = 0
    kept_bytes: int = 0
    waiting_blocks: int = 0
    actors: int = 0
    refused: tuple[str, ...] = ()
    catalogue_id: str = ""

    @property
    def shared_takes(self) -> int:
        """What trials got without a render of their own."""
        return max(0, self.asked_takes - (self.rendered_takes - self.rendered_again_takes))

    @property
    def rejected_takes(self) -> int:
        return sum(self.rejected.values())

    @property
    def takes_per_second(self) -> float:
        """Of one actor while it renders."""
        return self.rendered_takes / self.actor_seconds if self.actor_seconds else 0.0

    def plus(self, **more: float) -> RenderCounts:
        """The counts with some of them raised."""
        return replace(self, **{name: getattr(self, name) + value for name, value in more.items()})

    def with_rejections(self, rejections: tuple[Rejection, ...]) -> RenderCounts:
        reasons = Counter(rejection.reason.partition(":")[0] for rejection in rejections)
        return replace(self, rejected=_joined(self.rejected, reasons)) if rejections else self

    def with_unmeasured(self, reasons: tuple[str, ...]) -> RenderCounts:
        return replace(self, unmeasured=_joined(self.unmeasured, Counter(reasons))) if reasons else self

    def __add__(self, later: RenderCounts) -> RenderCounts:
        """Sums of what happened; of what is, only the later."""
        happened = [f.name for f in fields(self) if f.name not in AS_IT_IS]
        summed = {name: getattr(self, name) + getattr(later, name) for name in happened}
        rejected, unmeasured = (_joined(getattr(self, name), getattr(later, name)) for name in ("rejected", "unmeasured"))
        return replace(later, **summed, rejected=rejected, unmeasured=unmeasured)

    def facts(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        more = {"shared_takes": self.shared_takes, "rejected_takes": self.rejected_takes}
        return asdict(self) | more | {"takes_per_actor_second": round(self.takes_per_second, 1)}

    def sentence(self) -> str:
        """`2848 takes rendered by 2 actors, 14002 shared; 16 again, 8 retried, 2 replaced (silent 2)`."""
        exceptions = {
            "rendered again": self.rendered_again_takes,
            "sent to another actor": self.retried_takes,
            f"replaced ({_by_reason(self.rejected)})": self.rejected_takes,
            f"without brightness or depth ({_by_reason(self.unmeasured)})": sum(self.unmeasured.values()),
            "blocks dropped for want of memory": self.evicted_blocks,
            "blocks that came out differently": self.different_blocks,
        }
        probed = [f"{self.probes} renders at other settings, for gradients and gates"] if self.probes else []
        told = ", ".join(f"{count} {name}" for name, count in exceptions.items() if count)
        speed = f", {self.takes_per_second:.0f} a second each" if self.actor_seconds else ""
        head = f"{self.rendered_takes} takes rendered by {self.actors} actors{speed}; {self.shared_takes} shared"
        return "; ".join([head, *probed, *([told] if told else []), *self.refused])

    def metrics(self) -> dict[str, float]:
        """As metrics of the sweep's run."""
        return {
            "takes/asked": self.asked_takes,
            "takes/rendered": self.rendered_takes,
            "takes/shared": self.shared_takes,
            "takes/rendered_again": self.rendered_again_takes,
            "takes/retried": self.retried_takes,
            "takes/rejected": self.rejected_takes,
            "takes/probes": self.probes,
            "takes/unmeasured": sum(self.unmeasured.values()),
            "blocks/rendered": self.rendered_blocks,
            "blocks/evicted": self.evicted_blocks,
            "blocks/different": self.different_blocks,
            "render/actor_seconds": self.actor_seconds,
            "render/takes_per_second": self.takes_per_second,
        }


def _joined(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(more))


def _by_reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())


AS_IT_IS = ("rejected", "unmeasured", "kept_blocks", "kept_bytes", "waiting_blocks", "actors", "refused", "catalogue_id")


def from_facts(facts: Mapping[str, Any]) -> RenderCounts:
    """The other way round from `facts`; what is not known is passed over."""
    known = {f.name for f in fields(RenderCounts)}
    given = {name: value for name, value in facts.items() if name in known}
    return RenderCounts(**given | {"refused": tuple(given.get("refused", ()))})
