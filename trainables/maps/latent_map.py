"""A trial's latent space as a picture and a table: UMAP of the evaluation set's embeddings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.parquet

from trainables.configs import TrialConfig
from trainables.evaluation.evaluation import EvaluationSet, score
from trainables.evaluation.probes import standardize
from trainables.maps.latent_page import PageMaterial, latent_page, shadow
from trainables.maps.map_page import PageColumn, write_map_page
from trainables.maps.pictures import draw_latent_map, learning_curve_png, save
from trainables.rendering.takes import Take
from trainables.training.embedder import build_vae, kept_weights
from trainables.training.judge import embed

__all__ = ["LatentMap", "learning_curve_png", "make_latent_map", "map_table", "project", "write_latent_map"]

NEIGHBOURS = 15
NAME = "latent_map"


@dataclass(frozen=True)
class LatentMap:
    """The evaluation set on a plane.

    Attributes:
        points: (items, 2), without unit.
        takes: one for each item.
        held_out: effects that the model never saw in training.
        columns: further numbers of each item, such as its brightness.
    """

    points: npt.NDArray[np.float32]
    takes: tuple[Take, ...]
    held_out: tuple[str, ...]
    columns: tuple[PageColumn, ...] = ()


def project(embeddings: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.float32]:
    """(items, size) to (items, 2) by UMAP (McInnes, Healy & Melville 2018); the same seed gives the same bytes.

    Every dimension counts the same, as in the probes. What cannot be spread out, a constant embedding or
    fewer than three items, stays at the origin.
    """
    items = len(embeddings)
    if items < 3 or not np.ptp(embeddings, axis=0).any():
        return np.zeros((items, 2), np.float32)
    values = embeddings.astype(np.float64)
    from umap import UMAP  # compiles for seconds

    few = items <= NEIGHBOURS or values.shape[1] < 2  # too few for components to start from
    start = "random" if few else "pca"  # a spectral start is another one each time where the graph falls apart
    umap = UMAP(n_neighbors=min(NEIGHBOURS, items - 1), init=start, random_state=seed, n_jobs=1)
    return np.asarray(umap.fit_transform(standardize(values, values)), dtype=np.float32)


def make_latent_map(
    config: TrialConfig,
    state: Mapping[str, Any],
    evaluation_set: EvaluationSet,
    folder: Path,
    title: str,
    seed: int,
    material: PageMaterial | None = None,
    name: str = NAME,
) -> LatentMap:
    """Embed the evaluation set with a trial's kept weights and draw it.

    See `write_map` for the files.
    """
    embeddings = embed(build_vae(config, kept_weights(state)), evaluation_set)
    columns = material.columns if material else ()
    latent_map = LatentMap(project(embeddings, seed), evaluation_set.takes, config.held_out_effects, columns)
    write_map(folder, latent_map, embeddings, title, score_caption(embeddings, evaluation_set), material, name)
    return latent_map


def write_map(
    folder: Path,
    latent_map: LatentMap,
    embeddings: npt.NDArray[np.floating],
    title: str,
    caption: str,
    material: PageMaterial | None,
    name: str = NAME,
) -> tuple[Path, ...]:
    """Write the picture NAME.png and the table NAME.parquet; given what to hear, also NAME.html (see `map_page`)."""
    files = write_latent_map(folder, latent_map, title, caption, name)
    if material is None:
        return files
    takes, held_out, umap = latent_map.takes, latent_map.held_out, latent_map.points
    page = latent_page(title, caption, takes, held_out, umap, shadow(embeddings), material)
    return *files, write_map_page(folder / f"{name}.html", page)


def score_caption(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet) -> str:
    """How many clips, and how well a probe tells their effects apart."""
    scores = score(embeddings, evaluation_set, ())
    value, low, high = (100 * scores[f"probe_accuracy{end}"] for end in ("", "_low", "_high"))
    items, chance = len(evaluation_set.effects), 100 / len(evaluation_set.classes)
    return f"{items} evaluation clips · probe accuracy {value:.0f} % ({low:.0f} to {high:.0f} %, chance {chance:.0f} %)"


def write_latent_map(folder: Path, latent_map: LatentMap, title: str, caption: str, name: str = NAME) -> tuple[Path, Path]:
    """Write NAME.png and NAME.parquet (see `map_table`) into `folder`; their paths."""
    picture, table = folder / f"{name}.png", folder / f"{name}.parquet"
    effects = [take.effect for take in latent_map.takes]
    save(draw_latent_map(latent_map.points, effects, latent_map.held_out, title, caption), picture)
    pyarrow.parquet.write_table(map_table(latent_map), table)
    return picture, table


def map_table(latent_map: LatentMap) -> pyarrow.Table:
    """One row for each item: x, y, effect, held_out, recording, offset_samples, settings (JSON of physical values), columns."""
    takes: Sequence[Take] = latent_map.takes
    return pyarrow.table(
        {
            "x": latent_map.points[:, 0],
            "y": latent_map.points[:, 1],
            "effect": [take.effect for take in takes],
            "held_out": [take.effect in latent_map.held_out for take in takes],
            "recording": [take.recording for take in takes],
            "offset_samples": [take.offset_samples for take in takes],
            "settings": [json.dumps(dict(take.settings)) for take in takes],
            **{column.name: column.values for column in latent_map.columns},
        }
    )
