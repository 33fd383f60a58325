"""Sweeps by name, on this machine or on a cluster: the one place that knows of both."""

from __future__ import annotations

import os

from tune.driver.liveness import driver_pid, stop_driver
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import find_folder, home_path, sweep_names
from tune.ledger.status import DRIVER_GONE, SweepStatus, read_status


def find_status(name: str, home: str | None, address: str | None) -> SweepStatus:
    """A sweep's status; one whose driver died is told as stopped, whatever its file says."""
    if address:
        from tune.service.submit import JobServer

        return JobServer(address).status(name)
    folder = find_folder(home_path(home), name)
    status = read_status(folder.status)
    if status.state == "running" and driver_pid(folder) is None:
        return status.ended_as("stopped", folder.status.stat().st_mtime, DRIVER_GONE)
    return status


def list_statuses(home: str | None, address: str | None) -> list[SweepStatus]:
    """All sweeps, oldest first."""
    if address:
        from tune.service.submit import JobServer

        server = JobServer(address)
        return [server.status(name) for name in server.names()]
    return [find_status(name, home, None) for name in sweep_names(home_path(home))]


def find_log(name: str, home: str | None, address: str | None) -> str:
    """What the driver said."""
    if address:
        from tune.service.submit import JobServer

        return JobServer(address).log(name)
    log = find_folder(home_path(home), name).log
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def stop_sweep(name: str, home: str | None, address: str | None) -> str:
    """Stops a running sweep; a sentence about what was done."""
    if address:
        from tune.service.stopping import stop_in_order
        from tune.service.submit import JobServer

        return stop_in_order(JobServer(address), name)
    folder = find_folder(home_path(home), name)
    if driver_pid(folder) is None:
        raise InvalidInput(
            f"sweep '{name}': is not running (its state is {find_status(name, home, None).state}). There is nothing to stop."
        )
    if not stop_driver(folder):
        raise InfrastructureLost(
            f"sweep '{name}': its driver (process {driver_pid(folder)}) has not ended within a minute of SIGTERM."
        )
    return f"Stopped sweep {name}."


def store_uri(home: str | None, tracking: str | None = None) -> str:
    """The tracking store that holds the registry: as given, $MLFLOW_TRACKING_URI, or the local one beside the sweeps."""
    from tune.tracking.stores import default_tracking

    return tracking or os.environ.get("MLFLOW_TRACKING_URI") or default_tracking(home_path(home)).uri
