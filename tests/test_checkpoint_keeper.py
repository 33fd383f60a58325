"""What stays on the disk of a trial's checkpoints, and what Ray Tune can still go on from."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyarrow.fs import LocalFileSystem

from trainables.training.trainable import CHECKPOINT_FILE
from tune.driver.checkpoint_keeper import KEPT_BY_TUNE, CheckpointKeeper


def saved(folder: Path, name: str) -> Any:
    (folder / name).mkdir(parents=True)
    (folder / name / CHECKPOINT_FILE).touch()
    return SimpleNamespace(path=str(folder / name), filesystem=LocalFileSystem())


def kept(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob(f"*/{CHECKPOINT_FILE}"))


def test_two_stay_while_a_trial_runs_and_one_when_it_has_ended(tmp_path: Path) -> None:
    keeper, trial, other = CheckpointKeeper(), SimpleNamespace(trial_id="a"), SimpleNamespace(trial_id="b")
    keeper.on_checkpoint(0, [], other, saved(tmp_path / "b", "checkpoint_0"))
    for epoch in range(4):
        keeper.on_checkpoint(0, [], trial, saved(tmp_path / "a", f"checkpoint_{epoch}"))
    assert kept(tmp_path / "a") == ["checkpoint_2", "checkpoint_3"]
    keeper.on_trial_complete(0, [], trial)
    assert kept(tmp_path / "a") == ["checkpoint_3"]
    assert kept(tmp_path / "b") == ["checkpoint_0"]


def test_what_lies_in_an_object_store_is_removed_aside_and_one_that_does_not_answer_harms_nothing(tmp_path: Path) -> None:
    gone: list[str] = []

    class Remote:
        def delete_file(self, path: str) -> None:
            gone.append(path)
            raise OSError("away")

    keeper, trial = CheckpointKeeper(), SimpleNamespace(trial_id="a")
    for epoch in range(4):
        keeper.on_checkpoint(0, [], trial, SimpleNamespace(path=f"bucket/x/{epoch}", filesystem=Remote()))
    keeper.on_trial_complete(0, [], trial)
    keeper.on_experiment_end([])
    assert gone == [f"bucket/x/{epoch}/{CHECKPOINT_FILE}" for epoch in range(3)]


def test_a_trial_without_a_checkpoint_may_end(tmp_path: Path) -> None:
    CheckpointKeeper().on_trial_complete(0, [], SimpleNamespace(trial_id="a"))


def test_under_ray_tune_a_trial_whose_process_died_goes_on_from_the_newest(local_ray: None, tmp_path: Path) -> None:
    from ray.tune import CheckpointConfig, FailureConfig, RunConfig, Trainable, Tuner

    class Dying(Trainable):  # type: ignore[misc]
        def setup(self, config: dict[str, Any]) -> None:
            self.epoch, self.began_at = 0, 0

        def step(self) -> dict[str, Any]:
            if self.epoch == 4 and self.began_at == 0:
                raise RuntimeError("its process is lost")
            self.epoch += 1
            return {"epoch": self.epoch, "began_at": self.began_at, "done": self.epoch == 6}

        def save_checkpoint(self, checkpoint_dir: str) -> None:
            (Path(checkpoint_dir) / CHECKPOINT_FILE).write_text(str(self.epoch))

        def load_checkpoint(self, checkpoint_dir: str) -> None:
            self.epoch = self.began_at = int((Path(checkpoint_dir) / CHECKPOINT_FILE).read_text())

    run_config = RunConfig(
        name="x",
        storage_path=str(tmp_path),
        verbose=0,
        callbacks=[CheckpointKeeper()],
        checkpoint_config=CheckpointConfig(num_to_keep=KEPT_BY_TUNE, checkpoint_frequency=1),
        failure_config=FailureConfig(max_failures=1),
    )
    [result] = Tuner(Dying, run_config=run_config).fit()
    assert (result.metrics["epoch"], result.metrics["began_at"]) == (6, 4)
    assert [path.read_text() for path in tmp_path.glob(f"x/*/*/{CHECKPOINT_FILE}")] == ["6"]
