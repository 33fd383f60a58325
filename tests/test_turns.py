"""Whose turn it is, from Ray's list of jobs alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_servers import job
from ray.job_submission import JobStatus

from tune.service.submission import declared
from tune.service.turns import Room, Ticket, place_if_sent, place_of, tickets, waiting
from tune.sweep_file.spec import parse_sweep

CLUSTER = Room(8)


def ticket(name: str, came_ms: int, cpus: int = 8, priority: int = 0, ended_ms: int | None = None) -> Ticket:
    return Ticket(name, Room(cpus), priority, came_ms, ended_ms)


def queue(*claims: Ticket, cluster: Room = CLUSTER) -> list[str]:
    return [claim.submission_id for claim in waiting(claims, cluster)]


def test_sweeps_that_fit_beside_each_other_run_at_once() -> None:
    assert queue(ticket("a", 1, 4), ticket("b", 2, 4)) == []


def test_who_comes_to_a_full_cluster_waits_in_the_order_of_arrival() -> None:
    assert queue(ticket("a", 1), ticket("b", 2), ticket("c", 3)) == ["b", "c"]


def test_the_end_of_a_sweep_lets_the_next_one_in() -> None:
    assert queue(ticket("a", 1, ended_ms=10), ticket("b", 2), ticket("c", 3)) == ["c"]


def test_priority_comes_before_arrival_and_nobody_is_put_out() -> None:
    assert queue(ticket("a", 1), ticket("b", 2), ticket("c", 3, priority=5)) == ["c", "b"]
    assert queue(ticket("a", 1, ended_ms=10), ticket("b", 2), ticket("c", 3, priority=5)) == ["b"]


def test_a_small_sweep_does_not_overtake_a_large_one_that_waits() -> None:
    assert queue(ticket("a", 1, 4), ticket("b", 2, 8), ticket("c", 3, 4)) == ["b", "c"]


def test_a_sweep_that_was_stopped_while_it_waited_is_gone() -> None:
    assert queue(ticket("a", 1), ticket("b", 2, ended_ms=5), ticket("c", 3)) == ["c"]


def test_gpus_are_shared_as_cpus_are() -> None:
    claims = [Ticket("a", Room(1, 2), 0, 1), Ticket("b", Room(1, 1), 0, 2), Ticket("c", Room(1, 1), 0, 3)]
    assert queue(*claims, cluster=Room(8, 2)) == ["b", "c"]
    assert queue(*claims, cluster=Room(8, 3)) == ["c"]


def test_places_are_counted_from_one() -> None:
    line = waiting([ticket("a", 1), ticket("b", 2), ticket("c", 3)], CLUSTER)
    assert [place_of(name, line) for name in ("a", "b", "c", "unknown")] == [0, 1, 2, 0]


CLAIMS = st.lists(
    st.tuples(st.integers(1, 50), st.integers(1, 8), st.integers(-2, 2), st.one_of(st.none(), st.integers(0, 40))), max_size=8
)


@given(CLAIMS)
def test_who_was_let_in_stays_in_and_all_that_run_fit(drawn: list[tuple[int, int, int, int | None]]) -> None:
    claims = [
        ticket(str(number), came, cpus, priority, None if lasts is None else came + lasts)
        for number, (came, cpus, priority, lasts) in enumerate(drawn)
    ]
    inside: set[str] = set()
    for now in range(1, 100):
        seen = [ticket(c.submission_id, c.came_ms, c.needs.cpus, c.priority, _so_far(c, now)) for c in claims if c.came_ms <= now]
        alive = {c.submission_id for c in seen if c.ended_ms is None}
        running = alive - set(queue(*seen))
        assert inside & alive <= running
        assert sum(c.needs.cpus for c in seen if c.submission_id in running) <= CLUSTER.cpus
        inside = running


def _so_far(claim: Ticket, now: int) -> int | None:
    return claim.ended_ms if claim.ended_ms is not None and claim.ended_ms <= now else None


# ---- from jobs
def told(**metadata: str) -> Any:
    return job("fxsweep-x", JobStatus.RUNNING, 5, metadata=metadata)


def test_a_ticket_is_what_a_job_was_told_by() -> None:
    (found,) = tickets({"fxsweep-x": told(cpus="4", gpus="0", priority="-3")}, CLUSTER)
    assert found == Ticket("fxsweep-x", Room(4), -3, 5)


@pytest.mark.parametrize("metadata", [{}, {"cpus": "", "priority": "high"}, {"cpus": "many"}, {"cpus": "400"}])
def test_a_job_that_declares_nothing_or_too_much_takes_the_whole_cluster(metadata: dict[str, str]) -> None:
    (found,) = tickets({"fxsweep-x": told(**metadata)}, CLUSTER)
    assert (found.needs, found.priority) == (CLUSTER, 0)


def test_an_ended_job_gives_its_room_back_when_it_ended() -> None:
    ended = job("fxsweep-x", JobStatus.FAILED, 5, end_time=9)
    never_said = job("fxsweep-y", JobStatus.STOPPED, 5)
    assert [t.ended_ms for t in tickets({"fxsweep-x": ended, "fxsweep-y": never_said}, CLUSTER)] == [9, 5]


@pytest.mark.parametrize(("priority", "place"), [("0", 2), ("9", 1)])
def test_a_sweep_that_is_not_sent_yet_has_a_place_as_if_it_were(priority: str, place: int) -> None:
    jobs = {one.submission_id: one for one in (job("fxsweep-a", metadata={"cpus": "3"}), job("fxsweep-b", start_time=2_000_000))}
    assert place_if_sent(jobs, {"cpus": "2", "gpus": "0", "priority": priority}, Room(4)) == place
    assert place_if_sent({"fxsweep-a": jobs["fxsweep-a"]}, {"cpus": "1"}, Room(4)) == 0
    assert place_if_sent({}, {"cpus": "9"}, Room(4)) == 0


@pytest.mark.parametrize(
    ("values", "cpus", "gpus"),
    [
        ({"budget": {"trials": 40}}, "40", "0"),
        ({"budget": {"trials": 40}, "concurrency": 4}, "4", "0"),
        ({"budget": {"trials": 3}, "concurrency": 4, "train": {"workers": 2}}, "6", "0"),
        ({"concurrency": 2, "train": {"workers": 2, "gpus": 1}}, "4", "4"),
    ],
)
def test_a_sweep_declares_what_its_trials_at_once_take(values: dict[str, Any], cpus: str, gpus: str) -> None:
    sweep = parse_sweep({"name": "x", "priority": 7, **values})
    assert declared(sweep) == {"cpus": cpus, "gpus": gpus, "priority": "7"}
