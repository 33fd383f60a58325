"""An effect of our own process, rendered in one of its own: for takes that are known to have killed the process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Effect
from trainables.effects.isolation.isolated import Hosted, render_isolated
from trainables.effects.selection import EffectChoice, KnobSetting, load_choice
from trainables.parameters import Settings


@dataclass(frozen=True)
class _Process:
    hosted: Hosted

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
        return render_isolated(self.hosted, dry, sample_rate, settings, block_samples)


def apart(effect: Effect, choice: EffectChoice) -> Effect:
    """The effect that `choice` loads, with the same bytes, but a crash costs one take (TakeFailed)."""
    specification = json.dumps({"kind": "choice", **asdict(choice)})
    return replace(effect, process=_Process(Hosted(f"{choice.backend}:{choice.source}", specification)))


class ChoiceHost:
    """A loaded effect inside the process that hosts it.

    Args:
        specification: the fields of an EffectChoice, as JSON gives them back.
    """

    def __init__(self, specification: dict[str, object]) -> None:
        fields = {name: specification[name] for name in ("name", "source", "backend")}
        self._effect = load_choice(EffectChoice(**fields, knobs=_knobs(specification["knobs"])))  # type: ignore[arg-type]

    def introduce(self) -> dict[str, str]:
        return {"title": self._effect.title}

    def render(self, dry: Audio, sample_rate: int, settings: dict[str, float], block_samples: int) -> Audio:
        """`settings`: every physical value by parameter name."""
        return self._effect.process(dry, sample_rate, settings, block_samples=block_samples)


def _knobs(listed: object) -> tuple[tuple[str, KnobSetting], ...]:
    assert isinstance(listed, list)
    return tuple((name, tuple(setting) if isinstance(setting, list) else setting) for name, setting in listed)
