"""Where sounds begin, for depth: librosa's onsets, moved to where the envelope starts to rise, without the weak ones.

The constants and the order of the steps are those of timbral_models 0.4.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.timbre.envelopes import held_envelope
from trainables.timbre.flux import FRAME_SAMPLES, picked_onsets, spectral_flux
from trainables.timbre.signal import Samples, Signal

NEAR_SECONDS, FAR_SECONDS, APART_SECONDS = 0.02, 0.3, 0.1
SMALL_RISE = 0.1  # of the envelope's range
WEAK_FLUX_DB = 3.0  # mean rise over mel bands


@dataclass(frozen=True, eq=False)
class LookBack:
    """How an onset is moved back to where its sound begins.

    Attributes:
        envelope: (samples,) see `held_envelope`.
        near_samples: within which it moves to whatever is as low, however high the envelope was in between.
        far_samples: within which it moves to what is lower, if the envelope rises by less than `small_rise` in between.
    """

    envelope: Samples
    near_samples: int
    far_samples: int
    small_rise: float

    @classmethod
    def over(cls, envelope: Samples, sample_rate: int) -> LookBack:
        """As the original looks back over 20 and 300 ms."""
        small_rise = SMALL_RISE * float(np.ptp(envelope))
        return cls(envelope, int(NEAR_SECONDS * sample_rate), int(FAR_SECONDS * sample_rate), small_rise)

    def start(self, onset: int) -> int:
        """Moves back for as long as the envelope falls, over small rises, too; 0 if it comes near the sound's start."""
        while True:
            earlier = self._lower_and_near(onset)
            if earlier is None:
                earlier = self._lower_and_far(onset)
                if earlier is None:
                    return onset
                if earlier < FRAME_SAMPLES:
                    return 0
            elif earlier <= FRAME_SAMPLES:
                return 0
            onset = earlier

    def _lower_and_near(self, onset: int) -> int | None:
        """The lowest of the last 20 ms, if it is no higher than here. Close to the sound's start the window is cut
        and the original counts from where it would have begun; its onsets there are kept."""
        begin = onset - self.near_samples - 1
        window = self.envelope[begin:onset] if begin >= 0 else self.envelope[: onset - 1]
        lowest = int(np.argmin(window))
        return begin + lowest if window[lowest] <= self.envelope[onset] else None

    def _lower_and_far(self, onset: int) -> int | None:
        """The last sample of 300 ms that is lower than here, if the envelope rose but little since."""
        begin = max(onset - self.far_samples - 1, 0)
        window = self.envelope[begin:onset]
        lower = np.flatnonzero(window < self.envelope[onset])
        if not lower.size or np.ptp(window[lower[-1] :]) >= self.small_rise:
            return None
        return begin + int(lower[-1])


def find_onsets(signal: Signal) -> list[int]:
    """Samples at which sounds begin, rising; [0] if there is no clear beginning."""
    flux_db, envelope = spectral_flux(signal.samples, signal.sample_rate), held_envelope(signal)
    look_back = LookBack.over(envelope, signal.sample_rate)
    detected = [FRAME_SAMPLES * frame for frame in picked_onsets(flux_db, signal.sample_rate)]
    starts = beginnings(detected, look_back)
    if len(starts) > 1:
        starts = _out_of_noise(starts, envelope, look_back.small_rise)
    return _strong(_apart(starts, APART_SECONDS * signal.sample_rate), flux_db) or [0]


def beginnings(detected: Sequence[int], look_back: LookBack) -> list[int]:
    """Each onset's beginning, once; 0 only in the first place, and nothing in the last frame unless it is all there is."""
    last = look_back.envelope.size - FRAME_SAMPLES
    tried = [onset for place, onset in enumerate(detected) if place == 0 or onset <= last]
    starts = [look_back.start(onset) if onset else 0 for onset in tried]
    return list(dict.fromkeys(start for place, start in enumerate(starts) if start or place == 0))


def _out_of_noise(starts: Sequence[int], envelope: Samples, small_rise: float) -> list[int]:
    """Those with more than a small rise before the next one that is kept."""
    kept: list[int] = []
    for start in reversed(starts):
        segment = envelope[start : kept[-1] if kept else None]
        peak = int(np.argmax(segment)) if segment.size else 0
        if peak and segment[peak] - segment[:peak].min() >= small_rise:
            kept.append(start)
    return kept[::-1]


def _apart(starts: Sequence[int], samples_apart: float) -> list[int]:
    """Without those that follow another too soon, until none does."""
    kept: npt.NDArray[np.int64] = np.array(starts, dtype=np.int64)
    while (near := np.diff(kept) < samples_apart).any():
        kept = np.delete(kept, np.flatnonzero(near) + 1)
    return [int(start) for start in kept]


def _strong(starts: Sequence[int], flux_db: Samples) -> list[int]:
    """Those with a clear rise of the spectrum before the next one that is kept."""
    kept: list[int] = []
    for start in reversed(starts):
        until = kept[-1] // FRAME_SAMPLES if kept else None
        if flux_db[start // FRAME_SAMPLES : until].max() >= WEAK_FLUX_DB:
            kept.append(start)
    return kept[::-1]
