"""Takes and blocks as values: what is asked of the render actors and what they give back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from trainables.configs import FrontEndConfig
from trainables.digests import digest
from trainables.effects.selection import EffectChoice

Partition = Literal["train", "validation", "evaluation", "promotion"]  # the last: no trial ever hears it
Form = Literal["mel", "audio", "timbre", "features"]
Spectrograms = npt.NDArray[np.float32]
Probed = npt.NDArray[np.floating[Any]]
"""What `Probes` ask for: one render after another."""
FEATURE_VALUES = 4200  # of a take, about


@dataclass(frozen=True)
class Take:
    """One rendered example to be: a clip of a recording through an effect with given settings.

    Attributes:
        recording: the recording's name in its corpus.
        offset_samples: where the clip starts, at the corpus's sample rate.
        effect: one of the sweep's effects, or DRY.
        settings: every parameter's physical value, sorted by name.
        speed: that the recording is played at; above 1 it is faster and higher.
    """

    recording: str
    offset_samples: int
    effect: str
    settings: tuple[tuple[str, float], ...]
    speed: float = 1.0


@dataclass(frozen=True)
class BlockRequest:
    """The takes of one (effect, draw) of a partition of the recordings.

    `items` is even: every setting is rendered on two different recordings, next to each other.
    Evaluation draws are folds: even and odd draws use disjoint halves of the evaluation recordings.
    `form` is what is wanted of each take: its log-mel spectrograms, its audio, the timbre of its wet clip, or the features
    that a matcher sees of it.
    """

    effect: str
    partition: Partition
    draw: int
    items: int
    form: Form = "mel"


@dataclass(frozen=True)
class Probes:
    """One take's clip at other settings, for the one who asks alone: no block of the sweep, and kept by nobody.

    Attributes:
        take: the clip, and the settings that would be right.
        settings: of each render, as a take has them; None is the clip as it is.
        form: "audio" gives (renders, channels, samples) float32; "distance" (renders,) float64, how far each is in dB from the
            take itself (matching/mel_distance.py), NaN where it cannot be rendered.
    """

    take: Take
    settings: tuple[tuple[tuple[str, float], ...] | None, ...]
    form: Literal["audio", "distance"] = "distance"

    @property
    def effect(self) -> str:
        """Which effect."""
        return self.take.effect

    @property
    def items(self) -> int:
        """How many renders."""
        return len(self.settings)


Request = BlockRequest | Probes
"""What render actors are asked for."""


@dataclass(frozen=True)
class PlannedEffect:
    """An effect of a sweep, and the identity of the build and parameter table that the sweep began with."""

    choice: EffectChoice
    identity: str


@dataclass(frozen=True)
class RenderPlan:
    """What shapes every block of a sweep beside the request itself; `speed_octaves` those of the partition "train" only."""

    corpus_id: str
    sample_rate: int
    clip_samples: int
    channels: int
    seed: int
    effects: tuple[PlannedEffect, ...]  # without DRY, which has no build
    front_end: FrontEndConfig
    speed_octaves: float = 0.0


@dataclass(frozen=True)
class Rejection:
    """A take that could not be rendered and was replaced by one with other settings.

    Attributes:
        take: the one that failed.
        reason: a kind of reason, then perhaps a colon and details.
        tries: how often it was tried.
    """

    take: Take
    reason: str
    tries: int


@dataclass(frozen=True)
class Block:
    """Rendered takes.

    Attributes:
        effect: which effect.
        dry, wet: (items, channels, bands, frames) float32 log-mel spectrograms, see features.py; or
            (items, channels, samples) float32 audio; or of the form "timbre" (items, 0) and (items, 2) float32,
            brightness and depth of the wet clips, NaN where there is none; or of the form "features" what
            matching/takes.py lays out.
        settings: (items, parameters) float32, normalised to 0..1, in the effect's parameter order.
        setting_ids: (items,) int64; equal where two takes have the same settings.
        takes: one for each item.
        rejected: what else was tried.
        unmeasured: of the form "timbre", why values are NaN, for each clip as `timbre.Timbre` has it.
    """

    effect: str
    dry: Spectrograms
    wet: Spectrograms
    settings: npt.NDArray[np.float32]
    setting_ids: npt.NDArray[np.int64]
    takes: tuple[Take, ...]
    rejected: tuple[Rejection, ...] = ()
    unmeasured: tuple[str, ...] = ()


def block_identity(plan: RenderPlan, request: BlockRequest) -> str:
    """Hash of everything that shapes a block's bytes: of its own effect's build, not of the others in the sweep."""
    varied = {"speed_octaves": plan.speed_octaves} if plan.speed_octaves and request.partition == "train" else {}
    return digest({"plan": _plan_identity(plan, request.effect, request.form), "request": vars(request), **varied})


@lru_cache(maxsize=64)
def _plan_identity(plan: RenderPlan, effect: str, form: Form) -> str:
    builds = {planned.choice.name: planned.identity for planned in plan.effects}
    shared = {key: value for key, value in vars(plan).items() if key not in ("effects", "front_end", "speed_octaves")}
    front_end = asdict(plan.front_end) if form == "mel" else None
    return digest({"shared": shared, "front_end": front_end, "build": builds.get(effect, "")})


def block_bytes(plan: RenderPlan, request: Request) -> int:
    """About how much memory the answer takes."""
    if isinstance(request, Probes):
        return (4 * plan.clip_samples * plan.channels if request.form == "audio" else 8) * request.items
    if request.form == "timbre":
        return 2 * 4 * request.items
    if request.form == "features":
        return 4 * FEATURE_VALUES * request.items
    frames = plan.clip_samples // plan.front_end.hop_samples + 1
    values = plan.front_end.bands * frames if request.form == "mel" else plan.clip_samples
    return 2 * 4 * request.items * plan.channels * values
