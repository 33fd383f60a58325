"""The Compose file of the tracking server: valid, closed to the network, and running what is tested without containers."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_docs import blocks
from test_house import requirement_name
from tracking_servers import ROOT

FOLDER = ROOT / "mlflow"
FILE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
OURS = [name for name, service in SERVICES.items() if "build" in service]


def client() -> list[str]:
    """Docker's own, else Debian's docker-compose."""
    own = ["docker", "compose"]
    there = shutil.which("docker") and subprocess.run([*own, "version"], capture_output=True, check=False).returncode == 0
    return own if there else ["docker-compose"]


def config(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [*client(), "--file", str(folder / "compose.yaml"), "config"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"BACKUP": "one"})


def test_docker_compose_takes_it(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    file = shutil.copy(FOLDER / "compose.yaml", tmp_path / "mlflow")
    done = config(tmp_path / "mlflow")
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load(done.stdout)["services"]["tracking"]["command"] == ["mlflow/serve"]
    Path(file).write_text((FOLDER / "compose.yaml").read_text().replace("restart:", "restrat:"))
    assert config(tmp_path / "mlflow").returncode != 0


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports and [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert not any(service.get("network_mode") or service.get("privileged") for service in SERVICES.values())


def test_what_runs_for_long_is_checked_and_started_again() -> None:
    lasting = [name for name, service in SERVICES.items() if "profiles" not in service]
    assert lasting == ["database", "tracking"]
    assert all(SERVICES[name]["restart"] == "unless-stopped" and "test" in SERVICES[name]["healthcheck"] for name in lasting)
    assert SERVICES["tracking"]["depends_on"]["database"] == {"condition": "service_healthy"}


def test_secrets_are_files_that_git_and_the_image_never_get() -> None:
    environment = [f"{name}={value}" for service in SERVICES.values() for name, value in service["environment"].items()]
    assert [setting for setting in environment if "PASSWORD" in setting and "/run/secrets/" not in setting] == []
    assert FILE["secrets"] == {"database_password": {"file": "./secrets/database_password"}}
    assert {"mlflow/.env", "mlflow/secrets/"} <= set((ROOT / ".gitignore").read_text().splitlines())
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*" and not any("secrets" in line or ".env" in line for line in ignored[2:])


def test_the_readme_makes_the_secret_that_the_file_wants(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    ours = [text for page, _, text in blocks() if page.parent == FOLDER]
    [block] = [text for text in ours if text.endswith("docker compose up --detach\n") and "secrets/database_password" in text]
    line, up = block.splitlines()
    assert up == "docker compose up --detach"
    subprocess.run(["bash", "-euc", line], cwd=tmp_path, check=True)
    secret = tmp_path / "mlflow" / FILE["secrets"]["database_password"]["file"]
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (secret.parent, secret)]
    assert modes == [0o700, 0o444] and len(secret.read_text().strip()) == 32


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_script_that_the_image_has(name: str) -> None:
    script = SERVICES[name]["command"][0]
    assert os.access(ROOT / script, os.X_OK)
    assert f"!{script}" in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert script.rpartition("/")[2] == {"tracking": "serve"}.get(name, name)


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_settings_that_exist(name: str) -> None:
    example = (FOLDER / "settings.env.example").read_text()
    assert [setting for setting in SERVICES[name]["environment"] if f"\n#{setting}=" not in example] == []


def test_the_image_has_what_the_extra_says_in_exact_versions() -> None:
    installs = re.search(r"pip install --no-cache-dir --constraint constraints.txt (.+)", DOCKERFILE)
    assert installs is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {requirement_name(requirement) for requirement in project["optional-dependencies"]["tracking"]}
    assert set(installs[1].split()) == {"mlflow", "boto3"} | extra
    pinned = {requirement_name(line) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert set(installs[1].split()) <= pinned


def test_database_and_its_tools_are_of_one_major_version() -> None:
    database = re.fullmatch(r"postgres:(\d+)-\w+", SERVICES["database"]["image"])
    tools = re.search(r"postgresql-client-(\d+)", DOCKERFILE)
    assert database is not None and tools is not None and database[1] == tools[1]
