"""The sounds of the built-in corpus, each from a note, a tone colour and a generator.

An instrument gives (samples,) float64. Nothing it adds up lies above 0.45 of the sample rate, so that the same
note sounds alike at every rate. `colour` is three numbers from 0 to 1 that tell one recording's instrument from
another's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, sosfilt

from trainables.scores import HAT, KICK, SNARE, Note

Sound = npt.NDArray[np.float64]
Instrument = Callable[[Note, Sound, int, np.random.Generator], Sound]
HIGHEST = 0.45  # of the sample rate


def pluck(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """A plucked string (Karplus and Strong, 1983): a burst of noise, averaged each time it goes round."""
    period = max(4, round(sample_rate / frequency_hz(note.pitch)))
    rounds = int((note.seconds + 0.3) * sample_rate / period) + 1
    string = np.empty((rounds, period))
    string[0] = lfilter([1.0 - 0.7 * colour[0]], [1.0, -0.7 * colour[0]], random.uniform(-1.0, 1.0, period))
    string[0] -= string[0].mean()
    loss = 0.5 * 10.0 ** (-3.0 * period / sample_rate / (0.5 + 2.5 * colour[1]))
    before = 0.0
    for turn in range(1, rounds):
        string[turn] = loss * (string[turn - 1] + np.concatenate([[before], string[turn - 1, :-1]]))
        before = string[turn - 1, -1]
    return string.ravel() * _envelope(string.size, sample_rate, 0.001, 0.05)


def organ(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Eight drawbars, whose levels are the colour, and the click of the key."""
    time = _time(note.seconds, sample_rate)
    footages = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
    levels = (1.0 + np.cos(2.0 * np.pi * (colour[0] + np.arange(8) * (0.15 + 0.5 * colour[1])))) / footages**0.5
    tone = _partials(frequency_hz(note.pitch) * footages, levels, time, sample_rate)
    click = 0.5 * random.standard_normal(time.size) * np.exp(-time / 0.003)
    return (tone + click) * _envelope(time.size, sample_rate, 0.004, 0.02)


