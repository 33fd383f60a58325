"""What is done to a sweep at work: kinds of harm, and the moments at which they come."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from drivers import Drivers
from processes import alive, send

from tune.liveness import driver_pid

RESUMING: dict[str, Callable[[Drivers], object]] = {  # how far the next driver is when it is killed, too
    "at once": lambda drivers: True,
    "locked": lambda drivers: drivers.process and driver_pid(drivers.sweep) == drivers.process.pid,
    "with Ray": lambda drivers: drivers.victims("raylet/raylet"),
    "told": lambda drivers: "resume   " in drivers.output.rpartition("$ fxsweep")[2],
    "with a trial": lambda drivers: drivers.victims("ray::ResourceTrainable"),
}
ACTORS = {
    "SIGKILL of a trial": "ray::ResourceTrainable",
    "SIGKILL of a Train worker": "ray::RayTrainWorker",
    "SIGKILL of a trial's mailbox": "ray::Mailbox",
    "SIGKILL of a render actor": "ray::RenderActor",
    "SIGKILL of the catalogue": "ray::Catalogue",
    "SIGKILL of the map actor": "ray::MapMaker",
}
STOPPED, KILLED = 4, -signal.SIGKILL


@dataclass(frozen=True)
class Injection:
    """One kind of harm, and when: as soon as so many epochs are in the ledgers, and so many seconds later."""

    kind: str
    epochs: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.kind} (epoch {self.epochs} + {self.seconds:.2f} s)"


def at_random_moments(kinds: Sequence[str], epochs: int, random: np.random.Generator) -> list[Injection]:
    """One injection of each, in this order, spread by chance over a sweep of so many epochs."""
    moments = sorted(random.choice(epochs - 1, size=len(kinds), replace=False).tolist())
    return [Injection(kind, moment, float(random.uniform(0, 0.5))) for kind, moment in zip(kinds, moments, strict=True)]


def inject(drivers: Drivers, injection: Injection, random: np.random.Generator) -> None:
    """Waits for the moment, and does it. Where the driver is gone then, the next one is started.

    Raises:
        AssertionError: the sweep ended before the moment, or the driver took it in another way than it should.
    """
    drivers.wait_for(lambda: drivers.sweep.status.is_file() and drivers.epochs() >= injection.epochs, str(injection))
    time.sleep(injection.seconds)
    if (wanted := ACTORS.get(injection.kind)) is not None:
        kill_actor(drivers, wanted, random)
    else:
        DEATHS[injection.kind](drivers, random)
        drivers.resume()


def kill_actor(drivers: Drivers, wanted: str, random: np.random.Generator) -> None:
    """One of those of this name."""
    victims = drivers.wait_for(lambda: [victim for victim in drivers.victims(wanted) if alive(victim)], wanted)
    assert send([victims[random.integers(len(victims))]])


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


def stop(number: signal.Signals, group: bool) -> Callable[[Drivers, np.random.Generator], None]:
    def send_it(drivers: Drivers, random: np.random.Generator) -> None:
        drivers.signal(number, group)
        assert drivers.exit_code() == STOPPED, drivers.output

    return send_it


DEATHS: dict[str, Callable[[Drivers, np.random.Generator], None]] = {
    "SIGKILL of the driver": kill_driver,
    "SIGKILL of the driver, and of the next one": kill_twice,
    "SIGTERM of the driver": stop(signal.SIGTERM, group=False),
    "SIGTERM of the group": stop(signal.SIGTERM, group=True),
    "Ctrl-C": stop(signal.SIGINT, group=True),
}
