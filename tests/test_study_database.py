"""A study may live in a database, whose password no file of the sweep ever has."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_searcher import end, proposals, sweep_of

from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.study import study_trials
from tune.ledger.study_database import check_free, open_database, study_place
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

JOURNAL = Path("study.journal")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'studies.db'}"


def test_a_sweep_without_a_database_keeps_its_own_journal() -> None:
    assert study_place(None, JOURNAL) == JOURNAL
    assert study_place("sqlite:///x.db", JOURNAL) == "sqlite:///x.db"


def test_a_search_goes_on_from_a_database_as_from_a_journal(url: str) -> None:
    whole = proposals(OptunaSearcher(sweep_of()), 5)
    first = proposals(OptunaSearcher(sweep_of(), url), 3)
    assert first + proposals(OptunaSearcher(sweep_of(), url), 2) == whole
    assert [trial.state for trial in study_trials(url, "x")] == ["complete"] * 5


def test_what_is_cut_off_waits_in_a_database_too(url: str) -> None:
    searcher = OptunaSearcher(sweep_of(), url)
    first = searcher.suggest("a")
    searcher.close("stopped by a person")
    assert [(trial.state, trial.reason) for trial in study_trials(url, "x")] == [("stopped", "stopped by a person")]
    again = OptunaSearcher(sweep_of(), url)
    assert again.suggest("b") == first
    again.on_trial_complete("b", end())
    assert [trial.state for trial in study_trials(url, "x")] == ["complete"]


def test_two_sweeps_never_become_one(url: str) -> None:
    OptunaSearcher(sweep_of(), url)
    with pytest.raises(InvalidInput, match="has a study of this name already"):
        check_free(url, "x")
    check_free(url, "y")
    check_free(JOURNAL, "x")


def test_a_variable_of_the_address_is_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIES", str(tmp_path / "studies.db"))
    open_database("sqlite:///$STUDIES")
    assert (tmp_path / "studies.db").is_file()
    monkeypatch.delenv("STUDIES")
    with pytest.raises(InvalidInput, match=r"\$STUDIES is not set"):
        open_database("sqlite:///$STUDIES")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("not an address", "not a database's URL"),
        ("postgresql://me:secret@host/studies", "no place for a password"),
    ],
)
def test_a_sweep_file_has_no_password_and_no_nonsense_in_it(address: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        parse_sweep({"name": "x", "study": {"storage": address}})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["postgresql://me:$STUDY_PASSWORD@host/studies", "sqlite:///studies.db"])
def test_a_password_may_be_named(address: str) -> None:
    assert parse_sweep({"name": "x", "study": {"storage": address}}).study.storage == address


def test_a_database_without_a_driver_or_out_of_reach_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        open_database("mssql+pymssql://host/studies")
    with pytest.raises(InfrastructureLost, match="does not answer"):
        open_database(f"sqlite:///{tmp_path}/no/such/folder/x.db")
