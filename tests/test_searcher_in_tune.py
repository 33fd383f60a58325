"""The searcher under the real Ray Tune, which tells a searcher less than it knows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tune.ledger.study import study_trials
from tune.search.scheduler import make_scheduler
from tune.search.searcher import OptunaSearcher
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep, parse_sweep

METRIC = "eval/probe_accuracy"


def sweep_of(trials: int, **sections: Any) -> Sweep:
    search = {"beta": {"log": [0.03, 3]}, "effect_split": {"hold_out": 2}}
    return parse_sweep({"name": "x", "search": search, "budget": {"trials": trials}, **sections})


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "x.journal"


RAISES, DIVERGES, PATIENT = 3, 4, 1  # trial numbers


def scripted_trial() -> type:
    """A trainable of six epochs, each trial a little worse than the one before it."""
    from ray.tune import Trainable

    class Scripted(Trainable):  # type: ignore[misc]
        def setup(self, config: dict[str, Any]) -> None:
            self.number, self.epoch = config["trial_number"], 0

        def step(self) -> dict[str, Any]:
            self.epoch += 1
            if self.number == RAISES and self.epoch == 1:
                raise RuntimeError("scripted")
            diverged = self.number == DIVERGES
            value = math.nan if diverged else 0.9 - 0.05 * self.number + 0.01 * self.epoch
            patience = "patience" if (self.number == PATIENT and self.epoch == 1) or (diverged and self.epoch == 2) else ""
            ended = patience or ("max_epochs" if self.epoch == 6 else "")
            return {METRIC: value, "epoch": self.epoch, "ended": ended, "done": bool(ended)}

        def save_checkpoint(self, checkpoint_dir: str) -> None: ...

        def reset_config(self, new_config: dict[str, Any]) -> bool:
            self.setup(new_config)
            return True

    return Scripted


def test_a_real_sweep_ends_with_the_truth_in_the_journal(local_ray: None, journal: Path, tmp_path: Path) -> None:
    from ray.tune import RunConfig, TuneConfig, Tuner

    sweep = sweep_of(9, train={"max_epochs": 6}, scheduler={"grace_epochs": 2, "reduction": 2})
    tune_config = TuneConfig(
        metric=METRIC,
        mode="max",
        num_samples=-1,
        search_alg=OptunaSearcher(sweep, journal),
        scheduler=make_scheduler(sweep),
        max_concurrent_trials=2,
        reuse_actors=True,
    )
    run_config = RunConfig(name="x", storage_path=str(tmp_path / "trials"), verbose=0)
    results = Tuner(scripted_trial(), tune_config=tune_config, run_config=run_config).fit()

    ends = {result.config[TRIAL_NUMBER]: result for result in results}
    trials = {trial.number: trial for trial in study_trials(journal, "x")}
    assert len(trials) == len(ends) == 9
    by_scheduler = {n for n, result in ends.items() if result.error is None and not result.metrics["ended"]}
    assert by_scheduler, "ASHA stops the later, worse trials"
    assert {n for n, trial in trials.items() if trial.state == "pruned"} == by_scheduler | {DIVERGES}
    assert {n for n, trial in trials.items() if trial.state == "failed"} == {RAISES}
    assert trials[DIVERGES].cause == "not_finite"
    assert {n for n, trial in trials.items() if trial.state == "complete"} == set(trials) - by_scheduler - {RAISES, DIVERGES}
    assert trials[PATIENT].state == trials[0].state == "complete"
    for number in set(trials) - {RAISES, DIVERGES}:
        last, trial = ends[number].metrics, trials[number]
        curve = {epoch: pytest.approx(0.9 - 0.05 * number + 0.01 * epoch) for epoch in range(1, last["epoch"] + 1)}
        assert dict(trial.values_by_epoch) == curve
        assert trial.value == pytest.approx(last[METRIC])
        assert ends[number].config == {**trial.params, TRIAL_NUMBER: number}


def test_a_real_sweep_out_of_time_leaves_nothing_running(local_ray: None, journal: Path, tmp_path: Path) -> None:
    from ray.tune import RunConfig, Stopper, TuneConfig, Tuner

    class AfterThree(Stopper):  # type: ignore[misc]
        seen = 0

        def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
            self.seen += 1
            return False

        def stop_all(self) -> bool:
            return self.seen >= 3

    searcher = OptunaSearcher(sweep_of(9), journal)
    tune_config = TuneConfig(metric=METRIC, mode="max", num_samples=-1, search_alg=searcher, max_concurrent_trials=1)
    run_config = RunConfig(name="x", storage_path=str(tmp_path / "trials"), verbose=0, stop=AfterThree())
    Tuner(scripted_trial(), tune_config=tune_config, run_config=run_config).fit()
    assert "running" in {trial.state for trial in study_trials(journal, "x")}, "Tune tells the searcher nothing"
    searcher.close("out of time")
    assert "running" not in {trial.state for trial in study_trials(journal, "x")}
    assert "out of time" in {trial.reason for trial in study_trials(journal, "x")}
