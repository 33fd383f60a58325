"""The Ray cluster a driver works on: one of its own on this machine, or the one it was submitted to."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tune.errors import InfrastructureLost
from tune.process_groups import children_in_groups_of_their_own

REACH_SECONDS = 5.0

# What Ray and numeric libraries read from the environment, in the driver and in every worker.
WORKER_ENVIRONMENT = {
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",  # Train's controller polls; its default of 2 s is paid at each start
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",  # one process less to start; a lost worker is noticed all the same
    "OMP_NUM_THREADS": "1",  # actors share the cores; two threads on busy cores are slower than one
    "PYTHONWARNINGS": "ignore",
}
DRIVER_ENVIRONMENT = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # interrupt.py has ours
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # nobody goes on from Ray Tune's own records, and writing them takes time
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # its warnings about actors and processes are not the user's to act on
    "RAY_USAGE_STATS_ENABLED": "0",
}
OWN_CLUSTER_ENVIRONMENT = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # whatever the system: Ray then listens on loopback only
    "RAY_worker_maximum_startup_concurrency": "8",  # a trial's handful of processes start together
}
OWN_CLUSTER: dict[str, Any] = {"address": "local", "include_dashboard": False}


def set_environment() -> None:
    """What Ray reads from the environment; some of it (that it listens on loopback) as soon as it is imported."""
    own = {} if os.environ.get("RAY_ADDRESS") else OWN_CLUSTER_ENVIRONMENT
    for name, value in (WORKER_ENVIRONMENT | DRIVER_ENVIRONMENT | own).items():
        os.environ.setdefault(name, value)


@contextmanager
def ray_cluster(log_path: Path | None = None) -> Iterator[tuple[int, int]]:
    """Connects to $RAY_ADDRESS, or starts Ray on this machine (loopback) and ends it afterwards.

    Yields:
        The numbers of CPUs and of GPUs that trials may use.
    Raises:
        InfrastructureLost: the cluster doesn't answer.
    """
    address = os.environ.get("RAY_ADDRESS")
    set_environment()
    import ray

    quiet_logging(log_path)
    if address:
        check_reachable(address)
    where_from = {"address": address, **_environment_of_a_direct_driver()} if address else OWN_CLUSTER
    try:
        with _silent_stderr(), children_in_groups_of_their_own():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **where_from)
    except Exception as error:  # Ray tells a start that takes too long as a bare Exception
        where = f"Ray cluster {address}" if address else "Ray on this machine"
        remedy = "Is it running? Unset RAY_ADDRESS to use this machine." if address else "Is there memory and disk left?"
        raise InfrastructureLost(f"{where}: could not be reached ({_first_line(error)}). {remedy}") from error
    try:
        yield cluster_size()
    finally:
        ray.shutdown()


def cluster_size() -> tuple[int, int]:
    """The numbers of CPUs and of GPUs of the cluster that this process is connected to."""
    import ray

    found = ray.cluster_resources()
    return int(found.get("CPU", 0)), int(found.get("GPU", 0))


def check_reachable(address: str) -> None:
    """Refuses a cluster that nobody answers for, within seconds; Ray itself would try for minutes.

    Args:
        address: HOST:PORT of the cluster; `auto` and the like are Ray's to find.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=REACH_SECONDS).close()
    except OSError as error:
        remedy = "Is it running? Unset RAY_ADDRESS to use this machine."
        raise InfrastructureLost(f"Ray cluster {address}: could not be reached ({error.strerror or error}). {remedy}") from error


def quiet_logging(log_path: Path | None) -> None:
    """Ray's and the libraries' own messages go to the driver's log, not between a user's progress lines."""
    warnings.simplefilter("ignore")
    handler = logging.FileHandler(log_path) if log_path else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in ("ray", "ray.tune", "ray.train", "fxsweep", "mlflow", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False


@contextmanager
def _silent_stderr() -> Iterator[None]:
    # Ray's core announces its log level on the file descriptor itself, where no Python logging reaches.
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _environment_of_a_direct_driver() -> dict[str, object]:
    # A job's runtime environment was set when it was submitted; Ray refuses to have it set twice.
    if "RAY_JOB_CONFIG_JSON_ENV_VAR" in os.environ:
        return {}
    return {"runtime_env": {"env_vars": WORKER_ENVIRONMENT}}


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
