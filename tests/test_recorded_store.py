from __future__ import annotations

from pathlib import Path

import pytest
from planned_status import sweep as status_of
from small_sweep import SMALL, write_sweep

from tune.errors import InvalidInput
from tune.ledger.status import SweepStatus
from tune.sweep_file.spec import Sweep, load_sweep
from tune.tracking.recorded_store import recorded_tracking
from tune.tracking.stores import default_tracking


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return load_sweep(str(write_sweep(tmp_path, SMALL)))


def recorded(uri: str) -> SweepStatus:
    return status_of(mlflow={"uri": uri, "experiment": "", "run_id": ""})


def test_a_sweep_stays_with_the_store_it_was_told_to(sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded_tracking(sweep, recorded("http://host:5000"), tmp_path).uri == "http://host:5000"
    assert recorded_tracking(sweep, recorded(""), tmp_path) == default_tracking(tmp_path)
    (tmp_path / "elsewhere.db").touch()
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:5000")
    assert recorded_tracking(sweep, recorded(elsewhere), tmp_path).uri == elsewhere


def test_a_local_store_moves_with_its_home(sweep: Sweep, tmp_path: Path) -> None:
    assert recorded_tracking(sweep, recorded(f"sqlite:///{tmp_path}/old/mlflow.db"), tmp_path) == default_tracking(tmp_path)


def test_a_password_is_taken_from_where_it_stands_or_asked_for(
    sweep: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = recorded("http://ada:***@host:5000")
    with pytest.raises(InvalidInput, match=r"ada:\*\*\*@host:5000 of sweep 'quickstart'.*--tracking URI"):
        recorded_tracking(sweep, status, tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:secret@host:5000")
    assert recorded_tracking(sweep, status, tmp_path).uri == "http://ada:secret@host:5000"
