"""One effect on one recording: `fxsweep render`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from trainables.audio import Audio
from trainables.corpus.recordings import Unusable, read_audio
from trainables.effects import Effect, apply, dry_effect, resolve_backend
from trainables.effects.names import DRY
from trainables.effects.sources import load_effect
from trainables.errors import TakeFailed
from trainables.parameters import complete
from tune.errors import InvalidInput

OUTPUT_SUFFIXES = (".wav", ".flac", ".aiff", ".ogg", ".mp3")


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


def apply_to_file(
    source: str, effect: str, settings: Mapping[str, float], backend: str, output: str, gain_db: float = 0.0
) -> Applied:
    """Reads, renders at the file's own sample rate and channels, writes.

    Args:
        effect: a source (trainables/effects/sources.py): a name, `lv2:URI`, `vst3:PATH`, or a chain; "dry" for none.
        gain_db: what the result is amplified by.

    Raises:
        InputError, InvalidInput: nothing was written.
    """
    resolved = resolve_backend(backend)
    chosen = _chosen(effect, resolved)
    values = complete(chosen.parameters, settings)
    check_output(Path(output), Path(source))
    dry, sample_rate = _read(Path(source))
    try:
        wet = apply(chosen, np.ascontiguousarray(dry), sample_rate, values)
    except TakeFailed as error:
        raise InvalidInput(f"effect '{effect}': {error}. Nothing was written. Try other settings or another plugin.") from error
    write_audio(Path(output), wet * np.float32(10.0 ** (gain_db / 20.0)), sample_rate)
    return Applied(source, output, effect, chosen.backend, values, dry.shape[-1] / sample_rate)


def write_audio(output: Path, audio: Audio, sample_rate: int) -> None:
    """Writes (channels, samples); as floating point where the format is .wav.

    Raises:
        InvalidInput: the format has no place for it, or the disk is full.
    """
    try:
        soundfile.write(output, audio.T, sample_rate, subtype="FLOAT" if output.suffix.lower() == ".wav" else None)
    except (OSError, RuntimeError) as error:
        raise InvalidInput(f"output '{output}': could not be written ({error}). Try .wav.") from error


def _chosen(effect: str, backend: str) -> Effect:
    return dry_effect() if effect == DRY else load_effect(effect, backend)


def check_output(path: Path, source: Path) -> None:
    """Refuses an output that cannot be written, or that is the input itself (InvalidInput)."""
    if path.suffix.lower() not in OUTPUT_SUFFIXES:
        rule = f"its suffix '{path.suffix}' names no format that can be written."
        raise InvalidInput(f"output '{path}': {rule} Use one of {', '.join(OUTPUT_SUFFIXES)}.")
    if not path.parent.is_dir():
        raise InvalidInput(f"output '{path}': there is no folder '{path.parent}'. Make it first.")
    if path.exists() and source.exists() and path.samefile(source):
        raise InvalidInput(f"output '{path}': is the input itself. Give another file, so that the dry recording stays.")


def _read(path: Path) -> tuple[Audio, int]:
    if not path.is_file():
        raise InvalidInput(f"input '{path}': there is no such file. Check the path.")
    try:
        return read_audio(path)
    except Unusable as error:
        reason = str(error).rstrip(".")
        raise InvalidInput(f"input '{path}': {reason}. Give a recording that libsndfile or pedalboard can read.") from error
