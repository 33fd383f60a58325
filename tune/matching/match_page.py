"""The page of a match: input, reference and result to be heard, side by side or blindly."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from trainables.audio import Audio
from trainables.matching.listening_page import MatchPage, match_page_html
from tune.errors import InvalidInput
from tune.matching.match import Matched, MatchRequest
from tune.matching.match_audio import MatchAudio
from tune.matching.match_words import sentences


def write_match_page(path: Path, request: MatchRequest, done: Matched, audio: MatchAudio, result: Audio) -> Path:
    """Writes the page; InvalidInput if it cannot be."""
    sounds = {"reference": audio.reference.wet, "result": result, "input": audio.dry}
    if audio.reference.dry is not None:
        sounds["reference before its effect"] = audio.reference.dry
    settings = {name: f"{value:.4g} {done.units[name]}".strip() for name, value in done.settings.items()}
    page = MatchPage(
        title=f"{request.source.name} in the style of {request.reference.name}",
        caption=f"{' '.join(sentences(done)).removesuffix('.')}. The input is what doing nothing sounds like.",
        sounds={name: np.ascontiguousarray(sound, np.float32) for name, sound in sounds.items()},
        sample_rate=audio.reference.sample_rate,
        settings={"effect": done.effect, **settings},
    )
    try:
        path.write_text(match_page_html(page), encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"--page {path}: could not be written ({error.strerror}). Name a file in a folder that is there."
        ) from error
    return path
