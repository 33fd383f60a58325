"""Ten thousand fresh instances leave no memory behind, neither here nor in a child process that hosts a plugin."""

import ctypes
import gc
import os
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from every_effect import EFFECTS, SOURCES, drawn, every_effect
from signals import noise

from trainables.effects import apply

HOSTED_BY_US = tuple(source for source in SOURCES if source.startswith(("mda:", "lv2:", "vst3:")))
FEWER = {"pedalboard:pitch_shift": 500}  # it takes longest to start
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MOST_GROWTH_BYTES = 1 << 20


def resident_bytes():
    """Of this process and its children; here without what is free but kept, in which a leak could hide."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    children = [child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()]
    return sum(_resident_pages(process) for process in ("self", *children)) * PAGE_BYTES


def _resident_pages(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1])


def growth_bytes(once, times):
    """How much more memory is resident after so many calls than after a first fifth of that."""
    for _ in range(times // 5):
        once()
    before = resident_bytes()
    for _ in range(times):
        once()
    return resident_bytes() - before


def renders(source):
    """Renders a short clip at other settings each time; each is an instance of its own."""
    effect, dry = EFFECTS[source], noise(2, 64)
    settings = cycle(drawn(effect, 16))
    return lambda: apply(effect, dry, 44100, next(settings))


@pytest.mark.parametrize("source", HOSTED_BY_US)
def test_a_thousand_instances_leave_no_memory_behind(source):
    assert growth_bytes(renders(source), 1000) < MOST_GROWTH_BYTES


@pytest.mark.slow
@every_effect
def test_ten_thousand_instances_leave_no_memory_behind(source):
    assert growth_bytes(renders(source), FEWER.get(source, 10_000)) < MOST_GROWTH_BYTES


def test_the_measure_sees_eight_kilobytes_an_instance():
    kept = []
    assert growth_bytes(lambda: kept.append(np.ones(1024)), 1000) > MOST_GROWTH_BYTES


def test_settings_differ_between_the_instances_of_an_effect():
    render = renders("mda:overdrive")
    assert not np.array_equal(render(), render())
