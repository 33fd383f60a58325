from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from planned_status import sweep, trial
from rich.console import Console
from rich.text import Text

from tune.driver.console import STATUS_PREFIX, SweepConsole, clock, progress_line, show, time_left
from tune.ledger.status import from_json

RUNNING = sweep(trial(0), trial(1, "pruned", 0.5), trial(2, "running", 0.4))


def console(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, color_system=None)


def printed(shown: Console) -> str:
    text: str = shown.file.getvalue()  # type: ignore[attr-defined]
    return text


@pytest.mark.parametrize("text", ["[take 1].wav", "a [bold]name[/]", "shape [3, 4] \\[x", ":smile: 1:2:3", "x" * 200])
def test_text_is_printed_as_it_is(text: str) -> None:
    where = console()
    show(where, text)
    assert printed(where) == text + "\n"


def test_a_trial_is_told_in_one_line_when_it_ends() -> None:
    where = console(width=40)
    SweepConsole(where).trial_ended(trial(3, reason="patience", seconds=61.2, epochs=12), RUNNING)
    assert printed(where).splitlines()[0] == (
        "  trial 3   complete  0.600   12 epochs    61 s  z32 p2 -leslie-combo-loudness (patience)"
    )


def test_a_failed_trial_is_told_with_its_reason_in_full() -> None:
    where = console()
    SweepConsole(where).trial_ended(trial(3, "failed", None, reason="expected [2, 3], got [oops]"), RUNNING)
    assert "failed        -" in printed(where)
    assert "(expected [2, 3], got [oops])" in printed(where)


def test_progress_is_said_once_where_there_is_no_terminal() -> None:
    where = console()
    teller = SweepConsole(where)
    teller.counts = lambda: "96 takes rendered"
    teller.progress(RUNNING, at_once=True)
    teller.progress(RUNNING, at_once=True)
    assert printed(where).count("2 of 10 trials, 1 running, 24 epochs, best 0.600, 96 takes rendered") == 1


def test_progress_is_not_said_all_the_time() -> None:
    where = console()
    teller = SweepConsole(where)
    for epochs in range(5):
        teller.progress(RUNNING.with_trial(trial(2, "running", 0.4, epochs=epochs)))
    assert len(printed(where).splitlines()) <= 1


def test_what_is_said_is_kept_in_the_log(tmp_path: Path) -> None:
    teller = SweepConsole(console())
    teller.log = tmp_path / "driver.log"
    teller.say("audio    [take 1].wav", Text("bold", style="bold"))
    assert teller.log.read_text() == "audio    [take 1].wav\nbold\n"


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    where = console()
    said = SweepConsole(where)
    said.log = Path("/dev/full")
    said.say("while ending: no room")
    said.record("Traceback")
    assert printed(where) == "while ending: no room\n"


def test_a_traceback_goes_to_the_log_and_not_between_progress_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = console()
    teller = SweepConsole(where)
    teller.log = tmp_path / "driver.log"
    teller.record("Traceback\n  line\n")
    assert teller.log.read_text() == "Traceback\n  line\n"
    assert printed(where) == "" == capsys.readouterr().out


def test_a_machine_readable_line_is_a_whole_status(capsys: pytest.CaptureFixture[str]) -> None:
    SweepConsole(console(), machine_readable=True).machine_status(RUNNING)
    [line] = capsys.readouterr().out.splitlines()
    assert from_json(json.loads(line.removeprefix(STATUS_PREFIX))) == RUNNING


def test_machine_readable_lines_are_paced_but_the_last_one_always_comes(capsys: pytest.CaptureFixture[str]) -> None:
    teller = SweepConsole(console(), machine_readable=True)
    for _ in range(20):
        teller.machine_status(RUNNING)
    teller.machine_status(RUNNING.ended_as("complete", 2000.0))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert json.loads(lines[-1].removeprefix(STATUS_PREFIX))["state"] == "complete"


def test_lines_of_a_large_sweep_are_rarer() -> None:
    def pause_seconds(trials: int) -> float:
        teller = SweepConsole(console(), machine_readable=True)
        teller.machine_status(sweep(*(trial(n) for n in range(trials))))
        return teller.next_status

    assert pause_seconds(1000) - pause_seconds(1) > 30


def test_people_get_no_machine_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    SweepConsole(console()).machine_status(RUNNING.ended_as("complete", 2000.0))
    assert capsys.readouterr().out == ""


def test_progress_tells_trials_epochs_best_and_time_left() -> None:
    assert progress_line(RUNNING, "", 1010.0) == "2 of 10 trials, 1 running, 24 epochs, best 0.600, about 0:30 left"
    assert progress_line(sweep(), "", 1010.0) == "0 of 10 trials, 0 running, 0 epochs"


def test_trials_that_wait_to_be_taken_up_have_not_ended() -> None:
    taken_up = sweep(trial(0), trial(1, "stopped"), trial(2, "running"))
    assert progress_line(taken_up, "", 1010.0).startswith("1 of 10 trials, 1 running")
    assert time_left([trial(0), trial(1, "stopped")], 11, 3.0) == "about 0:19 left"


def test_time_left_is_not_guessed_before_a_trial_has_ended_nor_after_the_last() -> None:
    assert time_left([trial(0, "running")], 10, 60.0) == ""
    assert time_left([trial(n) for n in range(10)], 10, 60.0) == ""


def test_time_left_follows_the_pace() -> None:
    assert time_left([trial(0)], 11, 6.0) == "about 1:00 left"
    assert time_left([trial(0), trial(1)], 12, 6.0) == "about 0:30 left"


def test_a_clock_shows_hours_only_where_there_are_some() -> None:
    assert [clock(s) for s in (0, 65, 3599.9, 3600, 100_000)] == ["0:00", "1:05", "59:59", "1:00:00", "27:46:40"]
    assert clock(-5) == "0:00"


def test_a_terminal_has_a_live_line_and_puts_it_away() -> None:
    where = Console(file=io.StringIO(), force_terminal=True, width=80)
    teller = SweepConsole(where)
    assert teller.live is not None
    teller.start()
    teller.progress(replace(RUNNING, budget_trials=7))
    assert "2 of 7 trials" in str(teller.live.status)
    teller.stop()
    teller.stop()
