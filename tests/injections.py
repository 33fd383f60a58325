"""What is done to a sweep at work: kinds of harm, and the moments at which they come."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from drivers import Drivers
from outside import check_nothing_runs, study
from processes import alive, send
from small_sweep import fxsweep

from trainables.maps.map_actor import PatientMapMaker
from trainables.rendering.catalogue import Catalogue
from trainables.rendering.render_actors import RenderActor
from trainables.training.mailbox import Mailbox
from tune.driver.liveness import driver_pid
from tune.ledger.status import read_status

Harm = Callable[[Drivers, np.random.Generator], None]
RESUMING: dict[str, Callable[[Drivers], object]] = {  # how far the next driver is when it is killed, too
    "at once": lambda drivers: True,
    "locked": lambda drivers: drivers.process and driver_pid(drivers.sweep) == drivers.process.pid,
    "with Ray": lambda drivers: drivers.victims("raylet/raylet"),
    "told": lambda drivers: "resume   " in drivers.last_output,
    "with a trial": lambda drivers: drivers.victims("ray::ResourceTrainable"),
}
STOPPED, LOST, KILLED = 4, 6, -signal.SIGKILL


@dataclass(frozen=True)
class Injection:
    """One kind of harm, and when: as soon as so many epochs are in the ledgers, and so many seconds later."""

    kind: str
    epochs: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.kind} (epoch {self.epochs} + {self.seconds:.2f} s)"


def at_random_moments(kinds: Sequence[str], epochs: int, random: np.random.Generator) -> list[Injection]:
    """One injection of each, in this order, spread by chance over a sweep of so many epochs.

    None comes in the last quarter: it may be over in less time than an injection takes, and what has ended cannot be harmed.
    """
    moments = sorted(random.choice(3 * epochs // 4, size=len(kinds), replace=False).tolist())
    return [Injection(kind, moment, float(random.uniform(0, 0.5))) for kind, moment in zip(kinds, moments, strict=True)]


def inject(drivers: Drivers, injection: Injection, harm: Harm, random: np.random.Generator) -> None:
    """Waits for the moment, and does it. Where the driver is gone then, the next one is started.

    Raises:
        AssertionError: the sweep ended before the moment, or the driver took it in another way than it should.
    """
    drivers.wait_for(lambda: drivers.sweep.status.is_file() and drivers.epochs() >= injection.epochs, str(injection))
    time.sleep(injection.seconds)
    harm(drivers, random)
    if not drivers.running():
        drivers.resume()


def named(actor: type) -> str:
    """What Ray calls the process of one of our actors."""
    return f"ray::{actor.__name__}"


def kill_actor(wanted: str) -> Harm:
    """One of those of this name."""

    def kill(drivers: Drivers, random: np.random.Generator) -> None:
        victims = drivers.wait_for(lambda: [victim for victim in drivers.victims(wanted) if alive(victim)], wanted)
        assert send([victims[random.integers(len(victims))]])

    return kill


def kill_driver(drivers: Drivers, random: np.random.Generator) -> None:
    drivers.signal(signal.SIGKILL)
    assert drivers.exit_code() == KILLED


def kill_twice(drivers: Drivers, random: np.random.Generator) -> None:
    """The driver, and the one that takes over before it has got on."""
    kill_driver(drivers, random)
    drivers.resume()
    how_far = str(random.choice(list(RESUMING)))
    drivers.wait_for(lambda: RESUMING[how_far](drivers), f"driver that is {how_far}")
    kill_driver(drivers, random)


def kill_and_mend(drivers: Drivers, random: np.random.Generator) -> None:
    """Without going on, the doctor puts everything in order but MLflow."""
    kill_driver(drivers, random)
    mended, again = (fxsweep("doctor", "small", "--home", str(drivers.home)) for _ in range(2))
    assert mended.returncode == again.returncode == 0, mended.stderr + again.stderr
    assert "things mended" in mended.stdout and "everything is in order" in again.stdout
    assert "RUNNING" not in {trial.state.name for trial in study(drivers.sweep)}
    assert read_status(drivers.sweep.status).state == "stopped"


def stop(number: signal.Signals, group: bool) -> Harm:
    """As a person or a machine that shuts down does: the driver puts everything away before it ends."""

    def send_it(drivers: Drivers, random: np.random.Generator) -> None:
        drivers.signal(number, group)
        assert (code := drivers.exit_code()) == STOPPED, f"exit code {code}:\n{drivers.output}"
        check_nothing_runs(drivers.sweep, drivers.status())

    return send_it


def fill(disk: Path) -> Harm:
    """Fills the file system, until the driver has given up: nobody's fault, and it says what to do."""

    def fill_it(drivers: Drivers, random: np.random.Generator) -> None:
        with (disk / "filler").open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
        assert (code := drivers.exit_code()) == LOST, f"exit code {code}:\n{drivers.output}"
        told = " ".join(drivers.last_output.split())
        assert "the disk is full" in told and "fxsweep resume small" in told
        (disk / "filler").unlink()

    return fill_it


HARMS: dict[str, Harm] = {
    "SIGKILL of a trial": kill_actor("ray::ResourceTrainable"),
    "SIGKILL of a Train worker": kill_actor("ray::RayTrainWorker"),
    "SIGKILL of a Train controller": kill_actor("ray::TrainController"),
    "SIGKILL of a mailbox": kill_actor(named(Mailbox)),
    "SIGKILL of a render actor": kill_actor(named(RenderActor)),
    "SIGKILL of a catalogue": kill_actor(named(Catalogue)),
    "SIGKILL of a map actor": kill_actor(named(PatientMapMaker)),
    "SIGKILL of the driver": kill_driver,
    "SIGKILL of the driver, and of the next one": kill_twice,
    "SIGKILL of the driver, then doctor": kill_and_mend,
    "SIGTERM of the driver": stop(signal.SIGTERM, group=False),
    "SIGTERM of the group": stop(signal.SIGTERM, group=True),
    "Ctrl-C": stop(signal.SIGINT, group=True),
}
