"""Whether a plugin gives the same bytes again: in any order of takes, and in nearly every process that hosts it."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Process
from trainables.effects.isolation.probing import SAMPLE_RATE, SHORT_SECONDS, bursts
from trainables.parameters import Parameter, Settings, draw

OTHER_SAMPLE_RATE = 48000
REPEATED_TAKES = 8
FEWEST_PROCESSES = 4  # enough if they agree
MOST_PROCESSES = 16  # some plugins now and then start from memory that nobody wrote, and keep what they made of it
ORDER_TRIES = 4  # processes in which takes in one order must differ from themselves until the order is to blame
USUAL_PROCESSES = -(-2 * MOST_PROCESSES // 3)  # two thirds

Fingerprints = tuple[int, ...]
"""CRC-32 of the first trial takes, as many as there are."""


@dataclass(frozen=True)
class TrialTake:
    """A short take that tells one behaviour of a plugin from another.

    Attributes:
        dry: (channels, samples) float32.
        sample_rate: in Hz.
        settings: of every parameter, at random as a sweep draws them.
    """

    dry: Audio
    sample_rate: int
    settings: Settings


def trial_takes(parameters: Sequence[Parameter]) -> list[TrialTake]:
    """Eight takes, mono and stereo in turn; the second and third at another sample rate. Always the same ones."""
    random = np.random.default_rng(1)
    dry = bursts(SHORT_SECONDS, 2)
    rates = [SAMPLE_RATE, *[OTHER_SAMPLE_RATE] * (REPEATED_TAKES // 4), *[SAMPLE_RATE] * REPEATED_TAKES]
    return [TrialTake(dry[: 1 + i % 2], rates[i], draw(parameters, random)) for i in range(REPEATED_TAKES)]


def fingerprint(process: Process, take: TrialTake) -> int:
    """CRC-32 of the take's samples."""
    return zlib.crc32(np.ascontiguousarray(process(take.dry, take.sample_rate, take.settings)).data)


def usual_fingerprints(process: Process, parameters: Sequence[Parameter], restart: Callable[[], None]) -> Fingerprints | None:
    """What the trial takes are in nearly every process: in the first four, or in two thirds of sixteen.

    Args:
        process: the plugin.
        parameters: all of its knobs.
        restart: ends the plugin's process.

    Returns:
        None if there is no such thing, or if an order of takes makes a difference within each of four processes.
    """
    takes, random = trial_takes(parameters), np.random.default_rng(2)
    seen: Counter[Fingerprints] = Counter()
    order, failures, count = random.permutation(len(takes)).tolist(), 0, 0
    for number in range(1, MOST_PROCESSES + 1):
        if number > 1:
            restart()
        found = _within_a_process(process, takes, order, seen)
        if found is None:
            failures += 1  # was it the order or the process? The same order again tells
        else:
            seen[found] += 1
            order, failures, count = random.permutation(len(takes)).tolist(), 0, max(seen.values())
        if count == USUAL_PROCESSES or number == count == FEWEST_PROCESSES:
            return seen.most_common(1)[0][0]
        if failures == ORDER_TRIES or count + MOST_PROCESSES - number < USUAL_PROCESSES:
            return None
    return None


def _within_a_process(
    process: Process, takes: Sequence[TrialTake], order: Sequence[int], seen: Collection[Fingerprints]
) -> Fingerprints | None:
    """The takes in an order, and in the opposite one if they are none that another order gave before; None if they differ."""
    found = _in_order(process, takes, order)
    return found if found in seen or _in_order(process, takes, order[::-1]) == found else None


def _in_order(process: Process, takes: Sequence[TrialTake], order: Sequence[int]) -> Fingerprints:
    found = {index: fingerprint(process, takes[index]) for index in order}
    return tuple(found[index] for index in range(len(takes)))