def electric_piano(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Frequency modulation (Chowning, 1973): a soft pair of operators and a bell-like one that dies sooner."""
    time, pitch_hz = _time(note.seconds + 0.3, sample_rate), frequency_hz(note.pitch)
    bell_ratio = 3 + int(11 * colour[0])
    body = _modulated(pitch_hz, 1.0, (0.5 + 2.0 * colour[1]) * note.velocity * np.exp(-time / 0.6), time)
    audible = pitch_hz * bell_ratio < HIGHEST * sample_rate / 2
    bell = _modulated(pitch_hz, bell_ratio, 0.8 * audible * np.exp(-time / 0.15), time)
    decay = np.exp(-time / (0.3 + 0.9 * colour[2]))
    return (body * decay + 0.4 * bell * np.exp(-time / 0.2)) * _envelope(time.size, sample_rate, 0.002, 0.05)


def bass(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Sawtooth to square by harmonics, with a filter that closes during the note."""
    time, harmonics = _time(note.seconds, sample_rate), np.arange(1.0, 13.0)
    square = np.where(harmonics % 2 == 1, 1.0, 1.0 - colour[0])
    closing = np.exp(-time / (0.08 + 0.5 * colour[1]))
    tone = np.zeros(time.size)
    for harmonic, level in zip(harmonics, square / harmonics, strict=True):
        fading = closing ** (0.15 * harmonic) if harmonic > 1 else 1.0
        tone += fading * _partials(frequency_hz(note.pitch) * np.array([harmonic]), np.array([level]), time, sample_rate)
    return tone * _envelope(time.size, sample_rate, 0.005, 0.03)


def drums(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """A drum kit: falling sines for kick and toms, noise for snare and hat."""
    time = _time(note.seconds, sample_rate)
    noise = random.standard_normal(time.size)
    if note.pitch == HAT:
        return 0.25 * _band(noise, 5000.0 + 3000.0 * colour[0], 16000.0, sample_rate) * np.exp(-time / (0.02 + 0.1 * colour[1]))
    if note.pitch == SNARE:
        shell = _falling_sine(time, 180.0 + 60.0 * colour[2], 0.3, 0.05)
        return 0.5 * shell * np.exp(-time / 0.08) + 0.5 * _band(noise, 700.0, 9000.0, sample_rate) * np.exp(-time / 0.09)
    low_hz = (42.0 + 20.0 * colour[0]) * (1.0 if note.pitch == KICK else 2.2 + colour[1])
    return 1.2 * _falling_sine(time, low_hz, 2.5, 0.03) * np.exp(-time / (0.1 + 0.1 * colour[2]))


def voice(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Pulses with vibrato through three formants (a vowel's, after Peterson and Barney, 1952), and now and then a breath."""
    time, size = _time(note.seconds, sample_rate), 0.85 + 0.35 * colour[0]
    vibrato = 0.12 * np.sin(2.0 * np.pi * (4.5 + 2.0 * colour[1]) * time)
    phase = np.cumsum(frequency_hz(note.pitch + vibrato)) / sample_rate
    pulses = np.diff(np.floor(phase), prepend=-1.0) + 0.02 * random.standard_normal(time.size)
    formants_hz = size * np.array(VOWELS[random.integers(len(VOWELS))])
    sung = sum(
        level * _resonance(pulses, hz, 60.0 + 0.05 * hz, sample_rate)
        for hz, level in zip(formants_hz, (1.0, 0.6, 0.3), strict=True)
    )
    breath = _band(random.standard_normal(time.size), 2500.0, 7000.0, sample_rate) * np.exp(-time / 0.03)
    return (sung / np.abs(sung).max() + 0.25 * (random.random() < 0.4) * breath) * _envelope(time.size, sample_rate, 0.03, 0.06)


def texture(note: Note, colour: Sound, sample_rate: int, random: np.random.Generator) -> Sound:
    """Wind, rain or machinery: a band of noise that swells, gusts or throbs."""
    time, centre_hz = _time(note.seconds, sample_rate), float(frequency_hz(note.pitch))
    width = 2.0 ** (0.3 + 1.5 * colour[0])
    noise = _band(random.standard_normal(time.size), centre_hz / width, centre_hz * width, sample_rate)
    throb_hz = 0.7 * 20.0 ** colour[1]
    throb = (0.55 + 0.45 * np.sin(2.0 * np.pi * throb_hz * time)) ** (1.0 + 3.0 * colour[2])
    drops = _resonance((random.random(time.size) < 25.0 / sample_rate) * 1.0, 2.0 * centre_hz, 200.0, sample_rate)
    sound = noise / np.abs(noise).max() * throb + colour[2] * drops / max(1e-9, np.abs(drops).max())
    return sound * np.sin(np.pi * time / note.seconds)


VOWELS = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (270.0, 2290.0, 3010.0),
    (570.0, 840.0, 2410.0),
    (300.0, 870.0, 2240.0),
)


def frequency_hz(pitch: float | Sound) -> Sound:
    """Of a MIDI note number: 440 Hz at 69."""
    return np.asarray(440.0 * 2.0 ** ((np.asarray(pitch) - 69.0) / 12.0))


def _time(seconds: float, sample_rate: int) -> Sound:
    return np.arange(int(seconds * sample_rate)) / sample_rate


def _envelope(samples: int, sample_rate: int, attack_seconds: float, release_seconds: float) -> Sound:
    """Straight up, then level, then straight down to zero at the end."""
    places = np.arange(samples) / sample_rate
    return np.minimum(1.0, np.minimum(places / attack_seconds, (places[-1] - places) / release_seconds))


def _partials(frequencies_hz: Sound, levels: Sound, time: Sound, sample_rate: int) -> Sound:
    audible = frequencies_hz < HIGHEST * sample_rate
    return np.asarray(levels[audible] @ np.sin(2.0 * np.pi * frequencies_hz[audible, None] * time))


def _modulated(pitch_hz: Sound, ratio: float, index: Sound, time: Sound) -> Sound:
    return np.sin(2.0 * np.pi * pitch_hz * time + index * np.sin(2.0 * np.pi * ratio * pitch_hz * time))


def _falling_sine(time: Sound, end_hz: float, octaves: float, fall_seconds: float) -> Sound:
    """Falls to `end_hz` from about as many times (1 + octaves) of it."""
    phase = end_hz * (time - octaves * fall_seconds * (np.exp(-time / fall_seconds) - 1.0))
    return np.sin(2.0 * np.pi * phase)


def _band(sound: Sound, low_hz: float, high_hz: float, sample_rate: int) -> Sound:
    high_hz = min(high_hz, HIGHEST * sample_rate)
    sections = butter(1, [min(low_hz, 0.5 * high_hz), high_hz], "bandpass", fs=sample_rate, output="sos")
    return np.asarray(sosfilt(sections, sound))


def _resonance(sound: Sound, centre_hz: float, width_hz: float, sample_rate: int) -> Sound:
    """Two-pole resonator; silence where it would ring above the range."""
    if centre_hz > HIGHEST * sample_rate:
        return np.zeros_like(sound)
    radius = np.exp(-np.pi * width_hz / sample_rate)
    feedback = [1.0, -2.0 * radius * np.cos(2.0 * np.pi * centre_hz / sample_rate), radius**2]
    return np.asarray(lfilter([1.0 - radius], feedback, sound))
