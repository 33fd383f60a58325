"""The map maker: every trial's page with the same sounds, rendered once and kept nowhere else."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from trainables.configs import AudioConfig, EvaluationConfig, FigureConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects.selection import nine
from trainables.evaluation.controls import statistics_embedding
from trainables.evaluation.evaluation import score
from trainables.evaluation.evaluation_set import evaluation_requests, gather
from trainables.maps import latent_map
from trainables.maps.latent_page import missing_timbres, timbre_columns
from trainables.maps.map_actor import COST, MapMaker, figure_requests
from trainables.rendering.blocks import InlineSource
from trainables.rendering.rendering import make_plan, planned_effects
from trainables.rendering.takes import Block, BlockRequest
from trainables.timbre import Timbre, block_timbres
from trainables.training.checkpoint import write_checkpoint
from trainables.training.learner import build_model

EFFECTS = ("overdrive", "delay")
AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
CONFIG = TrialConfig(
    model=VaeConfig(latent_size=4, widths=(8, 16)),
    train=TrainConfig(),
    evaluation=EvaluationConfig(settings_per_effect=4),
    front_end=FrontEndConfig(fft_size=512, hop_samples=512, bands=16),
    sample_rate=AUDIO.sample_rate,
    clip_samples=AUDIO.clip_samples,
    channels=AUDIO.channels,
    trained_effects=("overdrive",),
    held_out_effects=("delay",),
    effects=EFFECTS,
)


@dataclass
class CountingSource:
    """A source that remembers what it was asked and told to forget."""

    inner: InlineSource
    asked: list[BlockRequest] = field(default_factory=list)
    forgotten: list[BlockRequest] = field(default_factory=list)

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        self.asked += requests
        return self.inner.blocks(list(requests))

    def forget(self, requests: Sequence[BlockRequest]) -> None:
        self.forgotten += requests


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[CountingSource, list[dict[str, bytes]]]:
    """The files of two trials, and the source that both were made with."""
    folder = tmp_path_factory.mktemp("trials")
    corpus = load_corpus(AUDIO, seed=0)
    plan = make_plan(corpus, AUDIO, CONFIG.front_end, [c for c in nine("pedalboard") if c.name in EFFECTS], seed=0)
    figure = FigureConfig(effects=EFFECTS, clips_per_effect=8)
    maker = MapMaker(None, {name: effect.parameters for name, effect in planned_effects(plan).items()}, figure)
    source = CountingSource(InlineSource(corpus, plan))
    maker.source = source  # type: ignore[assignment]
    with pytest.MonkeyPatch.context() as patch:
        # UMAP takes seconds to compile, and has tests of its own.
        patch.setattr(latent_map, "project", lambda embeddings, seed: embeddings[:, :2])
        return source, [maker.make(checkpoint(folder, seed), [{"epoch": 1.0}], f"trial {seed}", 0) for seed in (0, 1)]


def checkpoint(folder: Path, seed: int) -> Path:
    config = replace(CONFIG, seed=seed)
    write_checkpoint(folder / f"{seed}.pt", config, {"model": build_model(config).state_dict()})
    return folder / f"{seed}.pt"


def page_data(files: dict[str, bytes]) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', files["latent_map.html"].decode())
    assert found is not None
    return json.loads(found[1])


def test_every_trial_gets_picture_table_page_and_curve(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    assert [sorted(files) for files in made[1]] == [
        [
            *("figure.html", "figure.parquet", "figure.png", "late_controls.json"),
            *("latent_map.html", "latent_map.parquet", "latent_map.png", "learning_curve.png"),
        ]
    ] * 2


def test_sounds_are_asked_for_once_a_sweep_and_their_blocks_forgotten(
    made: tuple[CountingSource, list[dict[str, bytes]]],
) -> None:
    source, _ = made
    shown = [request for request in source.asked if request.partition == "evaluation"]
    assert len(shown) == len(set(shown)) == 2 * 2 * (len((*EFFECTS, "dry")) + len(EFFECTS))
    assert len(source.asked) == len(set(source.asked))
    assert source.forgotten == [request for request in source.asked if request.form == "audio"]


def test_trials_share_their_sounds_and_differ_in_their_places(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    first, second = (page_data(files) for files in made[1])
    assert first["sounds"] == second["sounds"] and first["items"] == second["items"]
    assert first["projections"] != second["projections"]


def test_dry_sounds_the_same_on_both_sides_and_an_effect_does_not(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    told = page_data(made[1][0])
    assert all((item["wet"] == item["dry"]) == (item["effect"] == "dry") for item in told["items"])
    assert {item["effect"] for item in told["items"] if item["heldOut"]} == {"delay"}


def test_knobs_are_told_in_their_units(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    delay = next(item for item in page_data(made[1][0])["items"] if item["effect"] == "delay")
    (name, text, value), *_ = delay["settings"]
    assert name == "delay_ms" and text.endswith(" ms") and float(text.split()[0]) == pytest.approx(value, rel=0.01)


def test_points_can_be_coloured_by_brightness_and_depth_of_what_is_heard(
    made: tuple[CountingSource, list[dict[str, bytes]]],
) -> None:
    told, table = page_data(made[1][0]), pyarrow.parquet.read_table(pyarrow.BufferReader(made[1][0]["latent_map.parquet"]))
    assert {"brightness", "depth"} <= {column["name"] for column in told["columns"]}
    source, request = made[0], BlockRequest("overdrive", "evaluation", 0, 4, form="audio")
    heard = block_timbres(source.inner.blocks([request])[0], CONFIG.sample_rate)
    rows = [place for place, effect in enumerate(table["effect"].to_pylist()) if effect == "overdrive"][:4]
    assert [table["brightness"][row].as_py() for row in rows] == [one.brightness for one in heard]
    assert [table["depth"][row].as_py() for row in rows] == [one.depth for one in heard]


@pytest.mark.parametrize("clips", [8, 10, 500, 501])
def test_a_figure_has_as_many_clips_of_each_of_its_effects_as_asked_for_from_both_halves_of_the_recordings(clips: int) -> None:
    requests = figure_requests(FigureConfig(effects=EFFECTS, clips_per_effect=clips))
    for effect in EFFECTS:
        own = [request for request in requests if request.effect == effect]
        assert sum(request.items for request in own) == clips // 2 * 2 and all(request.items % 2 == 0 for request in own)
        assert [request.draw % 2 for request in own] == [0, 1] and {request.partition for request in own} == {"evaluation"}
    assert figure_requests(FigureConfig()) == []


def test_the_seed_studys_model_is_scored_beside_each_trial(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    first, second = (json.loads(files["late_controls.json"]) for files in made[1])
    assert 0.0 <= first["control/wet_vae/probe_accuracy"] <= 1.0 and "control/wet_vae/retrieval_low" in first
    assert min(first.pop(COST), second.pop(COST)) > 0.0
    assert first == second  # of one size, so one control


def test_hand_statistics_are_scored_beside_each_trial(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    source, files = made
    clips = gather(source.inner.blocks(evaluation_requests(CONFIG)))
    expected = score(statistics_embedding(clips, CONFIG.model.input), clips, CONFIG.held_out_effects)
    told = json.loads(files[0]["late_controls.json"])
    assert {name: told[f"control/statistics/{name}"] for name in expected} == expected


def test_the_actor_lets_trials_go_first() -> None:
    program = (
        "import os; from trainables.configs import FigureConfig; from trainables.maps.map_actor import PatientMapMaker;"
        "before = os.nice(0); PatientMapMaker(None, {}, FigureConfig()); print(os.nice(0) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0 or os.nice(0) == 19, "there is no niceness above 19"


def test_the_figure_shows_its_effects_alone(made: tuple[CountingSource, list[dict[str, bytes]]]) -> None:
    table = pyarrow.parquet.read_table(pyarrow.BufferReader(made[1][0]["figure.parquet"]))
    assert sorted(table["effect"].to_pylist()) == ["delay"] * 8 + ["overdrive"] * 8
    assert table["held_out"].to_pylist() == [effect == "delay" for effect in table["effect"].to_pylist()]
    assert np.isfinite(table["brightness"].to_numpy()).any()


def test_clips_without_a_value_are_counted_by_reason() -> None:
    known, silent = Timbre(50.0, 40.0), Timbre(math.nan, math.nan, ("silent",))
    assert missing_timbres([known, silent, silent]) == "No brightness or depth: silent (2 clips)."
    assert missing_timbres([known]) == "" and timbre_columns([]) == ()
    assert np.isnan(timbre_columns([known, silent])[1].values).tolist() == [False, True]
