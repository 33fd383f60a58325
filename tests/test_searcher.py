"""What the searcher proposes, and what it tells the study of each trial's end."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState
from ray.tune.search import Searcher

from tune.ledger.study import REASON, StudyTrial, open_study, study_trials
from tune.search.ends import catch_up
from tune.search.searcher import OptunaSearcher
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep, parse_sweep

METRIC = "eval/probe_accuracy"
SPACE = {
    "beta": {"log": [0.03, 3]},
    "patience": {"int": [1, 4]},
    "latent_size": [8, 16, 32],
    "effect_split": {"hold_out": 2},
    "temperature": 0.2,
}


def sweep_of(trials: int = 30, **sections: Any) -> Sweep:
    return parse_sweep({"name": "x", "search": SPACE, "budget": {"trials": trials}} | sections)


def end(epoch: int = 1, value: float = 0.5, ended: str = "patience") -> dict[str, Any]:
    return {"epoch": epoch, METRIC: value, "ended": ended}


def proposals(searcher: OptunaSearcher, count: int, score: float | None = None) -> list[dict[str, Any]]:
    """One trial after the other, each ended with a score made of its parameters, or with the given one."""
    found = []
    for _ in range(count):
        params = searcher.suggest("a")
        assert isinstance(params, dict)
        found.append(params)
        searcher.on_trial_complete("a", end(value=params["beta"] + params["patience"] if score is None else score))
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "x.journal"


def only_trial(journal: Path) -> StudyTrial:
    (trial,) = study_trials(journal, "x")
    return trial


def test_a_proposal_has_every_dimension_and_the_trials_number() -> None:
    for number, params in enumerate(proposals(OptunaSearcher(sweep_of()), 3)):
        assert set(params) == {*SPACE, TRIAL_NUMBER}
        assert params[TRIAL_NUMBER] == number
        assert params["temperature"] == 0.2


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_same_seed_proposes_the_same_and_another_seed_does_not(sampler: str) -> None:
    def run(seed: int) -> list[dict[str, Any]]:
        return proposals(OptunaSearcher(sweep_of(sampler={"type": sampler, "seed": seed})), 16)

    assert run(0) == run(0)
    assert run(0) != run(1)
    assert len({str(params["beta"]) for params in run(0)}) == 16


def test_tpe_proposes_better_than_chance() -> None:
    def late(sampler: str) -> float:
        found = proposals(OptunaSearcher(sweep_of(40, sampler={"type": sampler})), 40)[20:]
        return sum(params["beta"] + params["patience"] for params in found) / len(found)

    assert late("tpe") > late("random") + 1


GRID = {"search": {"latent_size": [8, 16], "patience": {"int": [1, 3]}}, "sampler": {"type": "grid"}}


def test_a_grid_proposes_every_point_once_before_any_again() -> None:
    found = proposals(OptunaSearcher(sweep_of(12, **GRID)), 12, score=0.5)
    points = [(params["latent_size"], params["patience"]) for params in found]
    assert len(set(points[:6])) == 6 and points[6:] == points[:6]
    assert [params[TRIAL_NUMBER] for params in found] == list(range(12))


def test_a_grid_goes_on_from_its_journal_where_it_was(journal: Path) -> None:
    whole = proposals(OptunaSearcher(sweep_of(6, **GRID)), 6, score=0.5)
    first = proposals(OptunaSearcher(sweep_of(6, **GRID), journal), 2, score=0.5)
    assert first + proposals(OptunaSearcher(sweep_of(6, **GRID), journal), 4, score=0.5) == whole


def test_a_broken_off_search_goes_on_as_if_it_had_not_been(journal: Path) -> None:
    whole = proposals(OptunaSearcher(sweep_of()), 16)
    first = proposals(OptunaSearcher(sweep_of(), journal), 12)
    assert first + proposals(OptunaSearcher(sweep_of(), journal), 4) == whole


def test_trials_left_running_are_proposed_again_first_under_their_numbers(journal: Path) -> None:
    before = OptunaSearcher(sweep_of(3), journal)
    first, second = before.suggest("a"), before.suggest("b")
    before.on_trial_result("a", end(1, 0.1, ""))
    after = OptunaSearcher(sweep_of(3), journal)
    assert [after.suggest("c"), after.suggest("d")] == [first, second]
    after.on_trial_result("c", end(1, 0.1, ""))
    after.on_trial_complete("c", end(2, 0.2))
    after.on_trial_complete("d", end(1, 0.3))
    third = after.suggest("e")
    assert isinstance(third, dict)
    assert third[TRIAL_NUMBER] == 2
    assert dict(study_trials(journal, "x")[0].values_by_epoch) == {1: 0.1, 2: 0.2}


def test_the_budget_ends_the_proposals() -> None:
    searcher = OptunaSearcher(sweep_of(3))
    assert all(isinstance(searcher.suggest(str(number)), dict) for number in range(3))
    assert searcher.suggest("more") == Searcher.FINISHED
    searcher.on_trial_complete("0", error=True)
    assert searcher.suggest("more") == Searcher.FINISHED


def test_a_larger_budget_goes_on_from_the_journal(journal: Path) -> None:
    proposals(OptunaSearcher(sweep_of(3), journal), 3)
    extended = OptunaSearcher(sweep_of(5), journal)
    assert [params[TRIAL_NUMBER] for params in proposals(extended, 2)] == [3, 4]
    assert extended.suggest("more") == Searcher.FINISHED


def test_what_the_sweep_cut_off_waits_and_is_taken_up_first_when_it_goes_on(journal: Path) -> None:
    stopped = OptunaSearcher(sweep_of(2), journal)
    first = stopped.suggest("a")
    stopped.close("stopped by a person")
    assert (only_trial(journal).state, only_trial(journal).reason) == ("stopped", "stopped by a person")
    again = OptunaSearcher(sweep_of(2), journal)
    assert again.suggest("b") == first
    assert only_trial(journal).state == "running"
    again.on_trial_complete("b", end())
    assert [params[TRIAL_NUMBER] for params in proposals(again, 1)] == [1]
    assert again.suggest("more") == Searcher.FINISHED


def test_a_trial_that_an_older_version_stopped_does_not_count_against_the_budget(journal: Path) -> None:
    older = OptunaSearcher(sweep_of(2), journal)
    older.suggest("a")
    (trial,) = older._live.values()
    trial.set_user_attr(REASON, "stopped by a person")
    older._study.tell(trial, state=TrialState.FAIL)
    again = OptunaSearcher(sweep_of(2), journal)
    assert [params[TRIAL_NUMBER] for params in proposals(again, 2)] == [1, 2]
    assert again.suggest("more") == Searcher.FINISHED


def test_an_end_that_was_written_down_and_not_told_is_told_when_the_sweep_goes_on(journal: Path) -> None:
    died = OptunaSearcher(sweep_of(3), journal)
    for name in "abc":
        died.suggest(name)
    died.on_trial_result("a", end(1, 0.1, ""))
    ledger = {
        0: [end(1, 0.1, "") | {"done": False}, end(2, 0.2) | {"done": True}],
        1: [{"epoch": 1, "failed": True, "error": "ValueError: planted", "cause": "bug", "done": True}],
        2: [end(1, 0.3, "") | {"done": False}],
    }
    catch_up(open_study(journal, "x", ["max"]), [METRIC], lambda number: ledger[number])
    after = OptunaSearcher(sweep_of(3), journal)
    trials = study_trials(journal, "x")
    assert [trial.state for trial in trials] == ["complete", "failed", "running"]
    assert [trial.reason for trial in trials] == ["patience", "ValueError: planted", ""]
    assert [dict(trial.values_by_epoch) for trial in trials] == [{1: 0.1, 2: 0.2}, {}, {1: 0.3}]
    left = after.suggest("d")
    assert isinstance(left, dict) and left[TRIAL_NUMBER] == 2
    assert after.suggest("more") == Searcher.FINISHED


@pytest.mark.parametrize("ended", ["patience", "max_epochs"])
def test_a_trial_that_ended_by_itself_is_complete(ended: str, journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.on_trial_result("a", end(1, 0.4, ""))
    searcher.on_trial_complete("a", end(2, 0.3, ended))
    trial = only_trial(journal)
    assert (trial.state, trial.value, dict(trial.values_by_epoch)) == ("complete", 0.3, {1: 0.4, 2: 0.3})


def test_a_trial_that_the_scheduler_stopped_is_pruned_with_its_last_value_at_its_epoch(journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.on_trial_result("a", end(1, 0.4, ""))
    searcher.on_trial_complete("a", end(2, 0.3, ""))
    trial = only_trial(journal)
    assert (trial.state, trial.value, dict(trial.values_by_epoch)) == ("pruned", 0.3, {1: 0.4, 2: 0.3})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("ended", ["patience", ""])
def test_an_objective_that_is_no_finite_number_prunes_the_trial(value: float, ended: str, journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.on_trial_complete("a", end(2, value, ended))
    trial = only_trial(journal)
    assert (trial.state, trial.value, trial.cause) == ("pruned", None, "not_finite")
    assert trial.reason == f"{METRIC} is {value}"


@pytest.mark.parametrize("result", [None, {"epoch": 1}])
def test_a_trial_without_a_value_fails(result: dict[str, Any] | None, journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.on_trial_complete("a", result)
    assert only_trial(journal).state == "failed"


def test_an_error_fails_the_trial_and_keeps_its_values(journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.on_trial_result("a", end(1, 0.4, ""))
    searcher.on_trial_complete("a", error=True)
    trial = only_trial(journal)
    assert (trial.state, dict(trial.values_by_epoch)) == ("failed", {1: 0.4})


def test_a_trial_that_was_cut_off_and_fails_when_it_goes_on_has_failed(journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    searcher.close("out of time")
    again = OptunaSearcher(sweep_of(), journal)
    again.suggest("b")
    again.on_trial_complete("b", error=True)
    assert (only_trial(journal).state, only_trial(journal).reason) == ("failed", "its process was lost")


def test_closing_leaves_no_trial_running_and_says_why(journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    for name in "abc":
        searcher.suggest(name)
    searcher.on_trial_complete("b", end())
    searcher.close("out of time")
    searcher.close("again")
    trials = study_trials(journal, "x")
    assert [trial.state for trial in trials] == ["stopped", "complete", "stopped"]
    assert [trial.reason for trial in trials] == ["out of time", "patience", "out of time"]
    searcher.on_trial_complete("a", end())
    assert study_trials(journal, "x")[0].state == "stopped"


@pytest.mark.parametrize(
    ("cause", "state", "told"),
    [("bug", "failed", "FAIL"), ("out_of_memory", "failed", "PRUNED"), ("not_finite", "pruned", "PRUNED")],
)
def test_a_failure_is_told_by_its_cause(cause: str, state: str, told: str, journal: Path) -> None:
    searcher = OptunaSearcher(sweep_of(), journal)
    searcher.suggest("a")
    failed = {
        "epoch": 0,
        METRIC: math.nan,
        "failed": True,
        "error": "Traceback\nKindOfError: planted",
        "cause": cause,
        "done": True,
    }
    searcher.on_trial_complete("a", failed)
    trial = only_trial(journal)
    assert (trial.state, trial.cause, trial.reason) == (state, cause, "KindOfError: planted")
    assert searcher._study.trials[0].state.name == told


def test_two_sweeps_keep_apart_in_one_journal(journal: Path) -> None:
    proposals(OptunaSearcher(sweep_of(), journal, "one"), 2)
    proposals(OptunaSearcher(sweep_of(), journal, "two"), 1)
    assert (len(study_trials(journal, "one")), len(study_trials(journal, "two"))) == (2, 1)


def test_what_is_saved_is_no_pickle_and_is_not_restored(tmp_path: Path) -> None:
    searcher = OptunaSearcher(sweep_of())
    searcher.save(str(tmp_path / "state"))
    assert (tmp_path / "state").read_text() == '{"study": "x"}'
    with pytest.raises(NotImplementedError, match="rebuilt from its journal"):
        searcher.restore(str(tmp_path / "state"))


def test_optuna_is_quiet(journal: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        proposals(OptunaSearcher(sweep_of(), journal), 12)
    assert capfd.readouterr().err == ""
