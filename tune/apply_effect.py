"""One effect on one recording: `fxsweep render`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from trainables.effects import apply, load_effects, resolve_backend
from trainables.errors import nearest
from trainables.parameters import complete
from trainables.recordings import Unusable, read_audio
from tune.errors import InvalidInput


@dataclass(frozen=True)
class Applied:
    """What was done."""

    input: str
    output: str
    effect: str
    backend: str
    settings: Mapping[str, float]
    seconds: float

    def facts(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self.__dataclass_fields__}

    def sentence(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self.settings.items())
        return f"{self.output}: {self.seconds:.1f} s of {self.input} through {self.effect} ({self.backend}; {values})."


def parse_settings(pairs: Sequence[str]) -> dict[str, float]:
    """`["drive=0.7"]` -> {"drive": 0.7}."""
    settings: dict[str, float] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            settings[name.strip()] = float(value)
        except ValueError:
            raise InvalidInput(f"--set {pair}: must be NAME=NUMBER, like --set drive=0.7.") from None
    return settings


def apply_to_file(source: str, name: str, settings: Mapping[str, float], backend: str, output: str) -> Applied:
    """Reads, renders at the file's own sample rate and channels, writes.

    Raises:
        InputError, InvalidInput: nothing was written.
    """
    resolved = resolve_backend(backend)
    effects = load_effects(resolved)
    if name not in effects:
        raise InvalidInput(f"effect '{name}': there is no such effect. {nearest(name, effects)}")
    values = complete(effects[name].parameters, settings)
    if Path(output).suffix.lstrip(".").upper() not in soundfile.available_formats():
        raise InvalidInput(f"output '{output}': its suffix names no audio format that can be written. Use .wav or .flac.")
    try:
        dry, sample_rate = read_audio(Path(source))
    except Unusable as error:
        raise InvalidInput(f"input '{source}': {error}. Give a recording that libsndfile or pedalboard can read.") from error
    wet = apply(effects[name], np.ascontiguousarray(dry), sample_rate, values)
    try:
        soundfile.write(output, wet.T, sample_rate, subtype="FLOAT" if output.lower().endswith(".wav") else None)
    except (OSError, RuntimeError) as error:
        raise InvalidInput(f"output '{output}': could not be written ({error}). Does its folder exist?") from error
    return Applied(source, output, name, resolved, values, dry.shape[-1] / sample_rate)
