"""Recordings that the user adds to a map, cut into clips as the model hears them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trainables.maps.added import added_class
from trainables.parameters import Parameter
from trainables.rendering.takes import Take
from tune.errors import InvalidInput
from tune.evaluation.pairs import PADDED_SHARE, Pair, Samples, check_kind, clip_starts, cut_clip, read_pair, rms_db

HOW = "DRY of --add DRY,WET"
SILENT_DB = -60.0
MOST_CLIPS = 60  # of a recording: more would push the evaluation set's own points together
START = "start_seconds"


@dataclass(frozen=True)
class AddedClip:
    """A clip of a recording.

    Attributes:
        take: its effect is the class of the recording (see `trainables.maps.added`), its only setting where it starts.
        audio: (1 or 2, channels, samples) float32: dry, if the model hears it, and wet.
    """

    take: Take
    audio: Samples


@dataclass(frozen=True)
class AddedClips:
    """All clips, and by class the setting that tells where they start.

    Attributes:
        left_out: sentences on what of the recordings is not among them.
    """

    clips: tuple[AddedClip, ...]
    knobs: Mapping[str, tuple[Parameter, ...]]
    left_out: tuple[str, ...]


def given_recordings(texts: Sequence[str]) -> list[Pair]:
    """`WET`, or `DRY,WET`; each once. A comma that is part of a name is understood if the files are there."""
    pairs = [_pair(text) for text in texts]
    return list(dict.fromkeys(pairs))


def added_clips(pairs: Sequence[Pair], metadata: Mapping[str, Any]) -> AddedClips:
    """Clips of all recordings, from the start of each and without overlap, as `fxsweep embed` cuts them; not the silent ones.

    Raises:
        InvalidInput: a file is missing, can't be read, is too short or silent; a dry file is missing or not wanted.
    """
    for pair in pairs:
        check_kind(pair, metadata, HOW)
    names = _names(pairs)
    found = [_clips_of(pair, name, metadata) for pair, name in zip(pairs, names, strict=True)]
    return AddedClips(
        clips=tuple(clip for clips, _ in found for clip in clips),
        knobs={clips[0].take.effect: (_start_knob(clips),) for clips, _ in found},
        left_out=tuple(f"{name}: {told}." for name, (_, told) in zip(names, found, strict=True) if told),
    )


def _pair(text: str) -> Pair:
    if Path(text).is_file() or "," not in text:
        return Pair(Path(text), None)
    cuts = [place for place, letter in enumerate(text) if letter == ","]
    splits = [(Path(text[:cut].strip()), Path(text[cut + 1 :].strip())) for cut in cuts]
    dry, wet = next((split for split in splits if split[0].is_file() and split[1].is_file()), splits[0])
    return Pair(wet, dry)


def _names(pairs: Sequence[Pair]) -> list[str]:
    """The files' own names; where two have the same, all of their paths."""
    counts = Counter(pair.wet.name for pair in pairs)
    return [pair.wet.name if counts[pair.wet.name] == 1 else str(pair.wet) for pair in pairs]


def _clips_of(pair: Pair, name: str, metadata: Mapping[str, Any]) -> tuple[list[AddedClip], str]:
    """The clips of a recording, and what is left out."""
    audio, needed = read_pair(pair, metadata), metadata["clip_samples"]
    _refuse_short(pair.wet, audio.shape[-1], metadata)
    cut = [(start, cut_clip(audio, start, needed)) for start in clip_starts(audio.shape[-1], needed)]
    heard = [(start, clip) for start, clip in cut if min(map(rms_db, clip)) > SILENT_DB]
    if not heard:
        which = "it" if pair.dry is None else f"it or its dry file {pair.dry}"
        raise InvalidInput(
            f"file {pair.wet}: silent: in every clip {which} is below {SILENT_DB:.0f} dB full scale. Give a recording with sound."
        )
    kept = _spread(heard)
    clips = [AddedClip(_take(name, start, metadata["sample_rate"]), clip) for start, clip in kept]
    return clips, _left_out(len(cut), len(heard), len(kept))


def _left_out(cut: int, heard: int, kept: int) -> str:
    """`2 of 70 clips silent, left out; 60 of 68 clips on the map, evenly spread`, or "" if all are on it."""
    silent = f"{cut - heard} of {cut} clips silent, left out" if heard < cut else ""
    spread = f"{kept} of {heard} clips on the map, evenly spread" if kept < heard else ""
    return "; ".join(filter(None, (silent, spread)))


def _spread(clips: list[tuple[int, Samples]]) -> list[tuple[int, Samples]]:
    """At most MOST_CLIPS, evenly over the recording."""
    places = np.linspace(0, len(clips) - 1, min(len(clips), MOST_CLIPS)).round().astype(int)
    return [clips[place] for place in places]


def _refuse_short(file: Path, samples: int, metadata: Mapping[str, Any]) -> None:
    rate, needed = metadata["sample_rate"], PADDED_SHARE * metadata["clip_samples"]
    if samples < needed:
        raise InvalidInput(
            f"file {file}: too short: {samples / rate:.2f} s, and at least {needed / rate:.2f} s are needed, a quarter of "
            f"the model's clip. Give a longer recording."
        )


def _take(name: str, start: int, sample_rate: int) -> Take:
    return Take(name, start, added_class(name), ((START, start / sample_rate),))


def _start_knob(clips: Sequence[AddedClip]) -> Parameter:
    last = max(dict(clip.take.settings)[START] for clip in clips)
    return Parameter(START, 0.0, max(last, 1.0), 0.0, "s", meaning="where the clip starts in your recording")
