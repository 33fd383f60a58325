"""Test signals, (1, samples) float32, and what is measured of an effect's answer to them."""

import numpy as np

SAMPLE_RATE = 44100


def noise(channels=1, samples=8192, seed=0, level=0.1):
    return (level * np.random.default_rng(seed).standard_normal((channels, samples))).astype(np.float32)


def sine(frequency_hz, level, sample_rate=SAMPLE_RATE, seconds=1.0):
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    return (level * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)[None]


def constant(level_db, samples=SAMPLE_RATE):
    """A level without waves: an envelope follower settles on it exactly."""
    return np.full((1, samples), 10 ** (level_db / 20), np.float32)


def impulse(level=0.01, samples=65536, at=0):
    audio = np.zeros((1, samples), np.float32)
    audio[0, at] = level
    return audio


def level_db(audio):
    """Peak of the second half."""
    return 20 * np.log10(np.abs(audio[:, audio.shape[1] // 2 :]).max())


def last_db(audio):
    return 20 * np.log10(np.abs(audio[0, -1]))


def response_db(respond, frequencies_hz, click, sample_rate=SAMPLE_RATE):
    """Gain of a linear effect at each frequency, from its answer to an impulse."""
    wet = respond(click)[0].astype(np.float64)
    turns = np.exp(-2j * np.pi * np.outer(frequencies_hz, np.arange(wet.size)) / sample_rate)
    return 20 * np.log10(np.abs(turns @ wet) / np.abs(click).max())


def beat_hz(curve, sample_rate, lowest_hz=0.3):
    """The strongest frequency of a slow curve."""
    spectrum = np.abs(np.fft.rfft((curve - curve.mean()) * np.hanning(curve.size), 2 * curve.size))
    frequencies_hz = np.fft.rfftfreq(2 * curve.size, 1 / sample_rate)
    spectrum[frequencies_hz < lowest_hz] = 0.0
    return float(frequencies_hz[np.argmax(spectrum)])


def instantaneous_hz(audio, sample_rate=SAMPLE_RATE):
    """Frequency of a sine whose phase is moved, sample by sample, from its analytic signal."""
    spectrum = np.fft.fft(audio[0].astype(np.float64))
    spectrum[audio.shape[1] // 2 :] = 0.0
    return np.diff(np.unwrap(np.angle(np.fft.ifft(spectrum)))) * sample_rate / (2 * np.pi)
