"""`fxsweep ui` as a user starts it: a process of its own, on a port that is taken."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from tiny_model import tiny_config, tiny_state

from tune.errors import InfrastructureLost, InvalidInput
from tune.models.registry import open_embedder, pull, register_best
from tune.tracking import server
from tune.tracking.links import runs_url
from tune.tracking.runs import connect
from tune.tracking.server import free_port, serve_ui, serving
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

PROGRAM = """
import sys; from pathlib import Path; from tune.tracking.server import serve_ui
sys.exit(serve_ui(Path(sys.argv[1]), int(sys.argv[2])))
"""


@dataclass(frozen=True)
class Ui:
    process: subprocess.Popen[str]
    taken: int
    page: str
    tracker: SweepTracker

    @property
    def address(self) -> str:
        return self.page.partition("/#")[0]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    home = tmp_path_factory.mktemp("home")
    tracker = SweepTracker.open(default_tracking(home), sweep_name="splits", experiment="study", tags={}, params={}, spec_text="")
    tracker.trial_started(3, "z4 p2", {}, {})
    tracker.close("complete", {}, {})
    with closing(socket.create_server(("127.0.0.1", free_port(5710)))) as holder:
        taken = holder.getsockname()[1]
        command = [sys.executable, "-c", PROGRAM, str(home), str(taken)]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        yield Ui(process, taken, process.stdout.readline().strip(), tracker)
        process.terminate()
        process.wait()


def test_the_next_free_port_shows_the_newest_sweeps_runs(ui: Ui) -> None:
    port = urlsplit(ui.page).port
    assert port is not None and ui.taken < port < ui.taken + 20
    assert ui.page == runs_url(f"http://127.0.0.1:{port}", ui.tracker.experiment_id)
    with urlopen(f"{ui.address}/health") as answer:
        assert answer.read() == b"OK"


def test_a_model_goes_through_the_server_and_back(ui: Ui, tmp_path: Path) -> None:
    config, tracking = tiny_config(), Tracking(ui.address, None)
    version = register_best(
        tracking,
        run_id=ui.tracker.run_id(3),
        model_name="fx-vae",
        config=config,
        state=tiny_state(config),
        card={},
        metrics={},
    )
    folder = pull(ui.address, f"fx-vae/{version.version}", tmp_path / "model")
    assert open_embedder(folder).metadata["latent_size"] == 4 and (folder / "card.md").is_file()
    assert connect(tracking).get_model_version_by_alias("fx-vae", "champion").run_id == ui.tracker.run_id(3)


def test_ctrl_c_ends_the_server_and_is_no_error(ui: Ui) -> None:
    ui.process.send_signal(signal.SIGINT)
    assert ui.process.wait(60) == 0
    with pytest.raises(OSError):
        urlopen(f"{ui.address}/health")


def test_a_home_without_runs_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="fxsweep run quickstart"):
        serve_ui(tmp_path, 5730)
    assert list(tmp_path.iterdir()) == []


def test_a_browser_is_opened_on_wish_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    @contextmanager
    def ended(tracking: Tracking, port: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        yield "http://127.0.0.1:1", subprocess.Popen(["true"])

    (tmp_path / "mlflow.db").touch()
    monkeypatch.setattr(server, "serving", ended)
    monkeypatch.setattr(server, "newest_sweep", lambda tracking: None)
    monkeypatch.setattr(server.webbrowser, "open", opened.append)
    for wish in (False, True):
        with pytest.raises(InfrastructureLost, match="ended by itself"):
            serve_ui(tmp_path, free_port(5730), open_browser=wish)
    assert opened == ["http://127.0.0.1:1"]


def test_a_server_is_not_served_again() -> None:
    with pytest.raises(InvalidInput, match="open http://host:5000"), serving(Tracking("http://host:5000", None), 5730):
        pass
