"""`mlflow/serve` refuses what cannot work, in one sentence with the remedy, and leaves no server behind."""

from __future__ import annotations

import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tracking_servers import ROOT, run_script

from tune.tracking.server import free_port

EXAMPLE = (ROOT / "mlflow" / "settings.env.example").read_text()
SETTINGS = (ROOT / "mlflow" / "settings.sh").read_text()
ADDRESS = "postgresql://mlflow@127.0.0.1:{port}/mlflow"


def refusal(folder: Path, script: str = "mlflow/serve", code: int = 2, **settings: object) -> str:
    """What is said by a script that ends with this code."""
    done = run_script(script, {"FXSWEEP_SERVER_FOLDER": folder, "FXSWEEP_SERVER_PORT": free_port(5300), **settings})
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert re.fullmatch(r"[a-z]+: .+[.)'\w]\n", done.stderr), "it is not one line"
    return done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("FOLDER", "runs", "must be an absolute path. Write /"),
        ("DATABASE", "mysql://host/runs", "must be postgresql://"),
        ("DATABASE", "sqlite:///runs.db", "or sqlite:////PATH"),
        ("ARTIFACTS", "artifacts", "must be an absolute path or s3://"),
        ("PORT", "65536", "must be from 1 to 65535"),
        ("PORT", "http", "must be from 1 to 65535"),
        ("WORKERS", "0", "must be from 1 to 99"),
        ("NAMES", "https://runs.example.org", "without http:// and port"),
        ("HOST", "192.0.2.1", "Name an address of this machine"),
        ("PASSWORD_FILE", "/no/such/file", "Name the file with the password"),
        ("PYTHON", "/no/such/python", "Name a Python that has MLflow"),
        ("SETTINGS", "/no/such/file", "Copy settings.env.example there"),
        ("PROT", "5000", "All are in settings.env.example"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_the_remedy(setting: str, value: str, told: str, tmp_path: Path) -> None:
    said = refusal(tmp_path / "server", **{f"FXSWEEP_SERVER_{setting}": value})
    assert f"FXSWEEP_SERVER_{setting}" in said and told in said


def test_a_password_in_the_databases_address_is_refused_and_not_shown(tmp_path: Path) -> None:
    for address in ("postgresql://mlflow:s3cret@host/runs", "postgresql://mlflow@host/runs?password=s3cret"):
        said = refusal(tmp_path / "server", FXSWEEP_SERVER_DATABASE=address)
        assert "FXSWEEP_SERVER_PASSWORD_FILE" in said and "s3cret" not in said


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    said = refusal(tmp_path / "server", FXSWEEP_SERVER_PASSWORD_FILE=tmp_path / "empty")
    assert "is empty. Write the database's password into it" in said


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written by" in refusal(tmp_path / "file" / "server")
    assert "Name another folder" in refusal(tmp_path / "server", FXSWEEP_SERVER_ARTIFACTS=tmp_path / "file" / "artifacts")


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port(5320))) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path / "server", FXSWEEP_SERVER_PORT=port)
    assert f"port {port} of 127.0.0.1 is in use" in said and "FXSWEEP_SERVER_PORT" in said


def test_a_database_out_of_reach_is_lost_infrastructure(tmp_path: Path) -> None:
    address = ADDRESS.format(port=free_port(5340))
    said = refusal(tmp_path / "server", code=6, FXSWEEP_SERVER_DATABASE=address)
    assert address in said and "Connection refused" in said and "Start Postgres" in said


@pytest.mark.parametrize("missing", ["flask_wtf", "psycopg2", "boto3"])
def test_a_package_that_is_missing_is_named_with_the_command_that_installs_it(missing: str, tmp_path: Path) -> None:
    for package in {"mlflow", "flask_wtf", "psycopg2", "boto3"} - {missing}:
        (tmp_path / f"{package}.py").touch()
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    stores = {"FXSWEEP_SERVER_DATABASE": ADDRESS.format(port=1), "FXSWEEP_SERVER_ARTIFACTS": "s3://bucket/runs"}
    said = refusal(tmp_path / "server", FXSWEEP_SERVER_PYTHON=python, **stores)
    assert f"has no {missing}. " in said and "pip install --constraint constraints.txt --editable '.[tracking]'" in said
    assert said.rstrip().endswith("boto3") == (missing == "boto3")


