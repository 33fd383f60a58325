from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ray

from tune.driver.cluster import DRIVER_ENVIRONMENT, OWN_CLUSTER_ENVIRONMENT, WORKER_ENVIRONMENT, quiet_logging, ray_cluster
from tune.errors import InfrastructureLost


class Ray:
    """Stands in for Ray's start: keeps what it is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.given: dict[str, Any] = {}
        self.environment: dict[str, str] = {}
        self.ended = 0
        self.failure: Exception | None = None
        monkeypatch.setattr(ray, "init", self.init)
        monkeypatch.setattr(ray, "shutdown", self.shutdown)
        monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 3.0, "memory": 1.0})

    def init(self, **given: Any) -> None:
        self.given, self.environment = given, dict(os.environ)
        os.write(2, b"Set ray log level from environment variable")
        if self.failure is not None:
            raise self.failure

    def shutdown(self) -> None:
        self.ended += 1


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Environment, loggers and warning filters are put back."""
    ours = WORKER_ENVIRONMENT | DRIVER_ENVIRONMENT | OWN_CLUSTER_ENVIRONMENT
    for name in (*ours, "RAY_ADDRESS", "RAY_JOB_CONFIG_JSON_ENV_VAR"):
        monkeypatch.setenv(name, "")  # so that it is put back even where the code sets it
        monkeypatch.delenv(name)
    loggers = [logging.getLogger(name) for name in ("ray", "ray.tune", "ray.train", "fxsweep", "mlflow", "alembic")]
    before = [(logger, logger.handlers, logger.propagate) for logger in loggers]
    with warnings.catch_warnings():
        yield
    for logger, handlers, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Ray:
    return Ray(monkeypatch)


def test_without_an_address_ray_starts_here_and_ends_with_the_block(started: Ray) -> None:
    with ray_cluster() as found:
        assert found == (3, 0) and started.ended == 0
    assert started.given["address"] == "local" and started.ended == 1


def test_ray_ends_when_the_block_fails(started: Ray) -> None:
    with pytest.raises(KeyError), ray_cluster():
        raise KeyError
    assert started.ended == 1


def test_the_environment_is_set_before_ray_starts(started: Ray) -> None:
    with ray_cluster():
        pass
    for name, value in (WORKER_ENVIRONMENT | DRIVER_ENVIRONMENT | OWN_CLUSTER_ENVIRONMENT).items():
        assert started.environment[name] == value


def test_what_a_user_set_stays(started: Ray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    with ray_cluster():
        pass
    assert started.environment["OMP_NUM_THREADS"] == "4"


def test_a_cluster_of_others_gets_the_workers_environment_and_no_start_of_its_own(
    started: Ray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with ray_cluster():
        pass
    assert started.given["address"] == "10.0.0.1:6379"
    assert started.given["runtime_env"] == {"env_vars": WORKER_ENVIRONMENT}
    assert not OWN_CLUSTER_ENVIRONMENT.keys() & started.environment.keys()


def test_a_jobs_runtime_environment_is_not_set_twice(started: Ray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}")
    with ray_cluster():
        pass
    assert "runtime_env" not in started.given


@pytest.mark.parametrize("failure", [ConnectionError("refused\nat length"), Exception("refused"), RuntimeError()])
def test_a_cluster_out_of_reach_is_told_with_its_address(
    started: Ray, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    started.failure = failure
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    told = r"Ray cluster 10\.0\.0\.1:6379: .*\((refused|RuntimeError)\).*RAY_ADDRESS"
    with pytest.raises(InfrastructureLost, match=told), ray_cluster():
        pass


def test_a_ray_that_does_not_start_here_is_told(started: Ray) -> None:
    started.failure = Exception("The current node timed out during startup.")
    with pytest.raises(InfrastructureLost, match=r"Ray on this machine: .*timed out"), ray_cluster():
        pass


def test_nothing_is_printed_while_ray_starts_and_what_follows_is(started: Ray, capfd: pytest.CaptureFixture[str]) -> None:
    with ray_cluster():
        os.write(2, b"a message")
    assert capfd.readouterr() == ("", "a message")


def test_libraries_speak_to_the_log_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "driver.log"
    quiet_logging(log)
    logging.getLogger("ray.tune").warning("a warning of Tune's")
    logging.getLogger("fxsweep").error("a message of ours")
    warnings.warn("deprecated", stacklevel=1)
    assert capfd.readouterr() == ("", "")
    told = log.read_text().splitlines()
    assert len(told) == 2 and "ray.tune WARNING a warning of Tune's" in told[0] and "a message of ours" in told[1]


def test_without_a_log_libraries_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    quiet_logging(None)
    logging.getLogger("ray").error("something")
    assert capfd.readouterr() == ("", "")
