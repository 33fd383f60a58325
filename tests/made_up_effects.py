"""Effects whose every property is known, because they are three lines of numpy."""

import numpy as np

from trainables.effects.effect import BLOCK_SAMPLES, Effect
from trainables.effects.measured.probe_clips import Clips
from trainables.errors import InputError
from trainables.parameters import Parameter

SAMPLE_RATE = 44100
AMOUNT = Parameter("amount", 0.0, 1.0, 0.5)


def made_up(process, *parameters):
    """An effect of a function of (dry, sample_rate, settings, block_samples)."""

    def with_blocks(dry, sample_rate, settings, *, block_samples=BLOCK_SAMPLES):
        return np.asarray(process(dry, sample_rate, settings, block_samples), np.float32)

    return Effect("made_up", "Made up", "made_up", parameters or (AMOUNT,), "0123456789abcdef", with_blocks)


def clips(count=3, samples=32768):
    """Noise in mono, and in stereo with something on the sides."""
    random = np.random.default_rng(5)
    sounds = (0.1 * random.standard_normal((count, 2, samples))).astype(np.float32)
    return Clips(SAMPLE_RATE, tuple(sounds[:, :1]), tuple(sounds))


def delayed(dry, samples):
    return np.pad(dry, ((0, 0), (samples, 0)))[:, : dry.shape[1]]


def gain(dry, rate, settings, block):
    return dry * 10.0 ** (2.0 * settings["amount"] - 1.0)


def quantised_low_pass(dry, rate, settings, block):
    """Mean of 1, 2, 3, 4 or 5 samples."""
    count = 1 + round(4 * settings["amount"])
    return sum(delayed(dry, lag) for lag in range(count)) / count


def tremolo(dry, rate, settings, block):
    return dry * (1.0 + 0.9 * settings["amount"] * np.sin(np.arange(dry.shape[1]) * 2.0 * np.pi * 3.7 / rate))


def echo(dry, rate, settings, block):
    """A quarter of a second later at -6 dB."""
    return dry + 0.5 * delayed(dry, rate // 4)


def late(dry, rate, settings, block):
    return delayed(dry, 100)


def ahead(dry, rate, settings, block):
    return np.pad(dry, ((0, 0), (0, 30)))[:, 30:]


def width(dry, rate, settings, block):
    if len(dry) == 1:
        return dry
    middle, side = dry.sum(0) / 2.0, (dry[0] - dry[1]) / 2.0 * 2.0 * settings["amount"]
    return np.stack([middle + side, middle - side])


def fading_in_each_block(dry, rate, settings, block):
    return dry * np.minimum(1.0, np.arange(dry.shape[1]) % block / 100.0)


def latch(dry, rate, settings, block):
    """Never forgets: half as loud for good if it began with sound."""
    return dry * (0.5 if dry[:, 0].any() else 1.0)


def low_pass_counted_in_samples(dry, rate, settings, block):
    return sum(delayed(dry, lag) for lag in range(32)) / 32.0


def not_finite_at_the_top(dry, rate, settings, block):
    return dry * (np.nan if settings["amount"] > 0.9 else 1.0)


def mono_only(dry, rate, settings, block):
    if len(dry) > 1:
        raise InputError("2 channels", "are one too many.", "Give one.")
    return dry


def nothing_taken(dry, rate, settings, block):
    raise InputError(f"{len(dry)} channels", "are not taken.", "Leave it out.")
