"""What an effect is, whatever renders it, and the one way to use it: `apply`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np

from trainables.audio import Audio, check_audio
from trainables.digests import digest
from trainables.effects.names import DRY
from trainables.errors import InputError
from trainables.parameters import Parameter, Settings, complete
from trainables.rendering.denormals import flushed_denormals


class NotFinite(InputError):
    """An effect that gave NaN or infinite samples."""


BLOCK_SAMPLES = 8192  # fixed, because some plugins move their oscillators once a block


class Process(Protocol):
    """What a backend does with audio; only measuring asks for other blocks than those of BLOCK_SAMPLES."""

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio: ...


@dataclass(frozen=True)
class Effect:
    """One audio effect of one backend.

    Attributes:
        name: one of EFFECT_NAMES, or DRY.
        title: for people.
        backend: "mda", "pedalboard", or "" for DRY.
        parameters: its knobs, in the order of every settings vector.
        identity: hash of the build and of the parameter table: equal identities give equal bytes.
        process: (channels, samples) float32, sample rate, every setting -> the same shape. A fresh instance for
            each call, so that no state leaks from one clip into the next. Call `apply` instead: it checks.
    """

    name: str
    title: str
    backend: str
    parameters: tuple[Parameter, ...]
    identity: str
    process: Process


def apply(effect: Effect, dry: Audio, sample_rate: int, settings: Settings) -> Audio:
    """The wet audio: a pure function of its arguments, bit for bit.

    Args:
        effect: from `load_effects` or `dry_effect`.
        dry: (1 or 2 channels, samples) float32, finite, not empty; left as it is.
        sample_rate: in Hz, 8000 to 192000.
        settings: physical values by parameter name; what is not named keeps its default.

    Returns:
        Audio of the same shape. What would ring on after the clip's end is cut off.

    Raises:
        InputError: unusable audio, an unknown setting or one out of range, or a result that is not finite.
    """
    complete_settings = complete(effect.parameters, settings)
    with flushed_denormals():
        wet = effect.process(check_audio(dry, sample_rate), sample_rate, complete_settings)
    if not np.isfinite(wet).all():
        told = ", ".join(f"{name}={value:g}" for name, value in complete_settings.items())
        raise NotFinite(f"{effect.name} ({told})", "gave samples that are not finite.", "Lower the level of the input.")
    return wet


def dry_effect() -> Effect:
    """The tenth class: no effect at all."""
    return Effect(DRY, "Dry", "", (), digest(DRY), _copy)


def identify(backend: str, build: str, parameters: tuple[Parameter, ...], block_samples: int) -> str:
    """Short hash of everything that shapes an effect's output and how its settings are drawn (not of its wording)."""
    wording = {"unit", "meaning", "choices", "rate_dependent"}
    table = [{k: v for k, v in asdict(p).items() if k not in wording} for p in parameters]
    return digest({"backend": backend, "build": build, "parameters": table, "block_samples": block_samples})


def _copy(dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
    return dry.copy()
