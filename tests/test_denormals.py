"""Denormals are flushed inside the block, in this thread, and nowhere else."""

from __future__ import annotations

import threading

import numpy as np
import torch

from trainables.effects import apply, load_effects
from trainables.rendering.denormals import flushed_denormals

TINY = np.full(4, 1e-39, np.float32)


def halved() -> float:
    return float((TINY * np.float32(0.5))[0])


def test_they_are_zero_inside_and_what_they_were_after() -> None:
    assert halved() > 0.0
    with flushed_denormals():
        assert halved() == 0.0
    assert halved() > 0.0


def test_an_error_inside_leaves_the_thread_as_it_was() -> None:
    try:
        with flushed_denormals():
            raise KeyError
    except KeyError:
        pass
    assert halved() > 0.0


def test_a_block_within_a_block_ends_with_the_outer_one() -> None:
    with flushed_denormals():
        with flushed_denormals():
            pass
        assert halved() == 0.0


def test_other_threads_go_on_as_they_were() -> None:
    values: list[float] = []
    with flushed_denormals():
        thread = threading.Thread(target=lambda: values.append(halved()))
    thread.start()
    thread.join()
    assert values[0] > 0.0


def test_it_is_what_torch_calls_flushing() -> None:
    with flushed_denormals():
        ours = float((torch.from_numpy(TINY) * 0.5)[0])
    assert ours == 0.0


def test_an_effect_gives_the_same_bytes_whatever_its_caller_flushes() -> None:
    dry = np.zeros((1, 65536), np.float32)
    dry[:, :8192] = 0.1 * np.random.default_rng(0).standard_normal(8192)
    for effect in load_effects("mda").values():
        alone = apply(effect, dry, 44100, {})
        with flushed_denormals():
            assert np.array_equal(apply(effect, dry, 44100, {}), alone)
