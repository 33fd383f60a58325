"""Jobs in several processes: all answered, faults told, and nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from trainables.errors import InputError
from trainables.matching.processes import ProcessLost, answers, one_thread


@dataclass(frozen=True)
class Squares:
    """Answers with the square, and with who did it in how many threads."""

    def __call__(self) -> Callable[[int], tuple[int, int, int]]:
        return lambda number: (number**2, os.getpid(), torch.get_num_threads())


@dataclass(frozen=True)
class Faulty:
    """Fails at negative numbers in one of several ways."""

    def __call__(self) -> Callable[[int], int]:
        return self.answer

    def answer(self, number: int) -> int:
        if number == -1:
            raise InputError("-1", "must not be negative.", "Give another.")
        if number == -2:
            raise ZeroDivisionError("of two")
        if number == -3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_job_is_answered_in_one_thread_whatever_the_number_of_processes(workers: int) -> None:
    threads = torch.get_num_threads()
    found = list(answers(Squares(), range(7), workers))
    assert sorted(square for square, _, _ in found) == [number**2 for number in range(7)]
    assert {used for _, _, used in found} == {1} and torch.get_num_threads() == threads
    assert (os.getpid() in {process for _, process, _ in found}) == (workers == 1)
    assert multiprocessing.active_children() == []


def test_fewer_jobs_than_processes_and_none_at_all_end() -> None:
    assert [square for square, _, _ in answers(Squares(), [3], 2)] == [9]
    assert list(answers(Squares(), [], 2)) == []


def test_a_users_mistake_comes_back_as_it_is_and_another_fault_with_its_traceback() -> None:
    with pytest.raises(InputError, match="-1: must not be negative"):
        list(answers(Faulty(), [1, -1, 2], 2))
    with pytest.raises(RuntimeError, match=r"in answer(.|\n)*ZeroDivisionError: of two"):
        list(answers(Faulty(), [1, -2], 2))
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_told_of_and_the_others_end() -> None:
    with pytest.raises(ProcessLost, match=r"process \d+"):
        list(answers(Faulty(), [1, 2, -3, 4], 2))
    assert multiprocessing.active_children() == []


def test_who_stops_listening_ends_the_processes() -> None:
    found = answers(Squares(), range(100), 2)
    next(found)
    found.close()
    assert multiprocessing.active_children() == []


SLEEPER = """
import sys, time
sys.path.insert(0, {tests!r})
from test_processes import Naps
from trainables.matching.processes import answers
if __name__ == "__main__":
    for process in answers(Naps(), range(1000), 2):
        print(process, flush=True)
"""


@dataclass(frozen=True)
class Naps:
    """Takes a while, and tells who does."""

    def __call__(self) -> Callable[[int], int]:
        return self.answer

    def answer(self, number: int) -> int:
        time.sleep(0.2)
        return os.getpid()


def runs(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("fault", [signal.SIGINT, signal.SIGKILL])
def test_neither_an_interrupt_nor_a_killed_parent_leaves_a_process(fault: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "sleeper.py"
    script.write_text(SLEEPER.format(tests=str(Path(__file__).parent)))
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in a shell's background passes it over
    )
    assert parent.stdout is not None and parent.stderr is not None
    children = {int(parent.stdout.readline()) for _ in range(4)}
    parent.send_signal(fault)
    assert parent.wait(60) != 0
    told = parent.stderr.read()  # to its end, which comes when the last process has closed it
    until = time.monotonic() + 30.0
    while any(map(runs, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(runs, children))
    assert told.count("Traceback") == (1 if fault == signal.SIGINT else 0)


def test_one_thread_leaves_threads_as_they_were() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
