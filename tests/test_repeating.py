"""Made-up plugins, of which it is known in which takes and processes they give other samples."""

import numpy as np
import pytest

from trainables.effects.isolation.repeating import (
    FEWEST_PROCESSES,
    MOST_PROCESSES,
    ORDER_TRIES,
    fingerprint,
    trial_takes,
    usual_fingerprints,
)
from trainables.parameters import Parameter

KNOBS = (Parameter("knob", 0.0, 1.0, 0.5),)


def usual(take):
    """(the usual fingerprints, number of processes) of a plugin; `take` is told the number of its process, from 1."""
    processes = [1]

    def process(dry, sample_rate, settings, *, block_samples=8192):
        return np.asarray(take(dry, settings["knob"], sample_rate, processes[-1]), np.float32)

    found = usual_fingerprints(process, KNOBS, lambda: processes.append(processes[-1] + 1))
    return found, len(processes)


def plain(dry, knob, *_):
    return dry * knob


PLAIN = usual(plain)[0]


def test_a_function_repeats_itself_and_four_processes_tell():
    found, processes = usual(plain)
    takes = trial_takes(KNOBS)
    assert found == tuple(fingerprint(lambda dry, _, settings: dry * np.float32(settings["knob"]), take) for take in takes)
    assert len(set(found)) == len(takes) and processes == FEWEST_PROCESSES


def test_the_first_two_trial_takes_are_mono_and_stereo_at_two_sample_rates():
    assert [(take.dry.shape[0], take.sample_rate) for take in trial_takes(KNOBS)[:2]] == [(1, 44100), (2, 48000)]


def test_not_finite_samples_may_repeat_themselves_too():
    found, processes = usual(lambda dry, *_: dry * np.nan)
    assert found is not None and processes == FEWEST_PROCESSES


def test_what_remembers_the_take_before_does_not():
    last = [0.0]

    def remember(dry, knob, *_):
        wet = dry * last[0]
        last[0] = knob
        return wet

    assert usual(remember) == (None, ORDER_TRIES)


def test_what_remembers_only_another_sample_rate_does_not():
    seen = []

    def remember(dry, _, sample_rate, process):
        seen.append((process, sample_rate))
        return dry * (seen.count((process, 48000)) > 0)

    assert usual(remember)[0] is None


def test_what_the_order_changes_from_a_later_process_on_does_not():
    takes = []

    def remember(dry, knob, _, process):
        takes.append(process)
        return dry * knob * (1 + (process >= 3 and takes.count(process) > 4))

    assert usual(remember) == (None, 2 + ORDER_TRIES)


def drifting(odd):
    """A plugin that never gives the same again in the odd ones of its processes."""
    takes = []

    def drift(dry, knob, _, process):
        takes.append(process)
        return plain(dry, knob) * (1 + len(takes) * (process in odd))

    return drift


@pytest.mark.parametrize("odd", [{1}, {4}, {1, 2, 3}, {3, 6, 9, 12, 15}])
def test_a_process_that_differs_from_itself_is_an_exception_if_the_same_order_does_no_harm_in_another(odd):
    assert usual(drifting(odd))[0] == PLAIN


@pytest.mark.parametrize("odd", [range(1, 17), range(2, 17, 2), {1, 3, 6, 9, 12, 15}])
def test_where_such_processes_are_no_exception_it_does_not(odd):
    assert usual(drifting(odd))[0] is None


@pytest.mark.parametrize("odd", [{1}, {3}, {4, 9}, {3, 6, 9, 12, 15}])
def test_the_usual_samples_are_those_of_two_thirds_of_the_processes(odd):
    assert usual(lambda dry, knob, _, process: plain(dry, knob) * (1 + process * (process in odd)))[0] == PLAIN


@pytest.mark.parametrize("odd", [range(2, 17, 2), {1, 3, 6, 9, 12, 15}])
def test_what_fewer_processes_give_is_not_usual(odd):
    found, processes = usual(lambda dry, knob, _, process: plain(dry, knob) * (1 + process * (process in odd)))
    assert found is None and processes <= MOST_PROCESSES


def test_what_is_different_in_every_process_is_found_out_before_the_last():
    found, processes = usual(lambda dry, knob, _, process: plain(dry, knob) * process)
    assert found is None and processes == 7
