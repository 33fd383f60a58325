from __future__ import annotations

from pathlib import Path
from typing import Any

from made_up_trials import estimate, healthy
from small_sweep import SMALL, write_sweep

from trainables.diagnosis.diagnosis import CHECKS, diagnose
from tune.driver.examination import examined_again
from tune.driver.examiner import Examiner, check_tags, worry_names
from tune.driver.trainable_parts import examiner_of
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus
from tune.sweep_file.spec import load_sweep

LEAKS = healthy(read_back=None, **estimate("eval/recording_leakage", 0.9))


class Tracker:
    """Stands in for the writer to MLflow: keeps what it is told."""

    def __init__(self) -> None:
        self.tags: dict[int, dict[str, str]] = {}
        self.artifacts: list[tuple[int, Path]] = []

    def trial_tags(self, number: int, tags: dict[str, str]) -> None:
        self.tags[number] = tags

    def trial_artifact(self, number: int, path: Path, folder: Any = None) -> None:
        self.artifacts.append((number, path))


def test_a_trial_gets_its_tags_its_page_and_its_worries(tmp_path: Path) -> None:
    tracker = Tracker()
    examiner = Examiner(load_sweep(str(write_sweep(tmp_path, SMALL))), SweepFolder(tmp_path), tracker)  # type: ignore[arg-type]
    trial = TrialStatus(2, "complete", {"latent_size": 8, "effect_split": "-leslie-combo-loudness"}, reason="patience")
    assert examiner.examine(trial, LEAKS.epochs) == "recording_leakage"
    assert tracker.tags[2]["worry"] == "recording_leakage"
    [(number, page)] = tracker.artifacts
    assert (number, page.name) == (2, "should_i_worry.html")
    assert "trial 2: z8 -leslie-combo-loudness" in page.read_text(encoding="utf-8")


def test_a_tag_for_each_check_tells_verdict_and_figure() -> None:
    tags = check_tags(diagnose(LEAKS))
    assert set(tags) == {"worry"} | {f"fxsweep.check.{name}" for name in CHECKS}
    assert tags["fxsweep.check.collapsed_dimensions"] == "fine: 7 of 8 dimensions in use"
    assert tags["fxsweep.check.recording_leakage"].startswith("worry: recording told in 90% of clips")


def test_no_worry_is_an_empty_list_of_names() -> None:
    assert worry_names(diagnose(healthy())) == "" == check_tags(diagnose(healthy()))["worry"]


def test_a_matcher_is_asked_nothing_and_nobody_says_that_nothing_was_found(tmp_path: Path) -> None:
    tracker, sweep = Tracker(), load_sweep("matcher")
    examiner = examiner_of(sweep, SweepFolder(tmp_path), tracker)  # type: ignore[arg-type]
    assert examiner.examine(TrialStatus(0, "complete", {}), LEAKS.epochs) is None
    assert tracker.tags == {} and tracker.artifacts == []
    assert examined_again(sweep, SweepFolder(tmp_path), TrialStatus(0, "complete", {})) == ()
