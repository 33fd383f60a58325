"""`fxsweep map`: the latent map of a model that is registered or pulled, with recordings of the user's on it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables.audio import Audio
from trainables.maps.clip_sound import ClipPair, encode_clip, encode_pair, level_pair, loudest_start
from trainables.maps.latent_map import LatentMap, project, score_caption, write_map
from trainables.maps.latent_page import PageMaterial, missing_timbres, timbre_columns
from trainables.timbre import Timbre, timbre
from tune.errors import InvalidInput
from tune.evaluation.added_clips import AddedClip, AddedClips, added_clips
from tune.evaluation.pairs import Pair, embed_clips
from tune.evaluation.unheard_clips import Question, Unheard, check_question, embed_judged, render_unheard
from tune.models.loaded_model import LoadedModel
from tune.models.registry import load_embedder
from tune.told_steps import Tell, untold

Embeddings = npt.NDArray[np.floating]


@dataclass(frozen=True)
class DrawnMap:
    """What was written.

    Attributes:
        files: picture, table and page.
        points: how many clips of the evaluation set.
        own_points: how many of the user's.
        left_out: sentences on what of the user's recordings is not on the map.
        knows_training: whether the model's card tells what it was trained on.
    """

    files: tuple[Path, ...]
    points: int
    own_points: int
    backend: str
    left_out: tuple[str, ...]
    knows_training: bool

    def sentences(self) -> list[str]:
        """For people."""
        doubt = [] if self.knows_training else ["Its card does not tell what it was trained on: it may know these recordings."]
        counts = f"{self.points} clips through the {self.backend} effects and {self.own_points} of yours"
        return [f"{counts} are on the map: {', '.join(map(str, self.files))}.", *self.left_out, *doubt]

    def facts(self) -> dict[str, Any]:
        return vars(self) | {"files": [str(file) for file in self.files]}


def draw_map(
    tracking_uri: str,
    reference: str,
    question: Question,
    own: Sequence[Pair],
    folder: Path,
    with_timbre: bool = False,
    tell: Tell = untold,
) -> DrawnMap:
    """Embeds recordings that the model never heard, through the effects, and the user's own, and draws all of them together.

    Writes latent_map.png, latent_map.parquet and latent_map.html into `folder`, which is made if it is not there.

    Raises:
        InvalidInput: no such model; a recording of the user's that cannot be used.
        InputError: recordings that the model knows, or too few.
    """
    check_question(question)
    _check_place(folder)
    model = load_embedder(tracking_uri, reference)
    added = added_clips(own, model.metadata)
    unheard = render_unheard(model, question, tell=tell)
    tell(f"embedding {len(unheard.judged.wet) + len(added.clips)} clips")
    ours, theirs = embed_judged(model, unheard.judged), _embed_own(model, added.clips)
    title = Path(reference).name if Path(reference).is_dir() else reference
    tell("measuring brightness and depth of each clip, and drawing" if with_timbre else "drawing")
    with threadpool_limits(limits=1):
        caption = f"{score_caption(ours, unheard.judged.as_spectrograms)}{_count(len(added.clips))}"
        together = np.concatenate([ours, *theirs])
        material = _material(unheard, added, with_timbre)
        takes = (*unheard.judged.as_spectrograms.takes, *(clip.take for clip in added.clips))
        drawn = LatentMap(project(together, question.seed), takes, unheard.config.held_out_effects, material.columns)
        _make(folder)
        files = write_map(folder, drawn, together, title, caption, material)
    return DrawnMap(files, len(ours), len(added.clips), unheard.backend, added.left_out, unheard.knows_training)


def _check_place(folder: Path) -> None:
    """Before the work; what cannot be done in the end leaves no empty folder."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = "cannot be written to" if there.is_dir() else "is a file"
        raise InvalidInput(f"output {folder}: {there} {why}. Name a folder: -o FOLDER")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"output {folder}: can't be made a folder ({error.strerror}). Name a folder: -o FOLDER") from error


def _embed_own(model: LoadedModel, clips: Sequence[AddedClip]) -> list[Embeddings]:
    return [np.stack(list(embed_clips(model, [clip.audio for clip in clips])))] if clips else []


def _count(own: int) -> str:
    return f" · {own} clip{'s' * (own > 1)} of yours" if own else ""


def _material(unheard: Unheard, added: AddedClips, with_timbre: bool) -> PageMaterial:
    """Sounds, knobs and, if wanted, brightness and depth of all clips."""
    judged, sample_rate = unheard.judged, unheard.config.sample_rate
    clips = [*np.stack([judged.dry, judged.wet], axis=1), *(clip.audio for clip in added.clips)]
    timbres: list[Timbre] = [timbre(clip[-1], sample_rate) for clip in clips] if with_timbre else []
    knobs: Mapping[str, Any] = {**unheard.knobs, **added.knobs}
    return PageMaterial(
        tuple(_sound(clip, sample_rate) for clip in clips), knobs, timbre_columns(timbres), missing_timbres(timbres)
    )


def _sound(clip: Audio, sample_rate: int) -> ClipPair:
    """Of (dry and wet, or wet alone; channels; samples)."""
    if len(clip) == 2:
        return encode_pair(clip[0], clip[1], sample_rate)
    wet, _ = level_pair(clip[0], clip[0])
    return ClipPair(b"", encode_clip(wet[:, loudest_start(wet, sample_rate) :], sample_rate))
