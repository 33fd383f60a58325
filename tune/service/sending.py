"""Sends a sweep to a cluster, once: what is there already is told instead of being sent a second time."""

from __future__ import annotations

from dataclasses import dataclass

from tune.errors import InfrastructureLost
from tune.ledger.status import TrialState
from tune.service.jobs import attempt, state_of
from tune.service.parcel import shown_bytes
from tune.service.submission import Place, content_of, plan_submission
from tune.service.submit import AlreadyThere, JobServer
from tune.sweep_file.spec import Sweep

TRIES = 5  # against others who send a sweep of this name in the same instant


@dataclass(frozen=True)
class Wanted:
    """How a sweep is to be sent.

    Attributes:
        name: exactly this one; None for the sweep's own, numbered if taken.
        again: though the same sweep is there.
    """

    place: Place
    name: str | None = None
    again: bool = False


@dataclass(frozen=True)
class Sent:
    """A sweep on a cluster.

    Attributes:
        found: the state of the sweep that was there already; None for one that was sent now.
        sent_bytes: what went with it.
    """

    name: str
    submission_id: str
    found: TrialState | None = None
    sent_bytes: int = 0


def send(server: JobServer, sweep: Sweep, wanted: Wanted) -> Sent:
    """Sends the sweep unless the same one is there: the same settings, wanted name and home, running, complete or stopped.

    Raises:
        InvalidInput: the name is taken by another sweep; the sweep cannot be sent.
    """
    asked = wanted.name or sweep.name
    plan_submission(sweep, asked, wanted.place)  # what cannot be sent is refused before anybody is asked
    for _ in range(TRIES):
        if not wanted.again and (there := _there(server, content_of(sweep, asked, wanted.place.home))):
            return there
        request = plan_submission(sweep, server.free_name(sweep.name, wanted.name), wanted.place, asked)
        try:
            return Sent(request.name, request.submission_id, sent_bytes=server.submit(request))
        except AlreadyThere:
            continue
    raise InfrastructureLost(f"sweep '{asked}': {server.address} took names faster than one could be chosen. Submit it again.")


def _there(server: JobServer, content: str) -> Sent | None:
    """The same sweep, if it is there; one that was stopped while it waited for its turn has left nothing to go on with."""
    name = server.same(content)
    if not name:
        return None
    job = server.job(name)
    state = state_of(job)
    never_begun = state == "stopped" and attempt(job.submission_id) == 1 and not server.has_begun(name)
    return None if never_begun else Sent(name, job.submission_id, state)


def told(sent: Sent, address: str) -> str:
    """What came of it, in a sentence or two."""
    watch, again = f"fxsweep status {sent.name} --address {address}", "--again runs it a second time"
    if sent.found is None:
        return f"Submitted sweep {sent.name} (sends {shown_bytes(sent.sent_bytes)}). Watch it: {watch}"
    if sent.found == "stopped":
        go_on = f"fxsweep resume {sent.name} --address {address}"
        return f"Sweep {sent.name} is there already (stopped). Go on with it: {go_on}; {again}."
    return f"Sweep {sent.name} is there already ({sent.found}). Watch it: {watch}; {again}."
