"""Jobs spread over processes of this machine, one thread each: the same answers in any number of them."""

from __future__ import annotations

import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

import torch
from threadpoolctl import threadpool_limits

from trainables.errors import InputError, TakeFailed

Job = TypeVar("Job")
Answer = TypeVar("Answer")
ENDED_SECONDS = 10.0  # that a process may take to end when it is told to


class ProcessLost(Exception):
    """A process ended before it had answered: killed for want of memory, perhaps, or by a plugin."""


@dataclass(frozen=True)
class _Reply(Generic[Answer]):
    """What a process says: an answer, or why there is none."""

    answer: Answer | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection

    def tell(self, what: Any) -> None:
        try:
            self.pipe.send_bytes(pickle.dumps(what))  # torch's own way of sending tensors would take shared memory
        except OSError as error:
            raise ProcessLost(f"process {self.process.pid}") from error

    def said(self) -> Any:
        try:
            reply: _Reply[Any] = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise ProcessLost(f"process {self.process.pid}") from error
        if reply.error is not None:
            raise reply.error
        return reply.answer


def answers(prepare: Callable[[], Callable[[Job], Answer]], jobs: Iterable[Job], workers: int) -> Generator[Answer, None, None]:
    """The answer to each job, as soon as it is there.

    Args:
        prepare: makes what answers; called once in each process, and picklable.
        jobs: picklable, as are their answers. With several workers they are asked for as processes become free.
        workers: how many processes; 1 is this one itself.

    Raises:
        ProcessLost: one of them has died. Whatever `prepare` or a job raises.
    """
    if workers == 1:
        with one_thread():
            yield from map(prepare(), jobs)
        return
    started: list[_Worker] = []
    try:
        with _deaf_to_interrupts():
            started += [_started() for _ in range(workers)]
        yield from _answers(started, prepare, iter(jobs))
    finally:
        _end(started)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch and numpy compute in one thread: what is summed by several depends on how many they are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def _answers(workers: list[_Worker], prepare: Any, jobs: Iterator[Any]) -> Iterator[Any]:
    for worker in workers:
        worker.tell(prepare)
    preparing, busy = {worker.pipe for worker in workers}, {worker.pipe: worker for worker in workers}
    while busy:
        for pipe in wait(list(busy)):
            assert isinstance(pipe, Connection)
            worker = busy.pop(pipe)
            answer, ready = worker.said(), pipe in preparing
            preparing.discard(pipe)
            job = next(jobs, _Nothing)
            if job is not _Nothing:
                worker.tell(job)
                busy[pipe] = worker
            if not ready:
                yield answer


class _Nothing:
    """No job is left."""


def _started() -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.process.join(ENDED_SECONDS)
        worker.pipe.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started meanwhile ignores Ctrl-C, which a terminal sends to all: its parent ends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(pipe: Connection) -> None:
    """Prepares, then answers until there is nobody to ask."""
    with one_thread():
        try:
            answer = pipe.recv()()
            pipe.send(_Reply())
            while True:
                pipe.send(_Reply(answer(pipe.recv())))
        except (EOFError, BrokenPipeError, ConnectionResetError):  # the parent has gone
            return
        except (InputError, TakeFailed) as error:
            pipe.send(_Reply(error=error))
        except Exception as error:  # told with its traceback, which would not come along
            pipe.send(_Reply(error=RuntimeError("".join(traceback.format_exception(error)))))
