"""The study's journal, read back as plain values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tune.errors import InvalidInput
from tune.ledger.study import study_trials
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

METRIC = "eval/probe_accuracy"
SWEEP = parse_sweep({"name": "x", "search": {"beta": {"float": [0, 1]}}, "budget": {"trials": 4}})


def test_every_trial_is_read_with_its_params_values_and_state(tmp_path: Path) -> None:
    journal = tmp_path / "study" / "x.journal"
    searcher = OptunaSearcher(SWEEP, journal)
    params = [searcher.suggest(str(number)) for number in range(4)]
    for number in range(4):
        searcher.on_trial_result(str(number), {"epoch": 1, METRIC: 0.25})
    searcher.on_trial_complete("0", {"epoch": 2, METRIC: 0.5, "ended": "patience"})
    searcher.on_trial_complete("1", {"epoch": 2, METRIC: 0.4, "ended": ""})
    searcher.on_trial_complete("2", error=True)
    trials = study_trials(journal, "x")
    assert [trial.state for trial in trials] == ["complete", "pruned", "failed", "running"]
    assert [trial.value for trial in trials] == [0.5, 0.4, None, None]
    assert dict(trials[0].values_by_epoch) == {1: 0.25, 2: 0.5}
    assert [dict(trial.params) | {"trial_number": trial.number} for trial in trials] == params
    assert trials[3].ended is None
    searcher.close("out of time")
    assert (study_trials(journal, "x")[3].state, study_trials(journal, "x")[3].reason) == ("stopped", "out of time")


def test_a_journal_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no study here"):
        study_trials(tmp_path / "absent.journal", "x")
    assert not list(tmp_path.iterdir())


def test_a_study_that_is_not_in_the_journal_is_refused(tmp_path: Path) -> None:
    OptunaSearcher(SWEEP, tmp_path / "a.journal", "mine")
    with pytest.raises(InvalidInput, match=r"no study of this name in .*\. It has: mine\."):
        study_trials(tmp_path / "a.journal", "yours")


def test_a_line_cut_short_by_a_crash_does_not_spoil_the_journal(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    OptunaSearcher(SWEEP, journal).suggest("a")
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code": 4, "worker_')
    OptunaSearcher(SWEEP, journal).close("lost")
    assert [trial.state for trial in study_trials(journal, "x")] == ["stopped"]
    assert journal.read_bytes().startswith(whole)
