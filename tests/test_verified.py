"""Hosts that must prove themselves: made-up ones, some of which give other samples; and a real one with that fault."""

import os
import signal
import time

import numpy as np
import pytest
from made_up_hosts import made_up_host
from signals import noise

from trainables.effects import apply
from trainables.effects.isolation import foreign
from trainables.effects.isolation.isolated import Hosted, host_process, render_isolated, stop
from trainables.effects.isolation.repeating import fingerprint, trial_takes
from trainables.effects.isolation.verified import Verified
from trainables.effects.vst3.effects import load_vst3
from trainables.errors import InputError
from trainables.parameters import Parameter

KNOBS = (Parameter("knob", 0.0, 1.0, 0.5),)
EXPECTED = tuple(fingerprint(lambda dry, _, settings: dry, take) for take in trial_takes(KNOBS)[:2])
DRY = noise(2, 500)


class Counted:
    """A made-up plugin whose hosts count themselves in a file; those with a number for which `odd` holds are twice as loud."""

    def __init__(self, folder, odd):
        self.starts = folder / "starts"
        answers = f"""
            starts = open({str(self.starts)!r}, "a+"); starts.write("."); starts.flush()
            number = starts.tell()
            send(1, Message({{"introduction": {{}}}}))
            while True:
                send(1, Message({{}}, receive(0).audio * (2 if {odd} else 1)))
            """
        self.hosted = Hosted(f"vst3:{folder}", "{}", command=made_up_host(answers))

    def process(self, dry, sample_rate, settings, *, block_samples=8192):
        return render_isolated(self.hosted, dry, sample_rate, dict(settings), block_samples)

    def verified(self):
        return Verified(self.process, self.hosted, KNOBS, EXPECTED)

    def started(self):
        return self.starts.stat().st_size


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
    assert np.array_equal(counted.verified()(DRY, 44100, {"knob": 0.1}), DRY)
    assert counted.started() == 4


def test_a_host_proves_itself_once(plugin):
    counted = plugin("False")
    process = counted.verified()
    process(DRY, 44100, {"knob": 0.1})
    first = host_process(counted.hosted)
    assert np.array_equal(process(DRY, 44100, {"knob": 0.1}), DRY)
    assert (counted.started(), host_process(counted.hosted)) == (1, first)


@pytest.mark.parametrize("end", ["killed", "stopped"])
def test_the_host_after_it_must_prove_itself_anew(plugin, end):
    counted = plugin("number == 2")
    process = counted.verified()
    process(DRY, 44100, {"knob": 0.1})
    if end == "killed":
        os.kill(host_process(counted.hosted), signal.SIGKILL)
        while host_process(counted.hosted) is not None:
            time.sleep(0.01)
    else:
        stop(counted.hosted)
    assert np.array_equal(process(DRY, 44100, {"knob": 0.1}), DRY)
    assert counted.started() == 3


def test_after_that_many_hosts_it_is_refused_by_its_name(plugin, monkeypatch):
    monkeypatch.setattr("trainables.effects.isolation.verified.MOST_HOSTS", 3)
    counted = plugin("True")
    with pytest.raises(InputError, match=rf"^{counted.hosted.name}: gave other samples .* in 3 processes"):
        counted.verified().prove()
    assert counted.started() == 3 and host_process(counted.hosted) is None


def test_a_plugin_of_which_every_third_process_is_odd_is_used_without_those(plugin):
    """At loading the odd ones are told from the others; afterwards whatever host is started gives the usual samples."""
    counted = plugin("number % 3 == 0")
    made_up = foreign.ForeignPlugin("Made Up", "vst3", KNOBS, "build", 2)
    effect = foreign.foreign_effect(made_up, (counted.hosted,), lambda hosted: counted.process)
    for _ in range(3):
        assert np.array_equal(apply(effect, DRY, 44100, {}), DRY)
        stop(counted.hosted)
    assert effect.process.expected == EXPECTED


@pytest.mark.slow
def test_a_real_plugin_with_that_fault_gives_the_same_bytes_in_every_process():
    """In about every tenth process ZamTube gives other samples, each time others, for as long as that process lives."""
    dry, effects, taken = noise(2, 9000), [], set()
    for _ in range(2):
        foreign.measured.cache_clear()
        effects.append(load_vst3("/usr/lib/vst3/ZamTube.vst3"))
        for _ in range(8):
            stop(effects[-1].process.hosted)
            taken.add(apply(effects[-1], dry, 44100, {"tube_drive": 8.0}).tobytes())
    stop(effects[-1].process.hosted)
    assert effects[0].identity == effects[1].identity and len(taken) == 1
