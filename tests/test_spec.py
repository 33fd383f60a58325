"""The closed schema of a sweep file and what it says when it refuses one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from annotated_types import Interval
from pydantic import BaseModel

from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, TrainConfig, VaeConfig
from tune.dimensions import HoldOut
from tune.errors import InvalidInput
from tune.overrides import parse_override
from tune.presets import preset_names
from tune.spec import Sweep, load_sweep, parse_sweep, spec_hash

SECTIONS = [
    name
    for name, field in Sweep.model_fields.items()
    if isinstance(field.annotation, type) and (is_dataclass(field.annotation) or issubclass(field.annotation, BaseModel))
]
CONFIGS: dict[str, Any] = {
    "audio": AudioConfig,
    "front_end": FrontEndConfig,
    "model": VaeConfig,
    "train": TrainConfig,
    "evaluation": EvaluationConfig,
}


def refusal(text: str, folder: Path, overrides: dict[str, Any] | None = None) -> str:
    """What a user sees of a sweep file with this text."""
    path = folder / "a.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        load_sweep(path, overrides)
    return str(caught.value)


def test_a_name_is_all_that_a_sweep_needs() -> None:
    sweep = parse_sweep({"name": "x"})
    assert sweep.train == TrainConfig()
    assert sweep.model == VaeConfig()
    assert sweep.model_name == "fx-vae"
    assert sweep.experiment == "x"


def test_the_sections_of_a_trial_are_there() -> None:
    assert set(CONFIGS) < set(SECTIONS)
    assert len(SECTIONS) == 13


def test_an_unknown_key_at_the_top_is_refused_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    message = refusal("name: x\ntrian: {workers: 1}\n", tmp_path)
    assert message.startswith(
        "a.yaml, line 2: trian = {'workers': 1}: There is no such key in a sweep file. Did you mean 'train'?"
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_an_unknown_key_in_any_section_is_refused_with_its_line(section: str, tmp_path: Path) -> None:
    message = refusal(f"name: x\n{section}:\n  sneaky: 1\n", tmp_path)
    assert message.startswith(f"a.yaml, line 3: {section}.sneaky = 1: There is no such key in the section {section}.")
    assert "Valid: " in message or "Did you mean" in message


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_must_be_a_mapping(section: str, tmp_path: Path) -> None:
    assert f"a.yaml, line 2: {section} = 3: This must be a mapping of " in refusal(f"name: x\n{section}: 3\n", tmp_path)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_nothing_is_its_defaults(section: str) -> None:
    assert parse_sweep({"name": "x", section: None}) == parse_sweep({"name": "x"})


def _out_of_range() -> list[tuple[str, float]]:
    """Each bound of each annotated field, just broken."""
    cases = []
    for section, config in CONFIGS.items():
        hints = get_type_hints(config, include_extras=True)
        for field in fields(config):
            for interval in getattr(hints[field.name], "__metadata__", ()):
                if isinstance(interval, Interval):
                    beyond = [(interval.ge, -1), (interval.le, 1), (interval.gt, 0), (interval.lt, 0)]
                    cases += [(f"{section}.{field.name}", bound + step) for bound, step in beyond if bound is not None]  # type: ignore[operator]
    return cases


@pytest.mark.parametrize(("key", "value"), _out_of_range())
def test_every_range_of_a_setting_is_kept(key: str, value: float) -> None:
    section, name = key.split(".")
    with pytest.raises(InvalidInput, match=rf"{key} = {value}: This must be .*number .* Write such a value, or leave it out"):
        parse_sweep({"name": "x", section: {name: value}})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("train.workers", "two"),
        ("train.workers", "1"),
        ("train.workers", True),
        ("train.workers", 1.0),
        ("train.learning_rate", "fast"),
        ("train.learning_rate", float("nan")),
        ("train.learning_rate", None),
        ("audio.path", 3),
        ("audio.channels", 3),
        ("model.input", "wett"),
        ("model.widths", []),
        ("model.widths", 8),
        ("model.widths", [8, "x"]),
        ("effects.backend", "vst"),
        ("sampler.seed", -1),
        ("budget.trials", 0),
        ("budget.hours", 0),
        ("render.actors", 0),
        ("concurrency", 0),
        ("name", "../elsewhere"),
        ("name", ""),
        ("trainable", "matcher"),
        ("objective.mode", "min"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_key(key: str, value: object) -> None:
    section, _, name = key.partition(".")
    given = {"name": "x", section: {name: value} if name else value}
    with pytest.raises(InvalidInput) as caught:
        parse_sweep(given)
    assert str(caught.value).startswith(f"sweep: {key}")
    assert "This must be " in str(caught.value)


def test_a_number_in_yaml_1_2_style_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("name: x\ntrain: {learning_rate: 1e-7}\nsearch: {beta: {log: [1e-3, 3e0]}}\n")
    assert load_sweep(path).train.learning_rate == 1e-7


def test_a_missing_name_is_asked_for(tmp_path: Path) -> None:
    assert "name = not given: This key is required: 1 to 100 letters, digits, - and _." in refusal("seed: 1\n", tmp_path)


def test_several_mistakes_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = refusal(
        "nam: x\nbudget: {trials: 0}\ntrain:\n  batch_size: 1\nsearch:\n  beta: {log: [3, 1]}\n", tmp_path
    ).splitlines()
    assert [line.split(":")[0] for line in told] == [
        "a.yaml",
        "a.yaml, line 1",
        "a.yaml, line 2",
        "a.yaml, line 4",
        "a.yaml, line 6",
    ]


def test_of_many_mistakes_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    told = refusal("name: x\n" + "".join(f"bad{number}: 1\n" for number in range(9)), tmp_path).splitlines()
    assert len(told) == 6
    assert told[-1] == "... and 4 more."


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("validation/loss", "means another thing for each latent size and split"),
        ("train/kl", "means another thing for each latent size and split"),
        ("control/pca/probe_accuracy", "what a trial must beat"),
        ("probe_accuracy", "not a score that trials can be compared by"),
    ],
)
def test_only_a_score_of_the_fixed_evaluation_set_can_be_the_objective(metric: str, reason: str, tmp_path: Path) -> None:
    message = refusal(f"name: x\nobjective:\n  metric: {metric}\n", tmp_path)
    assert message.startswith(f"a.yaml, line 3: objective.metric = {metric}: ")
    assert reason in message
    assert "eval/probe_accuracy" in message


@pytest.mark.parametrize("split", [{"hold_out": 1}, "all", [["leslie", "combo"], ["delay"]]])
def test_an_unseen_objective_needs_two_held_out_effects_in_every_split(split: object) -> None:
    given = {"name": "x", "search": {"effect_split": split}, "objective": {"metric": "eval/unseen_gain"}}
    with pytest.raises(InvalidInput, match="every split must hold out at least two"):
        parse_sweep(given)


def test_unseen_accuracy_is_no_objective_between_splits() -> None:
    objective = {"metric": "eval/unseen_accuracy"}
    parse_sweep({"name": "x", "objective": objective})
    with pytest.raises(InvalidInput, match=r"cannot be compared between effect splits\. Use eval/unseen_gain"):
        parse_sweep({"name": "x", "objective": objective, "search": {"effect_split": {"hold_out": 2}}})


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"scheduler": {"grace_epochs": 101}}, "scheduler.grace_epochs = 101: The grace period must not be longer"),
        ({"front_end": {"hop_samples": 4096}}, "front_end.hop_samples = 4096"),
        ({"front_end": {"fft_size": 8192}, "audio": {"clip_samples": 4096}}, "front_end.fft_size = 8192"),
        ({"front_end": {"low_hz": 400.0, "high_hz": 300.0}}, "front_end.low_hz = 400"),
        ({"front_end": {"low_hz": 4000.0}, "audio": {"sample_rate": 8000}}, "front_end.low_hz = 4000"),
        ({"audio": {"validation_share": 0.45, "evaluation_share": 0.58}}, "audio.evaluation_share = 0.58"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", **values})
    assert str(caught.value).startswith(f"sweep: {key}")


def test_the_grace_period_defaults_to_an_eighth_of_a_trial() -> None:
    assert parse_sweep({"name": "x", "train": {"max_epochs": 80}}).grace_epochs == 10
    assert parse_sweep({"name": "x", "train": {"max_epochs": 3}}).grace_epochs == 1


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_loads_and_is_named_as_its_file(preset: str) -> None:
    assert load_sweep(preset).name == preset


def test_the_quickstart_searches_patience_latent_size_and_splits() -> None:
    sweep = load_sweep("quickstart")
    assert {"patience", "latent_size"} < set(sweep.search)
    assert sweep.search["effect_split"] == HoldOut(3)
    assert sweep.audio.path == "synthetic"
    assert sweep.budget.trials >= 8


def test_the_seed_preset_is_the_seed_study() -> None:
    sweep = load_sweep("seed")
    train = sweep.train
    assert (train.items_per_epoch, train.validation_items, train.max_epochs) == (250, 25, 100)
    assert (train.effect_schedule, train.patience, sweep.model.input) == ("per_epoch", 1, "wet")
    assert sweep.budget.trials == 1


@pytest.mark.parametrize("preset", preset_names())
def test_canonical_gives_the_same_sweep_back(preset: str) -> None:
    sweep = load_sweep(preset)
    again = parse_sweep(sweep.canonical())
    assert again == sweep
    assert spec_hash(again) == spec_hash(sweep)


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="quikstart: This is neither a file nor a preset. Did you mean 'quickstart'"):
        load_sweep("quikstart")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    for name in ("absent.yaml", ".", "latin.yaml"):
        with pytest.raises(InvalidInput, match="A sweep file must be"):
            load_sweep(tmp_path / name)


def test_overrides_take_the_place_of_the_files_values() -> None:
    sweep = load_sweep("seed", {"audio.path": "recordings/", "budget.trials": 3, "render.actors": 2})
    assert (sweep.audio.path, sweep.budget.trials, sweep.render.actors) == ("recordings/", 3, 2)
    assert sweep.audio.clip_samples == load_sweep("seed").audio.clip_samples


def test_a_mistaken_override_is_told_as_one(tmp_path: Path) -> None:
    assert refusal("name: x\nbudget: {trials: 3}\n", tmp_path, {"budget.trials": 0}).startswith(
        "a.yaml, overridden: budget.trials = 0"
    )
    assert "There is no such key" in refusal("name: x\n", tmp_path, {"budget.trails": 3})
    assert "has no keys of its own" in refusal("name: x\n", tmp_path, {"name.first": 3})


def test_an_override_is_read_as_in_a_file() -> None:
    assert parse_override("train.learning_rate=1e-4") == ("train.learning_rate", 1e-4)
    assert parse_override("search.patience=[1, 2]") == ("search.patience", [1, 2])
    with pytest.raises(InvalidInput, match="must be written key=value"):
        parse_override("train.workers")


RESULTLESS: dict[str, Any] = {
    "name": "y",
    "concurrency": 3,
    "tracking": {"uri": "http://127.0.0.1:5000"},
    "registry": {"model": "m"},
    "render": {"actors": 3},
}


@pytest.mark.parametrize("key", RESULTLESS)
def test_the_hash_does_not_see_name_place_or_pace(key: str) -> None:
    assert spec_hash(parse_sweep({"name": "x", key: RESULTLESS[key]})) == spec_hash(parse_sweep({"name": "x"}))


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 1},
        {"train": {"learning_rate": 0.01}},
        {"search": {"beta": [0.1, 0.2]}},
        {"search": {"beta": 0.1}},
        {"objective": {"metric": "eval/retrieval"}},
        {"sampler": {"seed": 1}},
        {"front_end": {"bands": 64}},
        {"evaluation": {"settings_per_effect": 10}},
    ],
)
def test_the_hash_sees_all_that_shapes_results(values: dict[str, Any]) -> None:
    assert spec_hash(parse_sweep({"name": "x", **values})) != spec_hash(parse_sweep({"name": "x"}))


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    one = {"name": "x", "search": {"beta": [0.1, 0.2], "patience": [1, 2]}, "seed": 3}
    other = {"seed": 3, "search": {"patience": [1, 2], "beta": [0.1, 0.2]}, "name": "x"}
    assert spec_hash(parse_sweep(one)) == spec_hash(parse_sweep(other))


def test_a_sweep_is_read_without_ray_torch_or_optuna() -> None:
    program = (
        "import sys, tune.spec, tune.plan, tune.trials; print(sorted({'ray', 'torch', 'optuna', 'mlflow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"
