from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_ledgers import sweep_in
from planned_status import sweep, trial
from rich.console import Console

from trainables.diagnosis.check import Check
from tune.driver.console import SweepConsole, show
from tune.ledger.home import SweepFolder
from tune.ledger.status import SweepStatus
from tune.ledger.summary import MAP_PICTURE, headline, print_summary, status_lines, sweep_table, worry_lines
from tune.pages.seed_study import FILE

ENDED = sweep(trial(0), trial(1, "pruned", 0.5), state="complete", ended=1161.0, model={"name": "fx-vae", "version": "3"})


def printed(shown: list[Any], width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    for line in shown:
        show(console, line)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def summary(status: SweepStatus, home: Path) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_summary(status, home, SweepConsole(console))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_headline_tells_how_it_ended_and_how_long_it_took() -> None:
    assert headline(ENDED) == "quickstart: complete in 2:41, 2 trials (1 complete, 1 pruned)"


def test_headline_of_a_running_sweep_tells_its_progress() -> None:
    assert headline(sweep(trial(0))).startswith("quickstart: running, 1 of 10 trials, 0 running, 8 epochs, best 0.600")


def test_headline_tells_why_it_stopped() -> None:
    stopped = sweep().ended_as("stopped", 1005.0, "its driver is gone")
    assert headline(stopped) == "quickstart: stopped in 0:05 (its driver is gone), no trial started"


def test_headline_tells_what_a_sweep_without_trials_waits_for() -> None:
    assert "running (no trial yet; its job is pending)" in headline(sweep(message="no trial yet; its job is pending"))


def test_the_best_is_told_with_its_controls() -> None:
    assert (
        "best     trial 0, z32 p2 -leslie-combo-loudness: eval/probe_accuracy 0.600"
        " (controls of the same size: pca 0.500, untrained 0.550)\n"
    ) in printed(status_lines(ENDED))


@pytest.mark.parametrize(("worries", "told"), [("", "none"), ("overfit, weights", "overfit, weights")])
def test_the_worries_about_the_best_are_told(worries: str, told: str) -> None:
    status = sweep(trial(0, worries=worries), trial(1, score=0.1, worries="copies_dry"), state="complete", ended=1161.0)
    assert f"worries  {told} (fxsweep status quickstart --worries --home /runs)\n" in printed(status_lines(status))
    assert "copies_dry" not in printed(status_lines(status))


def test_nothing_is_said_of_worries_before_the_best_was_examined() -> None:
    assert "worries" not in printed(status_lines(ENDED))


def test_checks_are_told_worries_first_with_their_remedies() -> None:
    fine, worry = (
        Check("weights", "0.2 read back", "fine", "All is well."),
        Check("overfit", "+9%", "worry", "It is.", "Do this."),
    )
    lines = worry_lines(ENDED, (fine, worry))
    assert lines[0] == "quickstart: should I worry about trial 0, z32 p2 -leslie-combo-loudness?"
    assert [line.strip() for line in lines[1:] if line] == [
        *("worry    overfit: +9%", "It is.", "Do this."),
        *("fine     weights: 0.2 read back", "All is well."),
    ]
    assert worry_lines(ENDED, ()) == ["quickstart: no trial has come to an end that could be examined."]


def test_the_model_is_told_with_the_command_that_pulls_it() -> None:
    told = printed(status_lines(ENDED))
    assert "model    fx-vae version 3, alias champion: fxsweep pull fx-vae@champion -o fx-vae --home /runs\n" in told
    assert "fxsweep ui --home /runs, then http" in told


def test_a_candidate_is_told_with_the_command_that_may_promote_it() -> None:
    told = printed(status_lines(replace(ENDED, model={"name": "fx-vae", "version": "3", "alias": "candidate"})))
    assert "model    fx-vae version 3, alias candidate: fxsweep pull fx-vae@candidate -o fx-vae --home /runs\n" in told
    assert f"fxsweep promote {ENDED.name} --home /runs\n" in told


def test_commands_do_not_name_the_home_where_they_would_look_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FXSWEEP_HOME", "/runs")
    assert "--home" not in printed(status_lines(ENDED))


def test_no_line_is_broken_at_60_columns() -> None:
    assert printed(status_lines(ENDED), width=60).split() == printed(status_lines(ENDED), width=200).split()


def test_a_sweep_that_has_not_started_is_one_line() -> None:
    assert len(status_lines(sweep(mlflow={"uri": "", "experiment": "", "run_id": ""}))) == 1


def test_compare_leads_to_the_server_or_to_the_local_pages() -> None:
    server = sweep(mlflow={"uri": "http://127.0.0.1:5001", "experiment": "7"})
    assert "compare  http://127.0.0.1:5001/#/experiments/7/runs" in printed(status_lines(server))
    assert "compare  fxsweep ui --home /runs, then http://127.0.0.1:5000/#/experiments/1/runs" in printed(status_lines(ENDED))


def test_the_map_is_told_only_if_it_was_made(tmp_path: Path) -> None:
    assert "map      " not in summary(ENDED, tmp_path)
    picture = tmp_path / "quickstart" / "maps" / "trial-0" / MAP_PICTURE
    picture.parent.mkdir(parents=True)
    picture.touch()
    assert f"map      {picture}\n" in summary(ENDED, tmp_path)


def test_what_early_stopping_was_worth_is_told_if_trials_were_compared(tmp_path: Path) -> None:
    status = sweep(trial(0), state="complete", ended=1161.0)
    assert "stopping" not in summary(status, tmp_path)
    sweep_in(SweepFolder(tmp_path / status.name), grace_epochs=2, reduction=2)
    told = "stopping rung 2: rank correlation 1.00 (1.00 to 1.00) of 5 trials that went on"
    assert told in " ".join(summary(status, tmp_path).split())


def test_the_seed_studys_question_is_answered_where_it_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = SweepFolder(tmp_path / ENDED.name)
    folder.path.mkdir()
    monkeypatch.setattr("tune.sweep_file.spec.load_sweep", lambda path: None)
    monkeypatch.setattr("tune.analysis.seed_study.seed_trials", lambda sweep, found, status: ("a trial",))
    monkeypatch.setattr("tune.analysis.seed_study.short_answer", lambda trials: "Yes. An epoch took 2.0 s, 150 times faster.")
    assert "seed " not in summary(ENDED, tmp_path)
    (folder.path / FILE).touch()
    told = "seed     Should I be concerned? Yes. An epoch took 2.0 s, 150 times faster."
    assert told in summary(ENDED, tmp_path) and str(folder.path / FILE) in summary(ENDED, tmp_path)


def test_sweeps_are_listed_with_their_best() -> None:
    rows = printed([sweep_table([ENDED, sweep()])]).splitlines()
    assert rows[1].split() == ["sweep", "state", "trials", "best", "started"]
    assert rows[3].split()[:6] == ["quickstart", "complete", "2", "of", "10", "0.600"]
    assert rows[4].split()[:6] == ["quickstart", "running", "0", "of", "10", "-"]
