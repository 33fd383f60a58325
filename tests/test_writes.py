from __future__ import annotations

import threading
import time

import pytest

from tune.tracking.writes import Patience, WriteQueue

QUICK = Patience(total_seconds=0.05, first_pause_seconds=0.01)


class Hopeless(Exception):
    pass


def new_queue(patience: Patience = QUICK, most_pending: int = 1000) -> WriteQueue:
    return WriteQueue(lambda error: isinstance(error, Hopeless), patience, most_pending)


def failing(error: Exception, calls: list[str] | None = None) -> object:
    def write() -> None:
        if calls is not None:
            calls.append("tried")
        raise error

    return write


def test_writes_keep_their_order() -> None:
    queue, written = new_queue(), list[int]()
    for number in range(200):
        queue.put(lambda number=number: written.append(number))
    assert queue.flush(10) and written == list(range(200))
    queue.stop()


def test_the_caller_does_not_wait_for_a_slow_write() -> None:
    queue, release = new_queue(), threading.Event()
    queue.put(release.wait)
    queue.put(lambda: None)
    assert queue.counts().pending == 2 and not queue.flush(0.05)
    release.set()
    assert queue.flush(10) and queue.counts().written == 2
    queue.stop()


def test_an_outage_shorter_than_the_patience_loses_nothing() -> None:
    queue, attempts, written = new_queue(Patience(60.0, 0.001)), list[int](), list[str]()

    def flaky() -> None:
        attempts.append(1)
        if len(attempts) < 5:
            raise ConnectionError("down")
        written.append("flaky")

    queue.put(flaky)
    queue.put(lambda: written.append("next"))
    assert queue.flush(10) and written == ["flaky", "next"]
    assert (queue.counts().written, queue.counts().failed) == (2, 0)
    queue.stop()


def test_after_a_write_was_given_up_the_next_are_tried_once_until_one_succeeds() -> None:
    queue, first, second = new_queue(), list[str](), list[str]()
    queue.put(failing(ConnectionError("down"), first))
    queue.put(failing(ConnectionError("down"), second))
    assert queue.flush(10)
    assert len(first) > 1 and len(second) == 1
    assert (queue.counts().failed, queue.counts().last_error) == (2, "ConnectionError: down")
    third = list[str]()
    queue.put(lambda: None)
    queue.put(failing(ConnectionError("down"), third))
    assert queue.flush(10) and len(third) > 1
    queue.stop()


def test_a_service_that_has_answered_nothing_for_long_is_not_waited_for() -> None:
    queue = new_queue(Patience(60.0, 0.001, 0.001))
    queue.put(failing(ConnectionError("down")))
    assert not queue.flush(60.0, stalled_seconds=0.02)
    assert (queue.counts().pending, queue.counts().last_error) == (1, "ConnectionError: down")
    queue.stop()


def test_one_that_answers_is_waited_for_however_slow_it_is() -> None:
    queue, answers = new_queue(Patience(60.0, 0.001, 0.001)), list[int]()

    def fails_every_other_time() -> None:
        answers.append(1)
        time.sleep(0.02)
        if len(answers) % 2:
            raise ConnectionError("down")

    for _ in range(5):
        queue.put(fails_every_other_time)
    assert queue.flush(60.0, stalled_seconds=5.0) and queue.counts().written == 5
    queue.stop()


def test_a_hopeless_write_is_tried_once() -> None:
    queue, calls = new_queue(Patience(60.0, 30.0)), list[str]()
    queue.put(failing(Hopeless("never"), calls))
    assert queue.flush(10) and calls == ["tried"]
    queue.stop()


def test_an_endless_outage_does_not_fill_the_memory() -> None:
    queue, release = new_queue(most_pending=3), threading.Event()
    for _ in range(10):
        queue.put(release.wait)
    counts = queue.counts()
    assert counts.pending <= 4 and counts.pending + counts.failed == 10
    release.set()
    queue.stop()


@pytest.mark.parametrize("pending", [0, 3])
def test_a_stopped_queue_neither_writes_nor_waits(pending: int) -> None:
    queue, release, written = new_queue(), threading.Event(), list[int]()
    queue.put(release.wait)
    for number in range(pending):
        queue.put(lambda number=number: written.append(number))
    queue.stop()
    release.set()
    queue.put(lambda: written.append(9))
    assert queue.flush(10) and written == [] and queue.counts().pending <= pending + 1
    assert queue.counts().failed == 1, "what came too late is told as missing"


def burn() -> None:
    """Takes some milliseconds of the processor."""
    sum(number * number for number in range(200_000))


def written(queue: WriteQueue, count: int) -> bool:
    end = time.monotonic() + 30
    while queue.counts().written < count and time.monotonic() < end:
        time.sleep(0.01)
    return queue.counts().written == count


def test_after_a_write_the_caller_has_the_processor_until_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.tracking.writes.RESTS", 1e9)
    queue = WriteQueue(lambda error: True)
    queue.put(burn)
    assert written(queue, 1)
    queue.put(burn)
    time.sleep(0.1)
    assert queue.counts().pending == 1
    assert queue.flush(30) and queue.counts().written == 2


def test_a_long_queue_leaves_no_time_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.tracking.writes.RESTS", 1e9)
    monkeypatch.setattr("tune.tracking.writes.LONG_QUEUE", 2)
    queue = WriteQueue(lambda error: True)
    for _ in range(6):
        queue.put(burn)
    assert written(queue, 4), "until two are left"
    queue.stop()
