"""Whose turn it is on a cluster that several sweeps share: a function of Ray's own list of jobs.

Every driver reads the list and comes to the same answer, so that there is no queue to keep, and none that dies with its
keeper: a sweep waits while those before it take up the CPUs and GPUs that it has declared. Who was let in stays in. What
happened is played back from the times at which jobs came and ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tune.service.jobs import told_by


@dataclass(frozen=True)
class Room:
    """CPUs and GPUs."""

    cpus: int
    gpus: int = 0

    def within(self, other: Room) -> Room:
        return Room(min(self.cpus, other.cpus), min(self.gpus, other.gpus))


@dataclass(frozen=True)
class Ticket:
    """One job's claim. Times are milliseconds by the head's clock; `ended_ms` is None while it runs or waits."""

    submission_id: str
    needs: Room
    priority: int
    came_ms: int
    ended_ms: int | None = None


def tickets(jobs: Mapping[str, Any], cluster: Room) -> list[Ticket]:
    """The claims of all sweeps' jobs; one that declares nothing takes the whole cluster."""
    return [_ticket(submission_id, job, cluster) for submission_id, job in jobs.items()]


def _ticket(submission_id: str, job: Any, cluster: Room) -> Ticket:
    told, came_ms = told_by(job), int(job.start_time or 0)
    needs = Room(_whole(told.get("cpus"), cluster.cpus), _whole(told.get("gpus"), 0)).within(cluster)
    ended_ms = max(came_ms, int(job.end_time or 0)) if job.status.is_terminal() else None
    return Ticket(submission_id, needs, _whole(told.get("priority"), 0), came_ms, ended_ms)


def _whole(text: str | None, default: int) -> int:
    """A number from a job's metadata, which anybody may have written."""
    try:
        return int(text) if text else default
    except ValueError:
        return default


def waiting(claims: Iterable[Ticket], cluster: Room) -> list[Ticket]:
    """Who waits, in the order of their turns: by priority, then by arrival; nobody is overtaken by a smaller one."""
    claims = list(claims)
    inside: list[Ticket] = []
    queue: list[Ticket] = []
    for now_ms in _moments(claims):
        inside = [ticket for ticket in inside if _there(ticket, now_ms)]
        queue = [ticket for ticket in queue if _there(ticket, now_ms)]
        queue += [ticket for ticket in claims if ticket.came_ms == now_ms and _there(ticket, now_ms)]
        queue.sort(key=lambda ticket: (-ticket.priority, ticket.came_ms, ticket.submission_id))
        while queue and _fits(queue[0], inside, cluster):
            inside.append(queue.pop(0))
    return queue


def place_of(submission_id: str, queue: Sequence[Ticket]) -> int:
    """From 1; 0 for one that doesn't wait."""
    return next((place for place, ticket in enumerate(queue, 1) if ticket.submission_id == submission_id), 0)


def place_if_sent(jobs: Mapping[str, Any], told: Mapping[str, str], cluster: Room) -> int:
    """The place in the queue of a sweep that would be sent now and be told by this; 0 if it would not wait."""
    claims = tickets(jobs, cluster)
    now_ms = max(_moments(claims), default=0) + 1
    needs = Room(_whole(told.get("cpus"), cluster.cpus), _whole(told.get("gpus"), 0)).within(cluster)
    own = Ticket("", needs, _whole(told.get("priority"), 0), now_ms)
    return place_of(own.submission_id, waiting([*claims, own], cluster))


def _moments(claims: Iterable[Ticket]) -> list[int]:
    return sorted({moment for ticket in claims for moment in (ticket.came_ms, ticket.ended_ms) if moment is not None})


def _there(ticket: Ticket, now_ms: int) -> bool:
    return ticket.ended_ms is None or ticket.ended_ms > now_ms


def _fits(ticket: Ticket, inside: Sequence[Ticket], cluster: Room) -> bool:
    cpus = ticket.needs.cpus + sum(other.needs.cpus for other in inside)
    gpus = ticket.needs.gpus + sum(other.needs.gpus for other in inside)
    return cpus <= cluster.cpus and gpus <= cluster.gpus
