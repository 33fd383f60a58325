"""Who is champion, who was so before, and who waits. Real MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient

from tune.cli import main
from tune.errors import InvalidInput
from tune.models.aliases import CANDIDATE, CHAMPION, HISTORY, challenged, champion_of, crown, nominate, roll_back
from tune.tracking.runs import connect
from tune.tracking.stores import default_tracking


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def client(home: Path) -> MlflowClient:
    return connect(default_tracking(home))


def model(client: MlflowClient, name: str, versions: int = 3) -> str:
    client.create_registered_model(name)
    for _ in range(versions):
        client.create_model_version(name, "file:///nowhere", await_creation_for=0)
    return name


def champion(client: MlflowClient, name: str) -> str | None:
    found = champion_of(client, name)
    return None if found is None else str(found.version)


def test_nobody_is_champion_of_a_model_that_is_not_there(client: MlflowClient) -> None:
    assert champion(client, "none") is None and champion(client, model(client, "new")) is None


def test_roll_back_goes_back_one_champion_after_the_other(client: MlflowClient) -> None:
    name = model(client, "back")
    for version in ("1", "3", "2", "2"):
        crown(client, name, version)
    assert roll_back(client, name) == ("2", "3") and champion(client, name) == "3"
    assert roll_back(client, name) == ("3", "1") and champion(client, name) == "1"
    with pytest.raises(InvalidInput, match="no version was champion before version 1"):
        roll_back(client, name)
    assert champion(client, name) == "1"


def test_a_version_that_was_deleted_is_passed_over(client: MlflowClient) -> None:
    name = model(client, "deleted")
    for version in ("1", "2", "3"):
        crown(client, name, version)
    client.delete_model_version(name, "2")
    assert roll_back(client, name) == ("3", "1")


def test_a_champion_that_somebody_set_by_hand_is_remembered_too(client: MlflowClient) -> None:
    name = model(client, "by-hand")
    client.set_registered_model_alias(name, CHAMPION, "1")
    crown(client, name, "2")
    assert roll_back(client, name) == ("2", "1")


def test_a_history_that_somebody_spoiled_stops_nobody(client: MlflowClient) -> None:
    name = model(client, "spoiled")
    crown(client, name, "1")
    client.set_registered_model_tag(name, HISTORY, "what?")
    crown(client, name, "2")
    assert roll_back(client, name) == ("2", "1")


def test_candidates_of_earlier_attempts_count_and_the_same_attempt_again_does_not(client: MlflowClient) -> None:
    name = model(client, "challenged")
    assert [challenged(client, name, "1", "first", 2) for _ in range(2)] == [2, 2]
    assert challenged(client, name, "1", "of another sweep", 3) == 5, "asked until the answer is yes"
    assert challenged(client, name, "2", "first", 1) == 1, "another champion"
    assert challenged(client, name, "1", "of a third", 2) == 7, "a rollback forgets nothing"
    assert challenged(client, name, "2", "second", 1) == 2
    assert challenged(client, "nowhere", "", "first", 4) == 4


def test_a_champion_is_no_candidate(client: MlflowClient) -> None:
    name = model(client, "both")
    crown(client, name, "1")
    nominate(client, name, "1")
    assert CANDIDATE not in client.get_registered_model(name).aliases
    nominate(client, name, "2")
    assert str(client.get_registered_model(name).aliases[CANDIDATE]) == "2"
    crown(client, name, "2")
    assert list(client.get_registered_model(name).aliases) == [CHAMPION] and champion(client, name) == "2"
    nominate(client, name, "1")
    assert roll_back(client, name) == ("2", "1") and list(client.get_registered_model(name).aliases) == [CHAMPION]


def test_the_command_takes_back_and_says_both_versions(
    client: MlflowClient, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # MLflow sets it
    name = model(client, "told")
    for version in ("1", "2"):
        crown(client, name, version)
    assert main(["promote", "--rollback", name, "--home", str(home)]) == 0
    assert capsys.readouterr().out == "told version 1 is champion again, in the place of version 2.\n"
    assert main(["promote", "--rollback", name, "--home", str(home)]) == 2
    assert main(["promote", "--rollback", "nobody", "--home", str(home)]) == 2
    assert "it has no champion" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["splits", "--rollback", "fx-vae"]])
def test_either_a_sweep_or_a_model_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", *words]) == 2
    assert "either a sweep's name or --rollback MODEL" in " ".join(capsys.readouterr().err.split())


def test_a_home_without_models_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["promote", "--rollback", "fx-vae", "--home", str(tmp_path)]) == 2
    assert "no store of models" in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())
