"""The page of a trial's latent map: what `map_page` shows, made from an evaluation set and its embeddings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from trainables.evaluation.probes import standardize
from trainables.maps.clip_sound import ClipPair, encode_pair
from trainables.maps.map_page import MapPage, PageColumn, PageItem, PageSetting
from trainables.parameters import Parameter
from trainables.rendering.takes import Block, Take
from trainables.timbre import Timbre

Points = npt.NDArray[np.floating]
Knobs = Mapping[str, Sequence[Parameter]]


@dataclass(frozen=True)
class PageMaterial:
    """What the pages of all trials of a sweep share.

    Attributes:
        sounds: one for each item of the evaluation set.
        knobs: each effect's parameters by its name: units, scales, and which are drawn at all.
        columns: further numbers to colour by.
        missing: why some of those have no value, and how often; "" if all have.
    """

    sounds: tuple[ClipPair, ...]
    knobs: Knobs
    columns: tuple[PageColumn, ...] = field(default=())
    missing: str = ""


@dataclass(frozen=True)
class Shadow:
    """(items, 2) points along the two directions in which they vary most, and what share of the variance that is."""

    points: npt.NDArray[np.float32]
    share: float


def block_sounds(block: Block, sample_rate: int) -> list[ClipPair]:
    """A clip pair for each take of a block of audio."""
    return [encode_pair(dry, wet, sample_rate) for dry, wet in zip(block.dry, block.wet, strict=True)]


def timbre_columns(timbres: Sequence[Timbre]) -> tuple[PageColumn, ...]:
    """Brightness and depth of each item; none if nothing was measured."""
    if not timbres:
        return ()
    values = np.array([(one.brightness, one.depth) for one in timbres]).T
    return PageColumn("brightness", values[0]), PageColumn("depth", values[1])


def missing_timbres(timbres: Sequence[Timbre]) -> str:
    """`No brightness or depth: silent (2 clips), depth: no spectral peak (1 clip).`, or "" if nothing is missing."""
    counts = Counter(reason for one in timbres for reason in one.reasons)
    told = ", ".join(f"{reason} ({count} clip{'s' * (count > 1)})" for reason, count in sorted(counts.items()))
    return f"No brightness or depth: {told}." if told else ""


def shadow(embeddings: Points) -> Shadow:
    """The first two principal components of standardised embeddings (items, size), as UMAP is given them.

    A component's sign is that of its largest weight, so that equal embeddings give equal points.
    """
    points = np.zeros((len(embeddings), 2), np.float32)
    if len(embeddings) < 2 or not np.ptp(embeddings, axis=0).any():
        return Shadow(points, 0.0)
    values = embeddings.astype(np.float64)
    standard = standardize(values, values)
    _, sizes, axes = np.linalg.svd(standard, full_matrices=False)
    widest, power = axes[:2], np.square(sizes)
    largest = np.take_along_axis(widest, np.abs(widest).argmax(axis=1, keepdims=True), axis=1)
    points[:, : len(widest)] = standard @ (widest * np.sign(largest)).T
    return Shadow(points, float(power[:2].sum() / power.sum()))


def latent_page(
    title: str, caption: str, takes: Sequence[Take], held_out: Sequence[str], umap: Points, pca: Shadow, material: PageMaterial
) -> MapPage:
    """UMAP's plane beside the flat shadow of the same embedding, every point with its settings and its sound."""
    items = tuple(
        PageItem(take.effect, take.effect in held_out, take.recording, _settings(take, material.knobs), sound)
        for take, sound in zip(takes, material.sounds, strict=True)
    )
    note = f"{_note(pca.share)} {material.missing}".rstrip()
    return MapPage(title, caption, items, {"UMAP": umap, "PCA": pca.points}, note, material.columns)


def _note(share: float) -> str:
    return (
        "UMAP keeps neighbours together and draws gaps of its own; PCA is the plain shadow of the same embedding, with "
        f"{100 * share:.0f}\u00a0% of its variance. A gap or a string that only UMAP shows was made by UMAP."
    )


def _settings(take: Take, knobs: Knobs) -> tuple[PageSetting, ...]:
    """The knobs that are drawn, in the effect's order; all of them, by their bare names, if the effect is not known."""
    values = dict(take.settings)
    if take.effect not in knobs:
        return tuple(PageSetting(name, value, f"{value:.3g}") for name, value in values.items())
    return tuple(_setting(knob, values[knob.name]) for knob in knobs[take.effect] if not knob.frozen)


def _setting(knob: Parameter, value: float) -> PageSetting:
    return PageSetting(knob.name, value, knob.told(value), knob.unit, knob.scale == "log", knob.meaning)
