"""What a sweep proposes next, of every kind of search space and with every sampler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState
from ray.tune.search import Searcher

from tune.ledger.study import CONSTRAINT, frozen_trials, study_trials
from tune.search.proposals import MOST_ASKS
from tune.search.searcher import OptunaSearcher
from tune.space.trials import TRIAL_NUMBER, to_trial_config
from tune.sweep_file.spec import Sweep, parse_sweep

METRIC, SECONDS = "eval/probe_accuracy", "trial/seconds"
TWO = [{"metric": METRIC}, {"metric": SECONDS, "mode": "min"}]
CONDITIONAL: dict[str, Any] = {
    "input": ["difference", "wet"],
    "beta": {"log": [0.03, 3], "when": {"input": "difference"}},
    "temperature": {"float": [0.1, 0.5], "step": 0.1},
    "latent_size": [8, 16, 32],
    "batch_size": {"derive": "latent_size * 2"},
}
SAMPLERS = ("tpe", "random", "nsga2", "gp")


def sweep_of(trials: int = 30, **sections: Any) -> Sweep:
    return parse_sweep({"name": "x", "search": CONDITIONAL, "budget": {"trials": trials}} | sections)


def score(params: dict[str, Any]) -> float:
    return float(params.get("beta", 0.0) * params.get("latent_size", 8)) / 100


def run(searcher: OptunaSearcher, count: int) -> list[dict[str, Any]]:
    """One trial after the other, each ended with a score made of its parameters; up to the budget."""
    found: list[dict[str, Any]] = []
    for _ in range(count):
        params = searcher.suggest("a")
        if not isinstance(params, dict):
            break
        found.append(params)
        result = {"epoch": 1, METRIC: score(params), SECONDS: float(params.get("latent_size", 1)), "ended": "patience"}
        searcher.on_trial_complete("a", result)
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "x.journal"


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_proposes_what_the_space_allows_and_the_same_after_a_break(sampler: str, journal: Path) -> None:
    sweep = sweep_of(15, sampler={"type": sampler, "population": 4}, require=["latent_size * beta <= 32"])
    whole = run(OptunaSearcher(sweep), 15)
    for params in whole:
        assert ("beta" in params) == (params["input"] == "difference")
        assert params["batch_size"] == 2 * params["latent_size"] and params["temperature"] in (0.1, 0.2, 0.3, 0.4, 0.5)
        assert params.get("beta", 0.3) * params["latent_size"] <= 32
        assert to_trial_config(sweep, params).train.batch_size == params["batch_size"]
    first = run(OptunaSearcher(sweep, journal), 12)
    assert first + run(OptunaSearcher(sweep, journal), 3) == whole
    assert len({str(params) for params in whole}) == len(whole) == 15


@pytest.mark.parametrize("sampler", ("tpe", "nsga2", "gp"))
def test_a_sampler_that_learns_proposes_better_than_chance(sampler: str) -> None:
    def late(kind: str) -> float:
        space = {"beta": {"float": [0, 1]}, "temperature": {"float": [0.1, 1]}}
        sweep = sweep_of(32, search=space, sampler={"type": kind, "population": 8})
        return sum(float(params["beta"]) for params in run(OptunaSearcher(sweep), 32)[24:]) / 8

    assert late(sampler) > late("random") + 0.1


def test_what_is_left_out_is_no_parameter_of_the_study_and_what_is_computed_goes_beside(journal: Path) -> None:
    run(OptunaSearcher(sweep_of(8), journal), 8)
    for frozen, told in zip(frozen_trials(journal, "x"), study_trials(journal, "x"), strict=True):
        assert ("beta" in frozen.params) == (frozen.params["input"] == "difference")
        assert "batch_size" not in frozen.params
        assert told.params == {**frozen.params, "batch_size": 2 * frozen.params["latent_size"]}


def test_a_proposal_that_may_not_be_is_told_to_the_study_and_is_no_trial(journal: Path) -> None:
    sweep = sweep_of(
        12, require=["latent_size * beta <= 2"], search={k: CONDITIONAL[k] for k in ("input", "beta", "latent_size")}
    )
    params = run(OptunaSearcher(sweep, journal), 50)
    assert len(params) == 12 and OptunaSearcher(sweep, journal).suggest("more") == Searcher.FINISHED
    rejected = [trial for trial in frozen_trials(journal, "x") if CONSTRAINT in trial.user_attrs]
    assert rejected and all(trial.state == TrialState.PRUNED and trial.constraints == {CONSTRAINT: 1.0} for trial in rejected)
    assert all(trial.params.get("beta", 0.3) * trial.params["latent_size"] > 2 for trial in rejected)
    assert {trial.user_attrs["reason"] for trial in rejected} == {"it does not keep latent_size * beta <= 2"}
    numbers = [trial.number for trial in study_trials(journal, "x")]
    assert numbers == [found[TRIAL_NUMBER] for found in params]
    assert not {trial.number for trial in rejected} & set(numbers)


@pytest.mark.parametrize("sampler", ("tpe", "nsga2", "gp"))
def test_a_sampler_learns_what_may_not_be(sampler: str, tmp_path: Path) -> None:
    def rejected_late(kind: str) -> int:
        space, journal = {"beta": {"float": [0, 1]}, "temperature": {"float": [0.1, 1]}}, tmp_path / f"{kind}.journal"
        sweep = sweep_of(40, search=space, require=["beta <= 0.4"], sampler={"type": kind, "population": 8})
        twentieth = run(OptunaSearcher(sweep, journal), 40)[19][TRIAL_NUMBER]
        return sum(CONSTRAINT in trial.user_attrs for trial in frozen_trials(journal, "x") if trial.number > twentieth)

    assert rejected_late(sampler) < 0.7 * rejected_late("random")


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_where_little_is_feasible_chance_and_planning_find_it(sampler: str, journal: Path) -> None:
    space = {"latent_size": {"int": [1, 1024]}, "beta": {"float": [0, 1]}}
    sweep = sweep_of(2, search=space, require=["latent_size >= 1024", "beta >= 1"], sampler={"type": sampler})
    assert [(params["latent_size"], params["beta"]) for params in run(OptunaSearcher(sweep, journal), 2)] == [(1024, 1.0)] * 2
    assert len(frozen_trials(journal, "x")) <= 2 * (MOST_ASKS + 1)


def test_a_grid_has_only_points_that_may_be_and_each_once() -> None:
    space = {"input": ["wet", "pair"], "beta": {"choice": [1, 2], "when": {"input": "pair"}}, "latent_size": [8, 16, 32]}
    sweep = sweep_of(20, search=space, require=["latent_size * beta <= 32"], sampler={"type": "grid"})
    found = run(OptunaSearcher(sweep), 8)
    assert len({str({k: v for k, v in params.items() if k != TRIAL_NUMBER}) for params in found}) == 8
    assert all(params.get("beta", 0.3) * params["latent_size"] <= 32 for params in found)
    assert [{**params, TRIAL_NUMBER: 0} for params in run(OptunaSearcher(sweep), 16)[8:]] == [
        {**params, TRIAL_NUMBER: 0} for params in found
    ]


TRY = [{"latent_size": 32, "input": "difference", "beta": 0.3}, {"latent_size": 8}, {"input": "wet", "temperature": 0.3}]


@pytest.mark.parametrize("sampler", (*SAMPLERS, "grid"))
def test_points_to_try_come_first_and_the_rest_of_them_is_proposed(sampler: str) -> None:
    space = {key: value for key, value in CONDITIONAL.items() if key != "beta" or sampler != "grid"}
    tried = [{key: value for key, value in point.items() if key in space} for point in TRY]
    sweep = sweep_of(5, search=space, sampler={"type": sampler}, **{"try": tried})
    found = run(OptunaSearcher(sweep), 5)
    for point, params in zip(tried, found, strict=False):
        assert point.items() <= params.items() and {"temperature", "batch_size", "effect_split"} <= set(params)


def test_a_break_among_the_points_to_try_loses_and_doubles_none(journal: Path) -> None:
    sweep = sweep_of(5, **{"try": TRY})
    whole = run(OptunaSearcher(sweep), 5)
    assert run(OptunaSearcher(sweep, journal), 2) + run(OptunaSearcher(sweep, journal), 3) == whole


def test_a_point_to_try_keeps_what_is_required_of_it() -> None:
    sweep = sweep_of(1, require=["latent_size * beta <= 1"], **{"try": [{"latent_size": 32, "input": "difference"}]})
    (params,) = run(OptunaSearcher(sweep), 1)
    assert params["latent_size"] == 32 and params["input"] == "difference" and params["beta"] <= 1 / 32


def test_points_are_repeated_with_the_seeds_that_follow(journal: Path) -> None:
    sweep = sweep_of(7, repeat=3, seed=5)
    found = run(OptunaSearcher(sweep, journal), 2) + run(OptunaSearcher(sweep, journal), 9)
    assert [params["seed"] for params in found] == [5, 6, 7, 5, 6, 7, 5]
    points = [{k: v for k, v in params.items() if k not in ("seed", TRIAL_NUMBER)} for params in found]
    assert points[0] == points[1] == points[2] != points[3] == points[4] == points[5] != points[6]
    assert [to_trial_config(sweep, params).seed for params in found[:3]] == [5, 6, 7]
    assert [trial.params["seed"] for trial in study_trials(journal, "x")] == [5, 6, 7, 5, 6, 7, 5]
    assert [trial.value for trial in study_trials(journal, "x")] == [score(params) for params in found]


def test_repeats_may_run_at_the_same_time() -> None:
    searcher = OptunaSearcher(sweep_of(4, repeat=3))
    found = [searcher.suggest(name) for name in "abcd"]
    assert [params["seed"] for params in found if isinstance(params, dict)] == [0, 1, 2, 0]


@pytest.mark.parametrize("last", [{"epoch": 1, METRIC: 0.1, "ended": ""}, {"epoch": 1, METRIC: float("nan")}])
def test_a_point_that_is_stopped_or_fails_is_not_repeated(last: dict[str, Any]) -> None:
    searcher = OptunaSearcher(sweep_of(4, repeat=3))
    first = searcher.suggest("a")
    searcher.on_trial_complete("a", last)
    second = searcher.suggest("b")
    assert isinstance(first, dict) and isinstance(second, dict)
    assert second["seed"] == 0 and {**second, TRIAL_NUMBER: 0} != first


def test_a_grid_that_comes_round_again_goes_on_with_further_seeds() -> None:
    sweep = sweep_of(8, search={"latent_size": [8, 16]}, sampler={"type": "grid"}, repeat=2)
    found = run(OptunaSearcher(sweep), 8)
    assert [(params["latent_size"], params["seed"]) for params in found] == [
        *((8, 0), (8, 1), (16, 0), (16, 1)),
        *((8, 2), (8, 3), (16, 2), (16, 3)),
    ]


@pytest.mark.parametrize("sampler", ("tpe", "nsga2", "random", "gp"))
def test_of_several_objectives_the_study_has_the_front(sampler: str, journal: Path) -> None:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    config = {"type": sampler, "population": 4}
    sweep = sweep_of(14, objective=TWO, scheduler={"type": "none"}, sampler=config, require=["latent_size * beta <= 60"])
    searcher = OptunaSearcher(sweep, journal)
    begun = searcher.suggest("pruned")
    assert isinstance(begun, dict)
    searcher.on_trial_result("pruned", {"epoch": 1, METRIC: 0.5, SECONDS: 1.0})
    searcher.on_trial_complete("pruned", {"epoch": 2, METRIC: 0.5, SECONDS: float("nan")})
    found = run(searcher, 20)
    study = optuna.load_study(study_name="x", storage=JournalStorage(JournalFileBackend(str(journal))))
    assert len(found) == 13 and {trial.number for trial in study.best_trials} <= {params[TRIAL_NUMBER] for params in found}
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study_trials(journal, "x")[1].value == score(found[0])


def test_what_a_study_notes_can_be_kept_by_any_database(journal: Path) -> None:
    run(OptunaSearcher(sweep_of(4, repeat=2, require=["latent_size * beta <= 8"], **{"try": TRY[1:2]}), journal), 4)
    for trial in frozen_trials(journal, "x"):
        assert json.loads(json.dumps(trial.user_attrs)) == trial.user_attrs


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_point_is_proposed_twice_while_others_are_left(sampler: str) -> None:
    search = {"latent_size": [4, 8, 16], "input": ["difference", "wet"], "batch_size": [8, 16]}
    searcher = OptunaSearcher(sweep_of(14, search=search, sampler={"type": sampler, "population": 4}))
    found = [tuple(sorted((k, v) for k, v in params.items() if k in search)) for params in run(searcher, 14)]
    assert len(set(found[:12])) == 12, "each once"
    assert set(found[12:]) <= set(found[:12]), "and then again"


def test_a_point_whose_trial_was_lost_may_be_proposed_again() -> None:
    searcher = OptunaSearcher(sweep_of(8, search={"input": ["difference", "wet"]}))
    first = searcher.suggest("a")
    searcher.on_trial_complete("a", error=True)
    second = searcher.suggest("b")
    searcher.on_trial_complete("b", {"epoch": 1, METRIC: 0.5, "ended": "patience"})
    third = searcher.suggest("c")
    assert isinstance(first, dict) and isinstance(second, dict) and isinstance(third, dict)
    assert {second["input"], third["input"]} == {"difference", "wet"}
