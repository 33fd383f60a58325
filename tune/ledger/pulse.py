"""Who drives a sweep that is kept in a storage: told there, again and again, by its driver.

Beside the lock on this machine (tune/driver/liveness.py), so that two machines do not go on with one sweep.
"""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass

from trainables.stored_files import StoredFile, list_files, within, write_file
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.storage import first_line, storage_of

PULSE = "driver.pulse"
NOW = "driver.now"  # written to learn the storage's time
PULSE_SECONDS, DEAD_SECONDS = 10.0, 60.0


@dataclass(frozen=True)
class Pulse:
    """What the last driver has said: in which home, and whether it had come to its end."""

    home: str = ""
    ended: bool = False


def own_home(folder: SweepFolder) -> str:
    """Which machine, and which folder there."""
    return f"{socket.gethostname()}:{folder.path.parent.resolve()}"


def write_pulse(folder: SweepFolder, url: str, ended: bool = False) -> None:
    """Raises OSError where the storage does not answer."""
    write_file(within(url, PULSE), json.dumps(asdict(Pulse(own_home(folder), ended))).encode())


def read_pulse(url: str) -> Pulse:
    """Raises OSError where the storage does not answer."""
    try:
        return Pulse(**json.loads(StoredFile(within(url, PULSE)).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return Pulse()


def check_own(folder: SweepFolder) -> None:
    """Refuses to go on from a folder that is behind its storage; of a sweep without one it does nothing.

    Raises:
        InvalidInput: another home has gone on since.
        InfrastructureLost: the storage does not answer.
    """
    if (url := storage_of(folder)) is None:
        return
    try:
        last = read_pulse(url).home
    except OSError as error:
        raise InfrastructureLost(f"storage {url}: does not answer ({first_line(error)}).") from error
    if last not in ("", own_home(folder)):
        remedy = "Go on there, or bring it into another home (--home, --storage)."
        raise InvalidInput(f"sweep '{folder.name}': has gone on in {last} since it was here. {remedy}")


def check_undriven(folder: SweepFolder, url: str) -> None:
    """Raises InvalidInput where a driver has shown itself within the last minute by the storage's own clock; OSError as above."""
    pulse = read_pulse(url)
    if pulse.ended or not pulse.home:
        return
    write_file(within(url, NOW), b"")
    times = {listed.name: listed.changed_ns for listed in list_files(url) if listed.name in (PULSE, NOW)}
    age_seconds = (times[NOW] - times[PULSE]) / 1e9
    if age_seconds < DEAD_SECONDS:
        told = f"its driver in {pulse.home} was alive {age_seconds:.0f} s ago"
        raise InvalidInput(f"sweep '{folder.name}': {told}. Stop it there; if it is lost, wait a minute.")
