"""A sweep that learns from an earlier one, and when it must not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState

from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.status import SweepStatus, write_status
from tune.ledger.study import study_trials
from tune.search.searcher import OptunaSearcher
from tune.search.warm_start import earlier_points, learned_points, not_learned
from tune.space.sweep_meaning import differences
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep, parse_sweep
from tune.sweep_file.yaml_text import write_document

METRIC, HASH = "eval/probe_accuracy", "e1a2"
SEARCH: dict[str, Any] = {
    "latent_size": {"int": [8, 64]},
    "input": ["difference", "wet"],
    "beta": {"float": [0, 1], "when": {"input": "difference"}},
}


def sweep_of(**sections: Any) -> Sweep:
    return parse_sweep({"name": "x", "search": SEARCH, "budget": {"trials": 100}, **sections})


def run(searcher: OptunaSearcher, count: int, ended: str = "patience") -> list[dict[str, Any]]:
    found = []
    for _ in range(count):
        params = searcher.suggest("a")
        assert isinstance(params, dict)
        found.append(params)
        searcher.on_trial_complete("a", {"epoch": 2, METRIC: params["latent_size"] / 100, "trial/seconds": 1.0, "ended": ended})
    return found


def earlier_sweep(home: Path, sweep: Sweep, complete: int = 12, pruned: int = 3, evaluation_hash: str = HASH) -> SweepFolder:
    """A sweep in `home` called `before`, with trials of each kind and one that runs."""
    folder = SweepFolder(home / "before")
    folder.path.mkdir()
    write_document(folder.spec, sweep.canonical())
    write_status(folder.status, SweepStatus("before", "complete", {}, {}, evaluation_hash=evaluation_hash))
    searcher = OptunaSearcher(sweep, folder.journal, "before")
    run(searcher, complete)
    run(searcher, pruned, ended="")
    searcher.suggest("failed")
    searcher.on_trial_complete("failed", error=True)
    searcher.suggest("running")
    return folder


def test_only_ended_trials_are_learned_from_with_their_curves(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of())
    found = earlier_points(sweep_of(**{"from": "before"}), tmp_path, HASH)
    assert [point.state for point in found] == [TrialState.COMPLETE] * 12 + [TrialState.PRUNED] * 3
    assert all(point.intermediate_values == {2: point.params["latent_size"] / 100} for point in found[12:])
    assert all(("beta" in point.params) == (point.params["input"] == "difference") for point in found)


def test_without_a_sweep_to_learn_from_nothing_is_learned(tmp_path: Path) -> None:
    assert earlier_points(sweep_of(), tmp_path, HASH) == ()


def test_repeats_are_learned_from_as_points(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of(repeat=3), complete=12, pruned=0)
    assert len(earlier_points(sweep_of(**{"from": "before"}), tmp_path, HASH)) == 4


@pytest.mark.parametrize("sampler", ["tpe", "gp", "nsga2"])
def test_a_sampler_begins_with_what_was_learned_and_has_no_trials_of_it(sampler: str, tmp_path: Path) -> None:
    folder = earlier_sweep(tmp_path, sweep_of(), complete=30)
    kind = {"type": sampler, "population": 10}
    cold, warm = sweep_of(sampler=kind), sweep_of(sampler=kind, **{"from": "before"})
    learned = earlier_points(warm, tmp_path, HASH)
    journal = tmp_path / "x.journal"
    first = run(OptunaSearcher(warm, journal, learned=learned), 5)
    assert [params[TRIAL_NUMBER] for params in first] == list(range(5))
    assert sum(params["latent_size"] for params in first) > sum(params["latent_size"] for params in run(OptunaSearcher(cold), 5))
    assert len(study_trials(journal, "x")) == 5
    folder.journal.unlink()  # it goes on with what it began with
    whole = run(OptunaSearcher(warm, learned=learned), 8)
    assert first + run(OptunaSearcher(warm, journal), 3) == whole


def test_what_a_driver_that_died_has_not_kept_yet_is_kept_by_the_next(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of())
    warm, journal = sweep_of(**{"from": "before"}), tmp_path / "x.journal"
    learned = earlier_points(warm, tmp_path, HASH)
    assert len(learned_points(warm, journal, "x", learned[:4])) == 4
    for _ in range(2):
        whole = learned_points(warm, journal, "x", learned)
        assert [point.params for point in whole] == [point.params for point in learned]


def test_trials_outside_of_the_space_are_left_out(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of(), complete=30)
    narrow = SEARCH | {"latent_size": {"int": [8, 32]}}
    found = earlier_points(sweep_of(search=narrow, **{"from": "before"}), tmp_path, HASH)
    assert 0 < len(found) < 33 and max(point.params["latent_size"] for point in found) <= 32
    nowhere = SEARCH | {"latent_size": {"int": [100, 200]}}
    with pytest.raises(InvalidInput, match="from before: none of its 33 ended trials lies in this sweep's search space"):
        earlier_points(sweep_of(search=nowhere, **{"from": "before"}), tmp_path, HASH)


def test_another_evaluation_set_is_refused_with_both_hashes(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of(), evaluation_hash="beef")
    with pytest.raises(InvalidInput, match=r"from before: .*evaluation set: there beef, here e1a2\. Make them the same"):
        earlier_points(sweep_of(**{"from": "before"}), tmp_path, HASH)


def test_all_that_differs_is_told(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of())
    other = sweep_of(model={"temperature": 0.2}, objective={"metric": "eval/retrieval"}, **{"from": "before"})
    with pytest.raises(InvalidInput) as caught:
        earlier_points(other, tmp_path, HASH)
    assert (
        "objective: there eval/probe_accuracy (max), here eval/retrieval (max); model.temperature: there 0.1, here 0.2."
        in str(caught.value)
    )


def test_a_sweep_whose_file_is_gone_is_refused(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of()).spec.unlink()
    with pytest.raises(InvalidInput, match=r"from before: its sweep file, .*before/sweep\.yaml, is gone\. Bring it back"):
        earlier_points(sweep_of(**{"from": "before"}), tmp_path, HASH)


def test_a_sweep_that_is_not_there_is_refused(tmp_path: Path) -> None:
    earlier_sweep(tmp_path, sweep_of())
    with pytest.raises(InvalidInput, match=r"there is no such sweep in .* Did you mean 'before'"):
        earlier_points(sweep_of(**{"from": "befor"}), tmp_path, HASH)


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"from": "befor"}, r"from befor: sweep 'befor': there is no such sweep in .* Did you mean 'before'.*refuses"),
        ({"from": "before", "train": {"max_epochs": 50}}, r"train\.max_epochs: there 100, here 50\..*refuses the sweep"),
        ({"from": "before"}, ""),
        ({}, ""),
    ],
)
def test_a_plan_tells_before_anything_runs_that_nothing_can_be_learned(
    sections: dict[str, Any], told: str, tmp_path: Path
) -> None:
    earlier_sweep(tmp_path, sweep_of())
    found = list(not_learned(sweep_of(**sections), tmp_path))
    assert len(found) == bool(told) and re.search(told, "".join(found))


TWO = [{"metric": METRIC}, {"metric": "trial/seconds", "mode": "min"}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"train": {"max_epochs": 50}}, ["train.max_epochs: there 100, here 50"]),
        ({"model": {"beta": 0.1}}, ["model.beta: there searched when input is difference, else 0.3, here searched when"]),
        ({"model": {"latent_size": 4}}, []),
        (
            {"search": SEARCH | {"beta": {"float": [0, 1]}}},
            ["model.beta: there searched when input is difference, else 0.3, here"],
        ),
        ({"search": SEARCH | {"latent_size": 32}}, ["model.latent_size: there searched, here 32"]),
        ({"search": SEARCH | {"patience": [1, 2]}}, ["train.patience: there 2, here searched"]),
        ({"search": SEARCH | {"patience": 2}}, []),
        ({"search": SEARCH | {"latent_size": {"log": [1, 512]}}}, []),
        (
            {"search": SEARCH | {"batch_size": {"derive": "latent_size"}}},
            ["train.batch_size: there 16, here computed as latent_size"],
        ),
        (
            {"search": SEARCH | {"effect_split": {"hold_out": 2}}},
            ["search.effect_split: there -leslie-combo-loudness, here searched"],
        ),
        (
            {"objective": TWO, "scheduler": {"type": "none"}},
            ["objective: there eval/probe_accuracy (max), here"],
        ),
        ({"train": {"workers": 2, "threads": 2}}, []),
        ({"scheduler": {"type": "none"}, "sampler": {"seed": 3}, "budget": {"trials": 3}, "repeat": 2}, []),
        ({"effects": {"use": ["overdrive", "delay", "flanger", "leslie"]}}, ["effects.use: there", "search.effect_split: there"]),
    ],
)
def test_what_shapes_scores_or_gives_dimensions_their_meaning_is_compared(change: dict[str, Any], told: list[str]) -> None:
    found = differences(sweep_of(), sweep_of(**change))
    assert len(found) == len(told)
    assert all(line.startswith(beginning) for line, beginning in zip(found, told, strict=True))
