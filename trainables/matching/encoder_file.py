"""A VAE's encoder as a sweep keeps it: weights in a safetensors file, and as its metadata where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file
from torch import Tensor

from trainables.errors import InputError
from trainables.models.vae import Vae

ABOUT = "about"
PREFIX = "vae."  # as the embedder, which holds it, calls it


@dataclass(frozen=True)
class EncoderOrigin:
    """Where an encoder comes from.

    Attributes:
        model: NAME/VERSION.
        heard: names by content id of the recordings that it was trained or validated on.
    """

    model: str
    heard: Mapping[str, str]


def write_encoder(path: Path, vae: Vae, origin: EncoderOrigin) -> None:
    """Writes the weights of the encoder, without those of the decoder."""
    weights = {f"{PREFIX}{name}": w.contiguous() for name, w in vae.state_dict().items() if not name.startswith("decoder.")}
    save_file(weights, path, metadata={ABOUT: json.dumps({"model": origin.model, "heard": dict(origin.heard)})})


def read_origin(path: Path) -> EncoderOrigin:
    """Where it comes from; InputError if there is no such file, or it is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
        return EncoderOrigin(str(about["model"]), dict(about["heard"]))
    except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(f"encoder {path}", "is damaged or not there.", "Run the sweep again under another name.") from error


def encoder_weights(file: bytes) -> dict[str, Tensor]:
    """Those of a file's bytes, as `MatcherLearner.load_encoder` takes them; InputError if they are damaged."""
    try:
        return dict(load(file))
    except SafetensorError as error:
        raise InputError("encoder", "is damaged.", "Run the sweep again under another name.") from error
