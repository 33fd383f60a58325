"""Real MLflow, a real (tiny, untrained) model; loaded again in a process that doesn't know this project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_type_hints

import mlflow
import numpy as np
import numpy.typing as npt
import pytest
import torch
import yaml
from tiny_model import tiny_config, tiny_state

from trainables.configs import TrialConfig
from trainables.diagnosis.check import Check
from trainables.training.embedder import build_embedder, example_input
from tune.errors import InvalidInput
from tune.models.card_files import replace_card
from tune.models.checksums import SUMS
from tune.models.loaded_model import LoadedModel
from tune.models.registry import ModelVersion, load_embedder, open_embedder, pull, register_best
from tune.tracking.runs import connect
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

CARD: dict[str, Any] = {
    "sweep": "splits",
    "trial": 3,
    "params": {"latent_size": 4, "patience": 2},
    "scores": {"eval/probe_accuracy": 0.7125, "eval/unseen_gain": 0.08},
    "controls": {"pca": {"probe_accuracy": 0.5}, "untrained": {"probe_accuracy": 0.62}},
    "worries": [
        asdict(Check("unbeaten_controls", "0.7", "fine", "It is.")),
        asdict(Check("overfit", "+9 %", "worry", "It learns them by heart.", "More recordings.")),
    ],
    "audio": {"path": "synthetic", "recordings": {"train": ["piano", "drums"]}},
    "evaluation_hash": "e1a2",
    "backend": "pedalboard",
    "spec_hash": "abc",
}


class Store:
    """A store with two finished trials, and how to register them."""

    def __init__(self, home: Path) -> None:
        self.tracking: Tracking = default_tracking(home)
        tracker = SweepTracker.open(self.tracking, sweep_name="splits", experiment="study", tags={}, params={}, spec_text="")
        for number in (3, 4):
            tracker.trial_started(number, "z4 p2", {}, {})
            tracker.trial_ended(number, "complete")
        tracker.close("complete", {}, {})
        self.run_id, self.second_run_id = tracker.run_id(3), tracker.run_id(4)

    def register(self, config: TrialConfig, name: str = "fx-vae", run_id: str | None = None, **more: Any) -> ModelVersion:
        return register_best(
            self.tracking,
            run_id=run_id or self.run_id,
            model_name=name,
            config=config,
            state=tiny_state(config),
            card=CARD,
            metrics={"epoch": 12.0},
            **more,
        )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("registry"))
    made.register(tiny_config())
    return made


@pytest.fixture(scope="module")
def pulled(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pull(store.tracking.uri, "fx-vae@champion", tmp_path_factory.mktemp("models") / "new" / "fx-vae")


def test_pulled_model_embeds_as_the_trained_one(store: Store, pulled: Path) -> None:
    config, model = tiny_config(), open_embedder(pulled)
    for batch in (1, 2, 5):
        audio = example_input(config, batch, seed=batch)
        with torch.no_grad():
            expected = build_embedder(config, tiny_state(config))(torch.from_numpy(audio)).numpy()
        assert expected.std() > 0.0
        np.testing.assert_allclose(model.predict(audio), expected, rtol=1e-5, atol=1e-6)


def test_model_says_what_a_program_must_know(pulled: Path) -> None:
    assert open_embedder(pulled).metadata == {
        "sample_rate": 8000,
        "clip_samples": 4096,
        "channels": 1,
        "input": "difference",
        "latent_size": 4,
        "trained_effects": ["delay", "flanger"],
        "held_out_effects": ["leslie"],
        "backend": "pedalboard",
        "evaluation_hash": "e1a2",
    }


def test_model_loads_without_this_project(pulled: Path, tmp_path: Path) -> None:
    program = (
        "import importlib.util as u, mlflow, numpy as np, sys\n"
        "assert u.find_spec('trainables') is None and u.find_spec('tune') is None\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "print(model.predict(np.ones((3, 2, 4096), np.float32)).shape)\n"
    )
    env = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib"), "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}
    command = [sys.executable, "-S", "-c", program, str(pulled)]  # -S: no editable install of this project
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(3, 4)", done.stderr


def test_nothing_in_the_model_is_a_pickle(pulled: Path) -> None:
    files = {str(file.relative_to(pulled)) for file in pulled.rglob("*") if file.is_file()}
    assert "data/model.pt2" in files and not {file for file in files if file.endswith((".pth", ".pkl", ".py"))}


def test_card_puts_scores_beside_the_controls(pulled: Path) -> None:
    page, data = (pulled / "card.md").read_text(), json.loads((pulled / "card.json").read_text())
    assert "| probe_accuracy | 0.7125 | 0.5 | 0.62 |" in page
    for word in (
        "piano",
        "delay",
        "leslie",
        "e1a2",
        "fxsweep pull fx-vae/1",
        "General Public License",
        "(batch, 2, 4096)",
    ):
        assert word in page
    assert data["scores"] == CARD["scores"] and data["model"]["clip_samples"] == 4096


def test_card_tells_whether_to_worry_and_what_to_do(pulled: Path) -> None:
    page = (pulled / "card.md").read_text()
    assert "## Should I worry?\n\nYes: 1 of 2 questions gives reason to." in page
    assert "- It learns them by heart. More recordings.\n" in page and "It is. " not in page
    assert "| Is it better than what costs no training? | fine | 0.7 |" in page


def test_a_card_that_is_completed_later_is_the_one_that_is_pulled(store: Store, tmp_path: Path) -> None:
    version = store.register(tiny_config(), "completed")
    more = CARD | {"controls": {**CARD["controls"], "wet_vae": {"probe_accuracy": 0.21}}, "worries": []}
    replace_card(store.tracking, "completed", version.version, tiny_config(), more)
    folder = pull(store.tracking.uri, "completed", tmp_path / "model")
    assert "| score | this model | pca | untrained | wet_vae |" in (folder / "card.md").read_text()
    assert "Should I worry" not in (folder / "card.md").read_text(), "of a model without checks nobody knows"
    assert json.loads((folder / "card.json").read_text())["controls"]["wet_vae"] == {"probe_accuracy": 0.21}
    assert open_embedder(folder).predict(example_input(tiny_config())).shape == (2, 4)


def test_requirements_are_pinned_to_what_is_installed(pulled: Path) -> None:
    pins = dict(line.split("==") for line in (pulled / "requirements.txt").read_text().split())
    assert pins == {"torch": torch.__version__.partition("+")[0], "mlflow": mlflow.__version__, "numpy": np.__version__}


def test_version_leads_back_to_the_trial(store: Store) -> None:
    client = connect(store.tracking)
    version = client.get_model_version_by_alias("fx-vae", "champion")
    assert version.run_id == store.run_id
    assert set(json.loads(version.tags[SUMS])) >= {"MLmodel", "data/model.pt2", "card.json", "card.md"}
    assert {key: value for key, value in version.tags.items() if key != SUMS} == {
        "sweep": "splits",
        "trial": "3",
        "evaluation_hash": "e1a2",
        "spec_hash": "abc",
        "backend": "pedalboard",
    }
    assert "probe_accuracy 0.713" in version.description
    run = client.get_run(store.run_id)
    assert run.info.status == "FINISHED" and run.outputs.model_outputs[0].step == 12
    assert client.get_logged_model(run.outputs.model_outputs[0].model_id).status == "READY"
    assert mlflow.active_run() is None


def test_the_newest_registered_is_champion_and_the_others_stay(store: Store, tmp_path: Path) -> None:
    assert store.register(tiny_config(), "two") == ModelVersion("two", "1", "models:/two/1", "champion")
    second = store.register(tiny_config(input="wet"), "two", store.second_run_id)
    assert second.version == "2"
    inputs = {
        ref: open_embedder(pull(store.tracking.uri, ref, tmp_path / str(i))).metadata["input"] for i, ref in enumerate(REFERENCES)
    }
    assert inputs == REFERENCES


REFERENCES = {"two": "wet", "two@champion": "wet", "two/2": "wet", "two/1": "difference"}


def test_what_does_not_take_over_is_champion_only_where_there_is_none(store: Store) -> None:
    client = connect(store.tracking)
    for run_id, expected in ((store.run_id, "1"), (store.second_run_id, "1")):
        store.register(tiny_config(), "late", run_id, instead_of=lambda champion: False)
        assert str(client.get_registered_model("late").aliases["champion"]) == expected
    assert len(client.search_model_versions("name = 'late'")) == 2


def test_a_run_that_has_a_version_gets_no_second_one_but_the_alias_that_it_missed(store: Store) -> None:
    client = connect(store.tracking)
    first = store.register(tiny_config(), "once")
    client.delete_registered_model_alias("once", "champion")
    assert store.register(tiny_config(), "once") == first
    assert len(client.search_model_versions("name = 'once'")) == 1
    assert str(client.get_registered_model("once").aliases["champion"]) == "1"


def test_without_a_champion_the_latest_version_is_meant(store: Store, tmp_path: Path) -> None:
    store.register(tiny_config(), "plain")
    connect(store.tracking).delete_registered_model_alias("plain", "champion")
    assert (pull(store.tracking.uri, "plain", tmp_path / "model") / "MLmodel").is_file()


def test_model_can_be_loaded_by_its_reference(store: Store) -> None:
    assert load_embedder(store.tracking.uri, "fx-vae").predict(example_input(tiny_config())).shape == (2, 4)


def test_a_pulled_folder_needs_no_store(pulled: Path) -> None:
    assert load_embedder("http://127.0.0.1:9", str(pulled)).predict(example_input(tiny_config())).shape == (2, 4)


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("fx-vea", "Did you mean 'fx-vae'"),
        ("fx-vae@champ", "champion"),
        ("fx-vae/9", "Valid: 1"),
        ("fx-vae@", "NAME@ALIAS"),
        ("../fx-vae", "NAME@ALIAS"),
    ],
)
def test_unknown_reference_names_what_there_is(store: Store, tmp_path: Path, reference: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        pull(store.tracking.uri, reference, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_pull_does_not_touch_a_folder_that_holds_something(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not an empty folder"):
        pull(store.tracking.uri, "fx-vae", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def with_loader(model: dict[str, Any]) -> None:
    model["flavors"]["python_function"]["loader_module"] = "evil"


def with_code(model: dict[str, Any]) -> None:
    model["flavors"]["python_function"]["code"] = "code"


@pytest.mark.parametrize("change", [with_loader, with_code])
def test_a_model_that_brings_code_is_refused(pulled: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "model.pt2").write_bytes(b"")
    (tmp_path / "evil.py").write_text("raise SystemExit('it ran')")
    model = yaml.safe_load((pulled / "MLmodel").read_text())
    change(model)
    (tmp_path / "MLmodel").write_text(yaml.safe_dump(model))
    with pytest.raises(InvalidInput, match="not a traced model"):
        open_embedder(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="MLmodel"):
        open_embedder(tmp_path)


def test_asking_an_empty_home_for_a_model_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no store of models"):
        pull(f"sqlite:///{tmp_path}/mlflow.db", "fx-vae@champion", tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_the_lines_for_python_in_the_readme_are_typed_and_give_embeddings(store: Store, pulled: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    blocks = [block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "model.predict(pairs)" in block]
    pairs = example_input(tiny_config(), 3)
    expected = open_embedder(pulled).predict(pairs)
    assert len(blocks) == 2
    for block in blocks:
        names: dict[str, Any] = {"pairs": pairs}
        exec(block.replace("http://127.0.0.1:5000", store.tracking.uri).replace('"fx-vae")', f'"{pulled}")'), names)
        np.testing.assert_allclose(names["embeddings"], expected, rtol=1e-5, atol=1e-6)
    hints = get_type_hints(LoadedModel.predict)
    assert hints["audio"] == hints["return"] == npt.NDArray[np.float32]