def test_sqlite_on_a_network_file_system_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("#!/bin/sh\necho nfs\n")
    (tmp_path / "stat").chmod(0o755)
    said = refusal(tmp_path / "server", f"PATH={tmp_path}:$PATH mlflow/serve")
    assert "network file system (nfs). Use a local folder, or Postgres" in said


def test_an_ini_without_the_admins_password_is_refused(tmp_path: Path) -> None:
    ini = tmp_path / "server" / "secrets" / "basic_auth.ini"
    ini.parent.mkdir(parents=True)
    ini.write_text("[mlflow]\nadmin_username = admin\nadmin_password = short\n")
    assert "admin_password is missing, or has fewer than 12 characters" in refusal(tmp_path / "server")


def test_a_settings_file_is_read_and_the_environment_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("# a remark\n\nFXSWEEP_SERVER_PORT=none\nFXSWEEP_SERVER_WORKERS=many")
    assert "FXSWEEP_SERVER_WORKERS 'many'" in refusal(tmp_path / "server", FXSWEEP_SERVER_SETTINGS=file)
    for line, told in (("FXSWEEP_SERVER_PROT=1", "line 1: FXSWEEP_SERVER_PROT is no setting"), ("PATH=/x", "PATH is no")):
        file.write_text(line)
        assert told in refusal(tmp_path / "server", FXSWEEP_SERVER_SETTINGS=file)
    file.write_text("\nAWS_SECRET_ACCESS_KEY s3cret\n")
    said = refusal(tmp_path / "server", FXSWEEP_SERVER_SETTINGS=file)
    assert "line 2: write NAME=VALUE" in said and "s3cret" not in said


def test_the_example_has_every_setting_and_no_other() -> None:
    found = re.search(r"^OURS='(.*)'", SETTINGS, re.MULTILINE)
    assert found is not None
    assert {f"FXSWEEP_SERVER_{name}" for name in found[1].split()} == set(
        re.findall(r"^#(FXSWEEP_SERVER_\w+)=", EXAMPLE, re.MULTILINE)
    )


def test_the_example_can_be_used_as_it_is_and_with_every_setting(tmp_path: Path) -> None:
    for text in (EXAMPLE, re.sub(r"^#(?=[A-Z0-9_]+=)", "", EXAMPLE, flags=re.MULTILINE)):
        (tmp_path / "settings").write_text(text)
        load = f". mlflow/settings.sh; FXSWEEP_SERVER_SETTINGS={tmp_path}/settings; here=$PWD/mlflow; load_settings; echo $port"
        done = subprocess.run(["bash", "-euc", load], cwd=ROOT, capture_output=True, text=True, env={"HOME": str(tmp_path)})
        assert (done.returncode, done.stdout) == (0, "5000\n"), done.stderr


def test_backup_and_restore_refuse_what_they_would_spoil(tmp_path: Path) -> None:
    server, backups = tmp_path / "server", tmp_path / "backups"
    assert "say where to" in refusal(server, "mlflow/backup")
    assert "no server has run here" in refusal(server, f"mlflow/backup {backups}")
    assert not server.exists()
    assert "has no database.db" in refusal(server, f"mlflow/restore {backups}")
    (backups / "one").mkdir(parents=True)
    (backups / "one" / "database.db").write_text("x")
    (server / "artifacts").mkdir(parents=True)
    (server / "mlflow.db").touch()
    assert "mlflow.db: is there already" in refusal(server, f"mlflow/restore {backups}/one")
    (server / "artifacts" / "kept").touch()
    assert "is not empty" in refusal(server, f"mlflow/restore {backups}/one")
    assert (server / "mlflow.db").read_text() == ""


def test_the_scripts_can_be_run() -> None:
    for script in ("serve", "backup", "restore", "upgrade"):
        assert (ROOT / "mlflow" / script).stat().st_mode & stat.S_IXUSR
