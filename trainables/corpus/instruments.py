"""The sounds of the built-in corpus, each from a note, a tone colour and a generator.

An instrument gives (samples,) float64. Harmonics above 0.45 of the sample rate are left out. `colour` is three
numbers from 0 to 1 that tell one recording's instrument from another's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from trainables.corpus.notes import HAT, KICK, SNARE, Note
from trainables.corpus.oscillators import (
    HIGHEST,
    Sound,
    band,
    envelope,
    falling_sine,
    frequency_hz,
    harmonics,
    modulated,
    resonance,
    time_axis,
)

Instrument = Callable[[Note, Sound, int, np.random.Generator], Sound]
DRAWBARS = np.array([1, 2, 3, 4, 6, 8, 12, 16])  # in halves of the pitch
FORMANT_LEVELS = np.array([1.0, 0.6, 0.3])
VOWELS = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (270.0, 2290.0, 3010.0),
    (570.0, 840.0, 2410.0),
    (300.0, 870.0, 2240.0),
)


def pluck(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """A plucked string (Karplus and Strong, 1983): a burst of noise, averaged each time it goes round.

    Brighter at higher sample rates, where averaging two neighbours takes less away.
    """
    period = max(4, round(sample_rate / frequency_hz(note.pitch)))
    rounds = int((note.seconds + 0.3) * sample_rate / period) + 1
    string = np.empty((rounds, period))
    softness = 0.95 - 0.35 * colour[0]
    burst = lfilter([1.0], [1.0, -softness], random.uniform(-1.0, 1.0, period))
    string[0] = burst - burst.mean()
    loss = 0.5 * 10.0 ** (-3.0 * period / sample_rate / (1.0 + 3.0 * colour[1]))
    before = 0.0
    for turn in range(1, rounds):
        string[turn] = loss * (string[turn - 1] + np.concatenate([[before], string[turn - 1, :-1]]))
        before = string[turn - 1, -1]
    return string.ravel() * envelope(string.size, sample_rate, 0.001, 0.05)


def organ(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Eight drawbars, whose levels are the colour, and the click of the key."""
    time = time_axis(note.seconds, sample_rate)
    levels = np.zeros(16)
    levels[DRAWBARS - 1] = (1.0 + np.cos(2.0 * np.pi * (colour[0] + np.arange(8) * (0.15 + 0.5 * colour[1])))) / DRAWBARS**0.5
    tone = harmonics(0.5 * frequency_hz(note.pitch), levels, time, sample_rate)
    click = 0.5 * random.standard_normal(time.size) * np.exp(-time / 0.003)
    return (tone + click) * envelope(time.size, sample_rate, 0.004, 0.02)


def electric_piano(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Frequency modulation (Chowning, 1973): a soft pair of operators and a bell-like one that dies sooner."""
    time, pitch_hz = time_axis(note.seconds + 0.3, sample_rate), frequency_hz(note.pitch)
    bell_ratio = 3 + int(11 * colour[0])
    body = modulated(pitch_hz, 1.0, (0.5 + 2.0 * colour[1]) * note.velocity * np.exp(-time / 0.6), time)
    audible = pitch_hz * bell_ratio < HIGHEST * sample_rate / 2
    bell = modulated(pitch_hz, bell_ratio, 0.8 * audible * np.exp(-time / 0.15), time)
    decay = np.exp(-time / (0.3 + 0.9 * colour[2]))
    tone: Sound = body * decay + 0.4 * bell * np.exp(-time / 0.2)
    return tone * envelope(time.size, sample_rate, 0.002, 0.05)


def bass(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Sawtooth to square by harmonics, with a filter that closes during the note."""
    time, number = time_axis(note.seconds, sample_rate), np.arange(1.0, 13.0)
    levels = np.where(number % 2 == 1, 1.0, 1.0 - colour[0]) / number**0.7
    closing = np.exp(-0.15 * time / (0.08 + 0.5 * colour[1]))
    tone = harmonics(frequency_hz(note.pitch), levels, time, sample_rate, closing)
    return tone * envelope(time.size, sample_rate, 0.005, 0.03)


def drums(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """A drum kit: falling sines for kick and toms, noise for snare and hat."""
    time = time_axis(note.seconds, sample_rate)
    noise = random.standard_normal(time.size)
    if note.pitch == HAT:
        hat: Sound = 0.7 * band(noise, 5000.0 + 3000.0 * colour[0], 16000.0, sample_rate)
        return np.asarray(hat * np.exp(-time / (0.02 + 0.1 * colour[1])))
    if note.pitch == SNARE:
        shell = falling_sine(time, 180.0 + 60.0 * colour[2], 0.3, 0.05) * np.exp(-time / 0.08)
        snare: Sound = 0.6 * shell + 1.1 * band(noise, 700.0, 9000.0, sample_rate) * np.exp(-time / 0.09)
        return snare
    low_hz = (42.0 + 20.0 * colour[0]) * (1.0 if note.pitch == KICK else 2.2 + colour[1])
    return np.asarray(falling_sine(time, low_hz, 2.5, 0.03) * np.exp(-time / (0.1 + 0.1 * colour[2])))


def voice(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Pulses with vibrato through three formants (a vowel's, after Peterson and Barney, 1952), and now and then a breath."""
    time, size = time_axis(note.seconds, sample_rate), 0.85 + 0.35 * colour[0]
    phase = frequency_hz(note.pitch) * time + 0.3 * np.sin(2.0 * np.pi * (4.5 + 2.0 * colour[1]) * time)
    pulses = np.diff(np.floor(phase), prepend=-1.0) + 0.02 * random.standard_normal(time.size)
    formants_hz = size * np.array(VOWELS[random.integers(len(VOWELS))])
    sung = FORMANT_LEVELS @ np.stack([resonance(pulses, hz, 60.0 + 0.05 * hz, sample_rate) for hz in formants_hz])
    breath = 0.25 * (random.random() < 0.4) * band(random.standard_normal(time.size), 2500.0, 7000.0, sample_rate)
    spoken: Sound = sung / np.abs(sung).max() + breath * np.exp(-time / 0.03)
    return spoken * envelope(time.size, sample_rate, 0.03, 0.06)


def texture(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Wind, rain or machinery: a band of noise that swells, gusts or throbs."""
    time, centre_hz = time_axis(note.seconds, sample_rate), frequency_hz(note.pitch)
    width = 2.0 ** (0.3 + 1.5 * colour[0])
    noise = band(random.standard_normal(time.size), centre_hz / width, centre_hz * width, sample_rate)
    throb_hz = 0.7 * 20.0 ** colour[1]
    throb = (0.55 + 0.45 * np.sin(2.0 * np.pi * throb_hz * time)) ** (1.0 + 3.0 * colour[2])
    falling = (random.random(time.size) < 25.0 / sample_rate).astype(np.float64)
    drops = resonance(falling, 2.0 * centre_hz, 200.0, sample_rate)
    sound: Sound = noise / np.abs(noise).max() * throb + colour[2] * drops / max(1e-9, np.abs(drops).max())
    return sound * np.sin(np.pi * time / note.seconds)
