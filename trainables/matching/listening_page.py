"""Pages to listen to: what a match has made, and a listening test in the manner of MUSHRA (ITU-R BS.1534-3).

Each is one HTML file that needs no network and no server. Their own files are in pages/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainables.audio import Audio
from trainables.matching.loudness import equally_loud
from trainables.matching.page_sound import PAGES, first_seconds, picture_uri, sound_uri
from trainables.pages.filled import filled_page


@dataclass(frozen=True, eq=False)
class MatchPage:
    """A match to be heard.

    Attributes:
        title, caption: for people.
        sounds: (channels, samples) each by name: "reference", "result" and "input" at least.
        sample_rate: of all of them.
        settings: names and values as text.
    """

    title: str
    caption: str
    sounds: Mapping[str, Audio]
    sample_rate: int
    settings: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Question:
    """One page of a listening test.

    Attributes:
        name: for the export.
        reference: what is right.
        conditions: sounds to be rated, by name; the hidden reference and the anchor are among them.
    """

    name: str
    reference: Audio
    conditions: Mapping[str, Audio]


def match_page_html(page: MatchPage) -> str:
    """The page as HTML: the beginnings of all sounds, equally loud; no blind comparison where the result is the input."""
    parts = {name: first_seconds(sound, page.sample_rate) for name, sound in page.sounds.items()}
    levelled = dict(zip(parts, equally_loud(list(parts.values()), page.sample_rate), strict=True))
    sounds = [
        {"name": name, "sound": sound_uri(sound, page.sample_rate), "picture": picture_uri(sound, page.sample_rate)}
        for name, sound in levelled.items()
    ]
    told = {
        "caption": page.caption,
        "settings": dict(page.settings),
        "shortened": any(parts[name].shape != sound.shape for name, sound in page.sounds.items()),
        "changed": not np.array_equal(page.sounds["result"], page.sounds["input"]),
    }
    return filled_page(PAGES, "match", page.title, {**told, "sounds": sounds})


def listening_test_html(title: str, questions: Sequence[Question], sample_rate: int) -> str:
    """A listening test as HTML: conditions in a new order for each listener, equally loud within a question, ratings exported."""
    return filled_page(PAGES, "mushra", title, {"questions": [_question(question, sample_rate) for question in questions]})


def _question(question: Question, sample_rate: int) -> dict[str, Any]:
    levelled = equally_loud([question.reference, *question.conditions.values()], sample_rate)
    uris = [sound_uri(sound, sample_rate) for sound in levelled]
    conditions = [{"name": name, "sound": uri} for name, uri in zip(question.conditions, uris[1:], strict=True)]
    return {"name": question.name, "reference": uris[0], "conditions": conditions}
