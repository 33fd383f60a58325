"""A matcher's sweep from its file to a registered model, and what it leaves to be heard."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import soundfile
from small_matcher import CORPUS

from tune.cli import main

pytestmark = pytest.mark.slow
RATE = CORPUS.audio.sample_rate
SWEEP = """
name: small
trainable: matcher
audio: {path: synthetic, sample_rate: 16000, clip_samples: 8192}
effects: {backend: mda, use: [overdrive]}
train: {items_per_epoch: 32, validation_items: 32, max_epochs: 2, batch_size: 8, workers: 0}
evaluation: {settings_per_effect: 4, timbre: false}
matcher: {width: 16, components: 2, passes: 2, gradient: spsa, gradient_from: 1, gradient_items: 16, gradient_draws: 2}
search: {learning_rate: {log: [0.001, 0.003]}}
objective: {metric: eval/match_ratio, mode: min}
scheduler: {type: none}
budget: {trials: 2}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "small.yaml").write_text(SWEEP)
    assert main(["run", str(folder / "small.yaml"), "--home", str(folder / "home")]) == 0
    return folder / "home"


def test_trials_train_through_the_effect_by_render_actors_and_the_best_is_registered(home: Path) -> None:
    status = json.loads((home / "small" / "status.json").read_text())
    assert status["state"] == "complete" and status["model"]["name"] == "fx-match" and status["model"]["version"] == "1"
    for trial in status["trials"]:
        assert trial["metrics"]["train/gradient_renders"] > 0 and trial["state"] == "complete"
    assert status["rendering"]["probes"] >= sum(trial["metrics"]["train/gradient_renders"] for trial in status["trials"])


def test_the_best_trial_s_matches_are_a_page_of_the_parent_run(home: Path) -> None:
    page = (home / "small" / "matches.html").read_text()
    assert page.count("data:audio/mpeg;base64,") == 4 * 4 and "overdrive, paired: " in page and "overdrive, blind: " in page
    status = json.loads((home / "small" / "status.json").read_text())
    with sqlite3.connect(home / "mlflow.db") as store:
        ((place,),) = store.execute("SELECT artifact_uri FROM runs WHERE run_uuid = ?", (status["mlflow"]["run_id"],)).fetchall()
    assert (Path(place.removeprefix("file://")) / "matches.html").read_text() == page


def test_the_registered_matcher_matches_a_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, name in enumerate(("in.wav", "before.wav")):
        soundfile.write(tmp_path / name, CORPUS.recordings[place].samples[:, : 2 * RATE].T, RATE, subtype="FLOAT")
    before, after, source, out = (str(tmp_path / name) for name in ("before.wav", "after.wav", "in.wav", "out.wav"))
    assert main(["render", before, "overdrive", "--set", "drive=0.7", "--set", "muffle=0.5", "-o", after]) == 0
    asked = ["match", source, after, "--reference-dry", before, "--model", "fx-match", "--home", str(home), "--json", "-o", out]
    capsys.readouterr()
    assert main(asked) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["effect"] == "overdrive" and facts["distance_after"] < 0.3 * facts["distance_before"]
    assert np.isfinite(soundfile.read(out)[0]).all()
