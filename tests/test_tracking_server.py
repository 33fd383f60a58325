"""The tracking server as its README and its Compose file run it, without containers, on a real Postgres."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from made_up_sweep import MadeUpSweep
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow_contents import contents
from postgres_server import Postgres, binary
from small_sweep import SMALL, write_sweep
from test_compose import SERVICES
from test_docs import blocks
from tracking_servers import ROOT, TrackingServer, run_script

from tune.cli import main
from tune.tracking.server import free_port
from tune.tracking.stores import Tracking, default_tracking

pytestmark = pytest.mark.slow
HOST = "runs.example.org"
ADA, BEN = ("ada", "ada-has-a-password"), ("ben", "ben-has-another-one")
OURS = [block for block in blocks() if block.page.parent == ROOT / "mlflow"]


def readme_block(language: str, part: str, without: str = "no such part") -> str:
    """The only block of the server's README that has this part, and not the other."""
    [found] = [text for _, own, text in OURS if own == language and part in text and without not in text]
    return found


def log_in(monkeypatch: pytest.MonkeyPatch, user: str, password: str) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", user)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)


def make_users(server: TrackingServer) -> None:
    """As the README says; ben by the same lines with another name."""
    text = readme_block("python", "create_user").replace(":5000", f":{server.port}")
    with pytest.MonkeyPatch.context() as patch:
        log_in(patch, "admin", server.admin_password)
        for name, password in (ADA, BEN):
            patch.setattr("getpass.getpass", lambda prompt, password=password: password)
            exec(compile(text.replace('"ada"', f'"{name}"'), "README.md", "exec"), {})


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    running = Postgres(free_port(5400))
    yield running
    running.close()


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[TrackingServer]:
    """The service `tracking` of the Compose file, with the places of this test for those of containers."""
    service = SERVICES["tracking"]
    settings = service["environment"] | {
        "FXSWEEP_SERVER_DATABASE": service["environment"]["FXSWEEP_SERVER_DATABASE"].replace(
            "database", f"127.0.0.1:{postgres.port}"
        ),
        "FXSWEEP_SERVER_PASSWORD_FILE": postgres.password_file,
        "FXSWEEP_SERVER_NAMES": f"tracking,{HOST}",
        "FXSWEEP_SERVER_ARTIFACTS": "",
        "FXSWEEP_SERVER_WORKERS": 1,
        "MLFLOW_S3_ENDPOINT_URL": "",
    }
    folder = Path(tempfile.mkdtemp(prefix="fxsweep-server-"))
    running = TrackingServer(folder / "data", free_port(5430), settings, *service["command"])
    make_users(running)
    yield running
    running.close()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log_in(monkeypatch, *ADA)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> MadeUpSweep:
    """One that has ended, in its local store."""
    home = tmp_path_factory.mktemp("home")
    made = MadeUpSweep(home, default_tracking(home))
    made.trials()
    made.end()
    return made


def store_of(server: TrackingServer) -> Tracking:
    return Tracking(server.address, None)


def a_run(server: TrackingServer, experiment: str, text: str = "a text") -> tuple[MlflowClient, str]:
    """A run with a metric and an artifact, of the user who is logged in."""
    client = MlflowClient(tracking_uri=server.address)
    known = client.get_experiment_by_name(experiment)
    run = client.create_run(known.experiment_id if known else client.create_experiment(experiment))
    for step in range(3):
        client.log_metric(run.info.run_id, "loss", 1.0 / (1 + step), step=step)
    client.log_text(run.info.run_id, text, "notes/a.txt")
    return client, str(run.info.run_id)


def said_by(client: MlflowClient, run_id: str, folder: Path) -> tuple[list[tuple[int, float]], str]:
    """The metric and the artifact of `a_run`, as they come out again."""
    points = [(point.step, point.value) for point in client.get_metric_history(run_id, "loss")]
    folder.mkdir()
    return sorted(points), Path(client.download_artifacts(run_id, "notes/a.txt", str(folder))).read_text()


DENIED = re.compile("permission[_ ]denied", re.IGNORECASE)
WHOLE = ([(0, 1.0), (1, 0.5), (2, 1.0 / 3.0)], "a text")


