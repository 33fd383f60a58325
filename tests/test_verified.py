"""Hosts that must prove themselves: made-up ones, some of which give other samples; and a real one with that fault."""

import os
import signal
import time

import numpy as np
import pytest
from made_up_hosts import KNOBS, Counted
from signals import noise

from trainables.effects import apply
from trainables.effects.isolation import foreign
from trainables.effects.isolation.isolated import host_process, stop
from trainables.effects.isolation.repeating import fingerprint, trial_takes
from trainables.effects.isolation.verified import Verified
from trainables.effects.vst3.effects import load_vst3
from trainables.errors import InputError

DRY, SETTINGS = noise(2, 500), {"knob": 0.5}
WET = DRY + np.float32(0.5)


def verified(counted):
    return Verified(counted.process, counted.hosted, KNOBS, EXPECTED)


def offset(dry, sample_rate, settings):
    return dry + np.float32(settings["knob"])


EXPECTED = tuple(fingerprint(offset, take) for take in trial_takes(KNOBS)[:2])


@pytest.fixture
def plugin(tmp_path):
    made = []

    def make(odd):
        made.append(Counted(tmp_path, odd))
        return made[-1]

    yield make
    for one in made:
        stop(one.hosted)


def test_a_host_that_gives_other_samples_is_replaced_by_another(plugin):
    counted = plugin("number < 4")
    assert np.array_equal(verified(counted)(DRY, 44100, SETTINGS), WET)
    assert counted.started() == 4


def test_a_host_proves_itself_once(plugin):
    counted = plugin("False")
    process = verified(counted)
    process(DRY, 44100, SETTINGS)
    first = host_process(counted.hosted)
    assert np.array_equal(process(DRY, 44100, SETTINGS), WET)
    assert (counted.started(), host_process(counted.hosted)) == (1, first)


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_the_host_after_it_must_prove_itself_anew(plugin, end):
    counted = plugin("number == 2")
    process = verified(counted)
    process(DRY, 44100, SETTINGS)
    if end == "killed":
        os.kill(host_process(counted.hosted), signal.SIGKILL)
        while host_process(counted.hosted) is not None:
            time.sleep(0.01)
    else:
        stop(counted.hosted)
    assert np.array_equal(process(DRY, 44100, SETTINGS), WET)
    assert counted.started() == 3


def test_after_that_many_hosts_it_is_refused_by_its_name(plugin):
    counted = plugin("True")
    with pytest.raises(InputError, match=rf"^{counted.hosted.name}: gave other samples .* in 3 processes"):
        verified(counted).prove(most_hosts=3)
    assert counted.started() == 3 and host_process(counted.hosted) is None


def test_a_plugin_of_which_every_third_process_is_odd_is_used_without_those(plugin):
    """At loading the odd ones are told from the others; afterwards whatever host is started gives the usual samples."""
    counted = plugin("number % 3 == 0")
    effect = counted.load()
    for _ in range(3):
        assert np.array_equal(apply(effect, DRY, 44100, {}), WET)
        stop(counted.hosted)
    assert effect.process.expected == EXPECTED


def test_what_proved_itself_by_other_samples_must_prove_itself_anew(plugin):
    counted = plugin("number == 1")
    loud = tuple(fingerprint(lambda *take: 2 * offset(*take), take) for take in trial_takes(KNOBS)[:2])
    Verified(counted.process, counted.hosted, KNOBS, loud).prove()
    assert np.array_equal(verified(counted)(DRY, 44100, SETTINGS), WET)
    assert counted.started() == 2


def test_the_last_host_that_may_be_tried_counts(plugin):
    counted = plugin("number < 3")
    verified(counted).prove(most_hosts=3)
    assert counted.started() == 3


@pytest.mark.slow
def test_a_real_plugin_with_that_fault_gives_the_same_bytes_in_every_process(tmp_path, monkeypatch):
    """In about every tenth process ZamTube gives other samples, in each take others, for as long as that process lives."""
    dry, effects, taken = noise(2, 9000), [], set()
    for _ in range(2):
        foreign.measured.cache_clear()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / str(len(effects))))
        effects.append(load_vst3("/usr/lib/vst3/ZamTube.vst3"))
        for _ in range(8):
            stop(effects[-1].process.hosted)
            taken.add(apply(effects[-1], dry, 44100, {"tube_drive": 8.0}).tobytes())
    stop(effects[-1].process.hosted)
    assert effects[0].identity == effects[1].identity and len(taken) == 1
