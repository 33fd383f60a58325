"""The low anchor of a listening test (ITU-R BS.1534-3, 5.1): the reference without what is above 3.5 kHz."""

from __future__ import annotations

import numpy as np
from scipy.signal import firwin, kaiserord, oaconvolve

from trainables.audio import Audio

PASSED_HZ, STOPPED_HZ = 3500.0, 4000.0
STOPPED_DB = 60.0  # the recommendation asks for 25 at 4 kHz and 50 at 4.5 kHz, and a ripple below 0.1 dB under 3.5 kHz


def low_anchor(audio: Audio, sample_rate: int) -> Audio:
    """(channels, samples) below 3.5 kHz, in its place in time; what is recorded at 8 kHz or below stays as it is."""
    highest = sample_rate / 2
    if highest <= STOPPED_HZ:
        return audio
    taps, beta = kaiserord(STOPPED_DB, (STOPPED_HZ - PASSED_HZ) / highest)
    window = firwin(taps | 1, (PASSED_HZ + STOPPED_HZ) / 2, window=("kaiser", beta), fs=sample_rate)
    return np.asarray(oaconvolve(audio, window[None], mode="same", axes=-1), dtype=np.float32)
