"""Takes and blocks as values: what is asked of the render actors and what they give back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trainables.configs import FrontEndConfig

Partition = Literal["train", "validation", "evaluation"]
Spectrograms = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Take:
    """One rendered example to be: a clip of a recording through an effect with given settings.

    Attributes:
        recording: the recording's name in its corpus.
        offset_samples: where the clip starts, at the corpus's sample rate.
        effect: a name of EFFECT_NAMES, or DRY.
        settings: every parameter's physical value, sorted by name.
    """

    recording: str
    offset_samples: int
    effect: str
    settings: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class BlockRequest:
    """The takes of one (effect, draw) of a partition of the recordings.

    `items` is even: every setting is rendered on two different recordings, next to each other.
    Evaluation draws are folds: even and odd draws use disjoint halves of the evaluation recordings.
    """

    effect: str
    partition: Partition
    draw: int
    items: int


@dataclass(frozen=True)
class RenderPlan:
    """What shapes every block of a sweep beside the request itself."""

    corpus_id: str
    sample_rate: int
    clip_samples: int
    channels: int
    seed: int
    backend: str
    effect_ids: tuple[tuple[str, str], ...]  # (effect name, identity of its build and parameter table)
    front_end: FrontEndConfig


@dataclass(frozen=True)
class Block:
    """Rendered takes as log-mel spectrograms.

    Attributes:
        effect: which effect.
        dry, wet: (items, channels, bands, frames) float32, see features.py.
        settings: (items, parameters) float32, normalised to 0..1, in the effect's parameter order.
        setting_ids: (items,) int64; equal where two takes have the same settings.
        takes: one for each item.
    """

    effect: str
    dry: Spectrograms
    wet: Spectrograms
    settings: npt.NDArray[np.float32]
    setting_ids: npt.NDArray[np.int64]
    takes: tuple[Take, ...]


def block_identity(plan: RenderPlan, request: BlockRequest) -> str:
    """Hash of everything that shapes a block's bytes (only its own effect's build, not the others')."""
    shared = asdict(plan) | {"effect_ids": dict(plan.effect_ids).get(request.effect, "")}
    return digest({"plan": shared, "request": asdict(request)})


def block_bytes(plan: RenderPlan, request: BlockRequest) -> int:
    """About how much memory a block takes."""
    frames = plan.clip_samples // plan.front_end.hop_samples + 1
    return 2 * 4 * request.items * plan.channels * plan.front_end.bands * frames


def digest(value: object) -> str:
    """First 16 hex digits of the SHA-256 of a JSON value with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
