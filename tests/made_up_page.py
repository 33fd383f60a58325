"""Pages of latent maps for tests: few points in known places, or as many as the largest map has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from trainables.corpus.synthetic import synthesize
from trainables.effects.names import DRY, EFFECT_NAMES, SEED_HELD_OUT
from trainables.maps.clip_sound import ClipPair, encode_pair
from trainables.maps.map_page import MapPage, PageColumn, PageItem, PageSetting

RATE = 22050
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.5]], np.float32)  # the last is the middle
LAST = len(CORNERS) - 1


@lru_cache
def corpus_sounds() -> tuple[ClipPair, ...]:
    """Each recording of the built-in corpus beside a hard distortion of it."""
    return tuple(encode_pair(dry, np.tanh(30 * dry), RATE) for dry in synthesize(RATE, 2.0).values())


def settings(number: int) -> tuple[PageSetting, ...]:
    drive, tone = number % 40 + 0.5, 500.0 + 10 * number
    return PageSetting("drive_db", drive, f"{drive} dB", "dB"), PageSetting("tone_hz", tone, f"{tone:.0f} Hz", "Hz", True)


def item(number: int) -> PageItem:
    effect = (*EFFECT_NAMES, DRY)[number % 10]
    sounds = corpus_sounds()
    knobs = () if effect == DRY else settings(number)
    return PageItem(effect, effect in SEED_HELD_OUT, f"voice/{(3 * number + 1) % 7}", knobs, sounds[number % len(sounds)])


def small_page(items: Sequence[PageItem] | None = None) -> MapPage:
    """Five points: a square's corners and its middle, which in PCA is the lower left corner."""
    five = tuple(items or map(item, range(5)))
    values = np.array([1.0, 2.0, np.nan, 4.0, 5.0])
    columns = (PageColumn("brightness", values), PageColumn("depth", np.full(5, np.nan), "%"))
    return MapPage("a trial", "its score", five, {"UMAP": CORNERS, "PCA": CORNERS[[4, 1, 2, 3, 0]]}, "a note", columns)


def largest_page(points: int = 1500) -> MapPage:
    """All sounds differ, as those of a map do."""
    items = tuple(_told_apart(item(number), number) for number in range(points))
    planes = {name: np.random.default_rng(seed).standard_normal((points, 2)) for seed, name in enumerate(("UMAP", "PCA"))}
    brightness = PageColumn("brightness", np.linspace(10.0, 90.0, points))
    return MapPage("a trial", "its score", items, planes, "a note", (brightness,))


def _told_apart(item: PageItem, number: int) -> PageItem:
    assert item.sound is not None
    tail = number.to_bytes(2, "big")
    return replace(item, sound=ClipPair(item.sound.dry + b"d" + tail, item.sound.wet + b"w" + tail))
