"""The last exception of a traceback tells why a trial failed."""

from __future__ import annotations

import traceback

import pytest
import ray.exceptions
import torch

from trainables.training.causes import cause_of, memory_loss
from trainables.training.mailbox import WorkersLost


class Trouble(Exception):
    """Named as nobody's conventions have it."""


def text_of(error: BaseException) -> str:
    try:
        try:
            raise ValueError("first of all")
        except ValueError:
            raise error  # noqa: B904
    except BaseException:
        return traceback.format_exc()


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (FloatingPointError("the loss is nan in epoch 3"), "not_finite"),
        (MemoryError(), "out_of_memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"), "out_of_memory"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (ray.exceptions.OutOfMemoryError("the worker was killed by the memory monitor"), "out_of_memory"),
        (ray.exceptions.ActorDiedError(), "lost"),
        (ray.exceptions.ObjectLostError("00", "here", "there"), "lost"),
        (WorkersLost("3 times"), "lost"),
        (ValueError("shape"), "bug"),
        (KeyError("MemoryError in a key"), "bug"),
        (Trouble("of another kind"), "bug"),
        (Trouble("told at length:\nMemoryError: of somebody else's"), "bug"),
    ],
)
def test_a_failure_has_the_cause_of_its_last_exception(error: BaseException, cause: str) -> None:
    assert cause_of(text_of(error)) == cause


def test_a_real_allocation_that_cannot_be_had_is_told_as_such() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert cause_of(text_of(caught.value)) == "out_of_memory"


@pytest.mark.parametrize("text", ["", "no traceback at all"])
def test_what_tells_nothing_is_a_bug(text: str) -> None:
    assert cause_of(text) == "bug"


def test_a_process_that_ray_killed_for_want_of_memory_is_told_by_one_line_and_nothing_else_is() -> None:
    told = (
        "Training failed due to worker errors:\n[Rank 0]\n"
        "1 worker(s) were killed due to the node running low on memory. Memory on the node was 3 GB\nRuntimeError: other"
    )
    line = memory_loss(told)
    assert line == "OutOfMemoryError: 1 worker(s) were killed due to the node running low on memory. Memory on the node was 3 GB"
    assert cause_of(line) == "out_of_memory"
    assert memory_loss("ActorDiedError: killed by SIGKILL") == memory_loss("None") == ""


@pytest.mark.parametrize("first", [MemoryError(), FloatingPointError("nan"), ray.exceptions.ActorDiedError()])
def test_what_a_bug_was_raised_from_is_not_its_cause(first: Exception) -> None:
    try:
        try:
            raise first
        except Exception as error:
            raise Trouble("while it was handled") from error
    except Trouble:
        assert cause_of(traceback.format_exc()) == "bug"
