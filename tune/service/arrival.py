"""A driver's first steps on a cluster: what it needs is there, and it is its turn. Nothing of the sweep is made before."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from tune.driver.cluster import cluster_size, ray_cluster
from tune.driver.console import SweepConsole
from tune.ledger.storage import check_inside
from tune.service.client import own_job_client
from tune.service.cluster_checks import check_audio, check_home, check_paths, check_stored, check_tracking_server
from tune.service.jobs import sweep_jobs
from tune.service.submission import SUBMISSION_ID
from tune.service.turns import Room, place_of, tickets, waiting
from tune.sweep_file.spec import Sweep

POLL_SECONDS = 3.0
DEAF_SECONDS = 120.0  # after which a sweep runs without knowing who else does: a queue is a courtesy


def arrive(sweep: Sweep, home: Path, console: SweepConsole, again: bool = False) -> None:
    """Of a submitted sweep; of any other it does nothing.

    Args:
        again: it goes on, which it may without its tracking server.

    Raises:
        InvalidInput, InfrastructureLost: the cluster is not as it must be.
    """
    if own := os.environ.get(SUBMISSION_ID):
        with ray_cluster():
            check_cluster(sweep, home, again)
            wait_for_turn(own, console)


def check_cluster(sweep: Sweep, home: Path, again: bool = False) -> None:
    """Everything that can be asked before a sweep runs; needs a connection to Ray.

    Raises:
        InvalidInput, InfrastructureLost: what is missing, with the remedy.
    """
    if SUBMISSION_ID in os.environ:  # on one's own machine, one's own files are one's own affair
        check_paths(sweep, home)
    check_audio(sweep.audio.path)
    if not again:
        check_tracking_server(sweep, home)
    if sweep.storage:
        check_stored(sweep.storage)
    check_home(home, alone=sweep.storage is not None)


def check_submitted(storage: str, home: Path) -> None:
    """Of a job that fetches a sweep from a storage: it may read and write only where a sweep of its cluster may.

    Raises:
        InvalidInput: the storage is elsewhere.
    """
    if SUBMISSION_ID in os.environ:
        check_inside(storage, home)


def wait_for_turn(own: str, console: SweepConsole, sleep: Callable[[float], None] = time.sleep) -> None:
    """Returns when the sweeps before this one leave room for it; says what it waits for."""
    last = 0
    while place := _place(own, sleep):
        if place != last:
            console.waits_in_queue(place)
            console.say(f"queue    number {place}: other sweeps take up the cluster; concurrency: N has them share it")
        last = place
        sleep(POLL_SECONDS)
    if last:
        console.waits_in_queue(0)


def _place(own: str, sleep: Callable[[float], None]) -> int:
    """Its place in the queue; 0 also if the job server has been silent for long."""
    end = time.monotonic() + DEAF_SECONDS
    while time.monotonic() < end:
        try:
            jobs = sweep_jobs(own_job_client().list_jobs())
        except (ConnectionError, RuntimeError, OSError, ValueError):
            sleep(POLL_SECONDS)
            continue
        cluster = Room(*cluster_size())
        return place_of(own, waiting(tickets(jobs, cluster), cluster))
    return 0