def test_nobody_gets_in_without_the_right_password(server: TrackingServer) -> None:
    assert (server.status(), server.status("ada", "wrong-password"), server.status("nobody", ADA[1])) == (401, 401, 401)
    assert (server.status(*ADA), server.status("admin", server.admin_password)) == (200, 200)
    assert server.status(path="/health") == 200 and server.status(path="/") == 401
    artifacts = "/api/2.0/mlflow-artifacts/artifacts"
    assert server.status(path=artifacts) == 401


def test_it_answers_to_its_own_names_only(server: TrackingServer) -> None:
    answers = {
        host: server.status(*ADA, Host=host) for host in ("localhost", f"{HOST}:8443", HOST, "evil.example.org", f"{HOST}.org")
    }
    assert answers == {"localhost": 200, f"{HOST}:8443": 200, HOST: 200, "evil.example.org": 403, f"{HOST}.org": 403}


def test_pages_of_others_cannot_write(server: TrackingServer) -> None:
    client, run_id = a_run(server, "origins")
    experiment = client.get_run(run_id).info.experiment_id
    search = "/ajax-api/2.0/mlflow/runs/search"

    def posted(origin: str) -> int:
        body = f'{{"experiment_ids": ["{experiment}"]}}'.encode()
        return server.status(*ADA, path=search, body=body, Origin=origin, **{"Content-Type": "application/json"})

    assert [posted(f"https://{HOST}"), posted(f"http://{HOST}:8080"), posted("https://evil.example.org")] == [200, 200, 403]


def test_what_goes_in_comes_out_and_lies_in_postgres_and_behind_the_proxy(
    server: TrackingServer, postgres: Postgres, tmp_path: Path
) -> None:
    client, run_id = a_run(server, "in and out")
    assert said_by(client, run_id, tmp_path / "got") == WHOLE
    assert postgres.rows(f"select step, value from metrics where run_uuid = '{run_id}' order by step") == WHOLE[0]
    assert str(client.get_run(run_id).info.artifact_uri).startswith("mlflow-artifacts:/")
    assert [path.read_text() for path in (server.folder / "artifacts").rglob(f"{run_id}/**/a.txt")] == ["a text"]
    assert {"ada", "admin", "ben"} <= {name for (name,) in postgres.rows("select username from users")}


def test_a_killed_server_has_everything_when_it_starts_again(server: TrackingServer, tmp_path: Path) -> None:
    client, run_id = a_run(server, "killed")
    password, key = server.admin_password, (server.folder / "secrets" / "secret_key").read_text()
    server.stop(signal.SIGKILL)
    server.start()
    assert said_by(client, run_id, tmp_path / "got") == WHOLE
    assert (server.admin_password, (server.folder / "secrets" / "secret_key").read_text()) == (password, key)
    assert server.status("admin", password) == 200


def test_a_terminated_server_ends_with_all_its_processes(server: TrackingServer) -> None:
    server.process.terminate()
    server.process.wait()
    assert server.processes() == []
    server.start()
    assert server.status(*ADA) == 200


def test_a_second_server_is_refused(server: TrackingServer) -> None:
    done = run_script("mlflow/serve", server.settings)
    assert done.returncode == 2 and f"port {server.port} of 127.0.0.1 is in use" in done.stderr


