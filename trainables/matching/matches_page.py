"""A page of matches to be heard, each beside what would be right: one HTML file that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainables.audio import Audio
from trainables.matching.loudness import equally_loud
from trainables.matching.page_sound import PAGES, picture_uri, sound_uri
from trainables.pages.filled import filled_page


@dataclass(frozen=True, eq=False)
class HeardMatch:
    """One match.

    Attributes:
        name: which.
        told: how it went, in a sentence.
        sounds: (channels, samples) each by name.
        knobs: names with what they were set to and what would be right, as text.
    """

    name: str
    told: str
    sounds: Mapping[str, Audio]
    knobs: tuple[tuple[str, str, str], ...]


def matches_html(title: str, caption: str, matches: Sequence[HeardMatch], sample_rate: int) -> str:
    """The page; the sounds of a match are equally loud."""
    data = {"caption": caption, "matches": [_match(match, sample_rate) for match in matches]}
    return filled_page(PAGES, "matches", title, data)


def _match(match: HeardMatch, sample_rate: int) -> dict[str, Any]:
    levelled = dict(zip(match.sounds, equally_loud(list(match.sounds.values()), sample_rate), strict=True))
    sounds = [
        {"name": name, "sound": sound_uri(sound, sample_rate), "picture": picture_uri(sound, sample_rate)}
        for name, sound in levelled.items()
    ]
    return {"name": match.name, "told": match.told, "sounds": sounds, "knobs": match.knobs}
