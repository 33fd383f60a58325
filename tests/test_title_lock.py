"""Of several who would decide on a champion at the same time, one does, and the others wait. Real MLflow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tune.errors import InfrastructureLost
from tune.models.aliases import CHAMPION, champion_of, crown, roll_back
from tune.models.title_lock import SUFFIX, one_at_a_time
from tune.tracking.runs import connect
from tune.tracking.stores import default_tracking


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> MlflowClient:
    return connect(default_tracking(tmp_path_factory.mktemp("home")))


def model(client: MlflowClient, name: str, versions: int) -> str:
    client.create_registered_model(name)
    for _ in range(versions):
        client.create_model_version(name, "file:///nowhere", await_creation_for=0)
    return name


def test_of_several_who_beat_the_same_champion_at_the_same_time_one_is_crowned(client: MlflowClient) -> None:
    name = model(client, "contested", 5)
    crown(client, name, "1")
    together = Barrier(4)

    def promote(version: str) -> bool:
        together.wait()
        return crown(client, name, version, lambda champion: champion is not None and str(champion.version) == "1")

    with ThreadPoolExecutor(4) as threads:
        won = dict(zip("2345", threads.map(promote, "2345"), strict=True))
    [winner] = [version for version, crowned in won.items() if crowned]
    assert str(client.get_registered_model(name).aliases[CHAMPION]) == winner
    assert roll_back(client, name) == (winner, "1"), "the others are not in its history"
    assert [found.name for found in client.search_registered_models() if found.name.endswith(SUFFIX)] == []


def test_whoever_is_inside_keeps_others_out_and_leaves_when_it_fails(client: MlflowClient) -> None:
    with pytest.raises(KeyError), one_at_a_time(client, "kept"):
        with pytest.raises(MlflowException):
            client.create_registered_model(f"kept{SUFFIX}")
        raise KeyError
    with one_at_a_time(client, "kept"):
        pass
    assert client.search_registered_models(f"name = 'kept{SUFFIX}'") == []


def test_a_lock_that_a_dead_process_left_is_taken_away(client: MlflowClient) -> None:
    client.create_registered_model(f"left{SUFFIX}", description="of somebody who died")
    with one_at_a_time(client, "left", left_seconds=0.5):
        assert client.get_registered_model(f"left{SUFFIX}").description != "of somebody who died"
    assert client.search_registered_models(f"name = 'left{SUFFIX}'") == []


def test_whoever_was_thought_dead_does_not_take_away_the_lock_of_another(client: MlflowClient) -> None:
    with one_at_a_time(client, "slow"):
        client.delete_registered_model(f"slow{SUFFIX}")
        client.create_registered_model(f"slow{SUFFIX}", description="of another")
    assert client.get_registered_model(f"slow{SUFFIX}").description == "of another"


def test_a_lock_that_cannot_be_taken_away_is_told_with_the_remedy(client: MlflowClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server with passwords, where one may not delete what is another's."""
    client.create_registered_model(f"stuck{SUFFIX}", description="of another")
    monkeypatch.setattr(client, "delete_registered_model", lambda name: None)
    with pytest.raises(InfrastructureLost, match="delete that model"), one_at_a_time(client, "stuck", left_seconds=0.2):
        pass


def test_nobody_is_crowned_where_the_champion_stays(client: MlflowClient, tmp_path: Path) -> None:
    name = model(client, "stays", 2)
    crown(client, name, "1")
    assert not crown(client, name, "2", lambda champion: False)
    found = champion_of(client, name)
    assert found is not None and str(found.version) == "1"