def test_a_password_that_postgres_refuses_or_misses_is_told(server: TrackingServer, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("wr0ng")
    own = server.settings | {"FXSWEEP_SERVER_FOLDER": tmp_path / "server", "FXSWEEP_SERVER_PORT": free_port(5460)}
    wrong = run_script("mlflow/serve", own | {"FXSWEEP_SERVER_PASSWORD_FILE": tmp_path / "wrong"})
    assert wrong.returncode == 2 and "refuses this user or password" in wrong.stderr and "wr0ng" not in wrong.stderr
    none = run_script("mlflow/serve", own | {"FXSWEEP_SERVER_PASSWORD_FILE": "", "HOME": tmp_path})
    assert none.returncode == 2 and "name that in FXSWEEP_SERVER_PASSWORD_FILE" in none.stderr
    nowhere = run_script("mlflow/serve", own | {"FXSWEEP_SERVER_DATABASE": f"{own['FXSWEEP_SERVER_DATABASE']}s"})
    assert nowhere.returncode == 6 and "does not exist" in nowhere.stderr


def test_others_may_read_and_not_write_until_it_is_granted(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, run_id = a_run(server, "shared")
    experiment = client.get_run(run_id).info.experiment_id
    log_in(monkeypatch, *BEN)
    assert said_by(client, run_id, tmp_path / "read") == WHOLE
    with pytest.raises(MlflowException, match=DENIED):
        a_run(server, "shared")
    from mlflow.server import get_app_client

    log_in(monkeypatch, "admin", server.admin_password)
    get_app_client("basic-auth", server.address).grant_user_permission("ben", "experiment", experiment, "EDIT")
    log_in(monkeypatch, *BEN)
    again, own = a_run(server, "shared")
    assert said_by(again, own, tmp_path / "written") == WHOLE
    with pytest.raises(MlflowException, match=DENIED):
        get_app_client("basic-auth", server.address).create_user("cay", "cay-has-no-right-to-be")


def test_a_sweep_without_the_right_password_is_told_so_in_one_paragraph(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, home = write_sweep(tmp_path, SMALL), tmp_path / "home"
    words = ["run", str(file), "--home", str(home), "--set", f"tracking.uri={server.address}"]
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wr0ng-password")
    assert (main(words), home.exists()) == (2, False)
    said = capsys.readouterr().err
    assert "refuses the password of 'ada'. Export MLFLOW_TRACKING_USERNAME" in said and "wr0ng" not in said
    monkeypatch.delenv("MLFLOW_TRACKING_PASSWORD")
    assert main(words) == 2 and "asks for a name and a password" in capsys.readouterr().err


def test_a_sweeps_ledgers_are_written_to_it_and_no_password_is_left_anywhere(
    server: TrackingServer, postgres: Postgres, sweep: MadeUpSweep, capfd: pytest.CaptureFixture[str]
) -> None:
    home = sweep.folder.path.parent
    assert main(["sync", "small", "--home", str(home), "--tracking", server.address]) == 0
    assert contents(store_of(server), "small") == contents(default_tracking(home), "small")
    plain = postgres.password.rpartition("\\")[2]  # without what is escaped in some files
    secrets = [ADA[1], BEN[1], server.admin_password, plain]
    dump = [binary("pg_dump"), "--dbname", postgres.url()]
    files = [path for folder in (home, server.folder) for path in folder.rglob("*") if path.is_file()]
    texts = {str(path): path.read_bytes() for path in [*files, server.log]} | {
        "said": "".join(capfd.readouterr()).encode(),
        "database": subprocess.run(dump, env={"PGPASSWORD": postgres.password}, capture_output=True, check=True).stdout,
    }
    found = {(name, secret) for name, text in texts.items() for secret in secrets if secret.encode() in text}
    assert found == {(str(server.ini), server.admin_password), (str(server.ini.parent / "pgpass"), plain)}
    assert any("small" in name for name in texts) and b"small" in texts["database"]
    processes = [(path / part).read_bytes() for path in server.processes() for part in ("cmdline", "environ")]
    assert processes and not any(secret.encode() in text for text in processes for secret in secrets)


def test_user_and_database_are_made_as_the_readme_says(postgres: Postgres) -> None:
    lines = readme_block("sh", "createuser").replace("mlflow", "another").replace("sudo -u postgres ", "")
    assert lines.count("create") == 2 and "--pwprompt" in lines
    own = {"PATH": f"{Path(binary('createuser')).parent}:{os.environ['PATH']}"} | postgres.owner()
    asked = {"input": "hush\nhush\n", "text": True, "start_new_session": True}  # which has no terminal to ask on
    done = subprocess.run(["bash", "-euc", lines], env=own, capture_output=True, check=False, **asked)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    made = psycopg2.connect(host="127.0.0.1", port=postgres.port, user="another", password="hush", dbname="another")
    with made.cursor() as cursor:
        cursor.execute("create table public.may_be_made (number integer)")
    made.close()


def test_secrets_are_for_the_servers_user_alone(server: TrackingServer) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (server.folder / "secrets").iterdir()}
    assert modes == {"basic_auth.ini": 0o600, "secret_key": 0o600, "pgpass": 0o600}
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700


def test_the_health_checks_of_the_compose_file_find_them_well_and_notice_when_they_are_not(
    server: TrackingServer, postgres: Postgres
) -> None:
    def checked(name: str, port: int) -> int:
        places = {"python": sys.executable, "tracking:5000": f"127.0.0.1:{port}", "pg_isready": binary("pg_isready")}
        words = [_placed(word, places) for word in SERVICES[name]["healthcheck"]["test"][1:]]
        return subprocess.run(words, env={"PGPORT": str(port)}, capture_output=True, check=False).returncode

    assert (checked("tracking", server.port), checked("database", postgres.port)) == (0, 0)
    nobody = free_port(5490)
    assert checked("tracking", nobody) != 0 and checked("database", nobody) != 0


def _placed(word: str, places: dict[str, str]) -> str:
    for theirs, ours in places.items():
        word = word.replace(theirs, ours)
    return word


def test_a_backup_made_and_restored_as_the_readme_says_has_everything(
    server: TrackingServer, postgres: Postgres, tmp_path: Path
) -> None:
    client, run_id = a_run(server, "kept")
    backup = run_script(readme_block("sh", "mlflow/backup", "mlflow/upgrade"), server.settings | {"HOME": tmp_path})
    assert backup.returncode == 0, backup.stderr
    client.log_metric(run_id, "loss", 9.0, step=9)  # too late for the backup
    postgres.create("restored")
    lines = readme_block("sh", "mlflow/restore").replace("5432", str(postgres.port))
    lines = re.sub(r"\d{4}-\d\d-\d\dT[\d-]+Z", Path(backup.stdout.strip()).name, lines)
    given, _, serve = lines.partition("mlflow/restore")
    restore, serve = (serve.splitlines()[0], serve.splitlines()[1])
    settings = server.settings | {"HOME": tmp_path}
    done = run_script(f"{given}mlflow/restore{restore}", settings)
    assert (done.returncode, serve) == (0, "mlflow/serve"), done.stderr
    again = run_script(f"{given}mlflow/restore{restore}", settings)
    assert again.returncode == 2 and "a server has run here" in again.stderr
    own = settings | {"FXSWEEP_SERVER_DATABASE": postgres.url("restored")}
    elsewhere = run_script(f"mlflow/restore{restore}", own | {"FXSWEEP_SERVER_FOLDER": tmp_path / "other"})
    assert elsewhere.returncode == 2 and "tables already" in elsewhere.stderr
    restored = TrackingServer(tmp_path / "fxsweep-restored", free_port(5460), own, serve)
    try:
        there = MlflowClient(tracking_uri=restored.address)
        assert said_by(there, run_id, tmp_path / "got") == WHOLE
        assert restored.admin_password == server.admin_password and restored.status("admin", server.admin_password) == 200
    finally:
        restored.close()


def test_an_upgrade_as_the_readme_says_leaves_everything_as_it_was(
    server: TrackingServer, postgres: Postgres, tmp_path: Path
) -> None:
    client, run_id = a_run(server, "upgraded")
    versions = "select version_num from alembic_version union all select version_num from alembic_version_auth"
    before = postgres.rows(versions)
    server.stop(signal.SIGTERM)
    lines = [line for line in readme_block("sh", "mlflow/upgrade").splitlines() if " pip " not in line]
    assert lines[-1] == "mlflow/serve"
    done = run_script("\n".join(lines[:-1]), server.settings | {"HOME": tmp_path})
    server.start()
    assert done.returncode == 0, done.stderr
    assert len(before) == 2 and postgres.rows(versions) == before
    assert said_by(client, run_id, tmp_path / "got") == WHOLE


def test_without_settings_it_works_at_once_on_sqlite_and_its_backup_too(tmp_path: Path) -> None:
    made = TrackingServer(tmp_path / "server", free_port(5460), {})
    try:
        assert (made.status(), made.status("admin", made.admin_password)) == (401, 200)
        make_users(made)
        client, run_id = a_run(made, "small")
        backup = run_script(f"mlflow/backup {tmp_path}/backups", made.settings)
        assert backup.returncode == 0, backup.stderr
        assert "is in use" in run_script("mlflow/serve", made.settings).stderr
    finally:
        made.close()
    places = made.settings | {"FXSWEEP_SERVER_FOLDER": tmp_path / "restored"}
    done = run_script(f"mlflow/restore {backup.stdout.strip()}", places)
    assert done.returncode == 0, done.stderr
    restored = TrackingServer(tmp_path / "restored", made.port, {})
    try:
        assert said_by(client, run_id, tmp_path / "got") == WHOLE and restored.status(*ADA) == 200
        assert restored.log.read_text().count(restored.admin_password) == 0
    finally:
        restored.close()
