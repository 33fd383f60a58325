"""The closed schema of a sweep file and what it says when it refuses one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from annotated_types import Interval

from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, MatcherConfig, TrainConfig, VaeConfig
from tune.errors import InvalidInput
from tune.space.trials import to_trial_config
from tune.sweep_file.fields import is_section, keys, locate, unwrap
from tune.sweep_file.spec import Sweep, load_sweep, parse_sweep

SECTIONS = [key for key in keys(Sweep) if is_section(unwrap(locate(Sweep, (key,)))[0])]
CONFIGS: dict[str, Any] = {
    "audio": AudioConfig,
    "front_end": FrontEndConfig,
    "model": VaeConfig,
    "matcher": MatcherConfig,
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
    assert len(SECTIONS) == 17


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
        ("model.beta", float("inf")),
        ("model.beta", float("nan")),
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
        ("priority", 101),
        ("name", "../elsewhere"),
        ("name", ""),
        ("trainable", "matchers"),
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


def test_a_sweep_is_read_without_ray_torch_or_optuna() -> None:
    program = "import sys, tune.sweep_file.spec, tune.planning.plan, tune.space.trials;"
    program += " print(sorted({'ray', 'torch', 'optuna', 'mlflow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"


MATCHER = {"name": "x", "trainable": "matcher", "objective": {"metric": "eval/match_ratio", "mode": "min"}}


def test_a_matcher_learns_every_effect_and_may_learn_one() -> None:
    sweep = parse_sweep({**MATCHER, "effects": {"use": ["overdrive"]}})
    assert (sweep.model_name, sweep.usual_split) == ("fx-match", "all")
    assert parse_sweep(MATCHER).dimensions["effect_split"].values == ("all",)  # type: ignore[union-attr]


def test_the_size_of_an_encoder_that_a_matcher_trains_along_may_be_searched() -> None:
    sweep = parse_sweep({**MATCHER, "matcher": {"encoder": "trained"}, "search": {"latent_size": [4, 8]}})
    assert to_trial_config(sweep, {"latent_size": 4, "effect_split": "all"}).model.latent_size == 4
    with pytest.raises(InvalidInput, match=r"or matcher: \{encoder: trained\}"):
        parse_sweep({**MATCHER, "search": {"latent_size": [4, 8]}})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"objective": None}, "objective.metric = eval/probe_accuracy: A matcher has no such score."),
        ({"search": {"latent_size": [4, 8]}}, "search.latent_size = latent_size: A matcher has no such setting."),
        ({"trainable": "vae"}, "objective.metric = eval/match_ratio: A vae has no such score."),
        (
            {"trainable": "vae", "objective": None, "search": {"width": [8, 16]}},
            "search.width = width: A vae has no such setting.",
        ),
        ({"objective": {"metric": "eval/match_ratio"}}, "objective.mode = max: This must be min: less of eval/match_ratio"),
    ],
)
def test_what_belongs_to_the_other_trainable_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({**MATCHER, **given})
    assert str(caught.value).startswith(f"sweep: {told}")
