"""What runs the epochs: the same numbers in the trial's process and in Ray Train workers, through every loss of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
from counting_fit import CountingFit, noted, tiny_config
from ray.tune import CheckpointConfig, FailureConfig, RunConfig, TuneConfig, Tuner, grid_search, with_parameters, with_resources

from trainables.configs import TrialConfig
from trainables.training.mailbox import FitError
from trainables.training.trainable import TrialContext, TrialTrainable, trial_resources
from trainables.training.workers import InProcess


def epochs_of(fit: InProcess, count: int) -> list[dict[str, float]]:
    return [fit.next().metrics for _ in range(count)]


def test_in_process_resumes_with_the_same_numbers(tmp_path: Path) -> None:
    whole = InProcess(CountingFit(str(tmp_path)))
    whole.begin(tiny_config(epochs=5), None)
    expected = epochs_of(whole, 5)
    for cut in range(1, 5):
        first = InProcess(CountingFit(str(tmp_path)))
        first.begin(tiny_config(epochs=5), None)
        epochs_of(first, cut)
        second = InProcess(CountingFit(str(tmp_path)))
        second.begin(tiny_config(epochs=5), first.save())
        resumed = epochs_of(second, 5 - cut)
        assert [m["eval/probe_accuracy"] for m in resumed] == [m["eval/probe_accuracy"] for m in expected[cut:]]


def test_in_process_tells_the_traceback_and_serves_the_next_trial(tmp_path: Path) -> None:
    runner = InProcess(CountingFit(str(tmp_path), fails_at=(4, 2)))
    runner.begin(tiny_config(latent_size=4), None)
    runner.next()
    with pytest.raises(FitError, match="planted at epoch 2"):
        runner.next()
    runner.begin(tiny_config(latent_size=5), None)
    assert runner.next().ended == ""


def test_code_that_fails_before_its_first_epoch_is_told_in_the_same_way() -> None:
    def broken(config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        raise AttributeError("planted")

    with pytest.raises(FitError, match="AttributeError: planted"):
        InProcess(broken).begin(tiny_config(), None)


def test_begin_seeds_the_global_generator_anew(tmp_path: Path) -> None:
    runner = InProcess(CountingFit(str(tmp_path)))
    runner.begin(tiny_config(), None)
    first = epochs_of(runner, 3)
    runner.begin(tiny_config(), None)
    assert epochs_of(runner, 3) == first


def tune(folder: Path, fit: CountingFit, workers: int, latents: list[int], reuse: bool = True) -> dict[int, Any]:
    """Real Ray Tune over latent sizes, one trial after another; results by latent size."""

    def to_config(params: dict[str, Any]) -> Any:
        return tiny_config(latent_size=params["latent_size"], epochs=4, workers=workers)

    context = TrialContext(to_config, fit, workers, str(folder / "storage"), "eval/probe_accuracy")
    results = Tuner(
        with_resources(with_parameters(TrialTrainable, context=context), trial_resources(workers)),
        param_space={"latent_size": grid_search(latents)},
        tune_config=TuneConfig(metric="eval/probe_accuracy", mode="max", reuse_actors=reuse, max_concurrent_trials=1),
        run_config=RunConfig(
            name="trials",
            storage_path=str(folder / "storage"),
            verbose=0,
            checkpoint_config=CheckpointConfig(num_to_keep=1, checkpoint_frequency=1),
            failure_config=FailureConfig(max_failures=1),
        ),
    ).fit()
    return {result.config["latent_size"]: result for result in results}


def scores(results: dict[int, Any]) -> dict[int, float]:
    return {latent: result.metrics["eval/probe_accuracy"] for latent, result in results.items()}


def expected_scores(folder: Path, latents: list[int]) -> dict[int, float]:
    found = {}
    for latent in latents:
        runner = InProcess(CountingFit(str(folder)))
        runner.begin(tiny_config(latent_size=latent, epochs=4), None)
        found[latent] = epochs_of(runner, 4)[-1]["eval/probe_accuracy"]
    return found


@pytest.mark.usefixtures("local_ray")
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_workers_stay_warm_from_trial_to_trial_and_give_the_same_numbers(tmp_path: Path, workers: int) -> None:
    (tmp_path / "alone").mkdir()
    results = tune(tmp_path, CountingFit(str(tmp_path)), workers, [4, 5, 6])
    assert scores(results) == expected_scores(tmp_path / "alone", [4, 5, 6])
    processes = {process for process, _, _ in noted(tmp_path)}
    assert len(processes) == max(1, workers)
    assert all(result.metrics["epoch"] == 4 and result.metrics["ended"] == "max_epochs" for result in results.values())


@pytest.mark.usefixtures("local_ray")
def test_failing_training_code_fails_its_trial_only_and_keeps_the_workers_warm(tmp_path: Path) -> None:
    results = tune(tmp_path, CountingFit(str(tmp_path), fails_at=(5, 2)), 1, [4, 5, 6])
    assert results[5].metrics["failed"] and "planted at epoch 2" in results[5].metrics["error"]
    assert "counting_fit.py" in results[5].metrics["error"]
    assert not results[4].metrics.get("failed") and not results[6].metrics.get("failed")
    assert len({process for process, _, _ in noted(tmp_path)}) == 1


@pytest.mark.usefixtures("local_ray")
@pytest.mark.parametrize("workers", [1, 2])
def test_lost_worker_is_replaced_and_the_curve_is_the_same(tmp_path: Path, workers: int) -> None:
    (tmp_path / "alone").mkdir()
    results = tune(tmp_path, CountingFit(str(tmp_path), dies_at=(5, 3)), workers, [4, 5])
    assert (tmp_path / "died").exists()
    assert scores(results) == expected_scores(tmp_path / "alone", [4, 5])
    assert all(result.metrics["training_iteration"] == 4 for result in results.values())


@pytest.mark.usefixtures("local_ray")
def test_workers_sit_in_the_trials_own_placement_group_and_leave_nothing(tmp_path: Path) -> None:
    """The contract with Ray Train's private names: two trials, each with a group of its own, one after the other."""
    tune(tmp_path, CountingFit(str(tmp_path)), 2, [4, 5], reuse=False)
    groups = [g for g in ray.util.placement_group_table().values() if g["state"] == "CREATED"]
    assert all(len(group["bundles"]) == 2 for group in groups)
    assert eventually(lambda: ray.available_resources().get("CPU", 0) == 2)


def eventually(condition: Any, seconds: float = 20.0) -> bool:
    import time

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False
