"""Audio as an array, and the one check that everything which processes audio makes first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from trainables.errors import InputError

Audio = npt.NDArray[np.float32]  # (channels, samples)

LOWEST_RATE, HIGHEST_RATE = 8000, 192_000


def check_audio(audio: Audio, sample_rate: int) -> Audio:
    """The audio itself, if it is something an effect can be given.

    Args:
        audio: (1 or 2, samples) float32, at least one sample, all finite.
        sample_rate: in Hz, 8000 to 192000.

    Raises:
        InputError: wrong type, wrong shape, empty, NaN or infinite samples, or a sample rate out of range.
    """
    if not isinstance(audio, np.ndarray) or audio.dtype != np.float32:
        given = f"dtype {audio.dtype}" if isinstance(audio, np.ndarray) else type(audio).__name__
        raise InputError(f"audio of {given}", "must be a numpy array of float32.", "Convert it with .astype('float32').")
    if audio.ndim != 2 or audio.shape[0] not in (1, 2):
        raise InputError(f"audio of shape {audio.shape}", "must be (1 or 2 channels, samples).", "Transpose or mix it first.")
    if audio.shape[1] == 0:
        raise InputError("audio of 0 samples", "must not be empty.", "Give at least one sample.")
    if not np.isfinite(audio).all():
        raise InputError("audio with NaN or infinite samples", "must be finite.", "Remove or replace those samples first.")
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        rule = f"must lie in {LOWEST_RATE} to {HIGHEST_RATE} Hz."
        raise InputError(f"sample_rate={sample_rate}", rule, "Resample the audio.")
    return audio


def rms(audio: Audio) -> float:
    """Root mean square over all samples and channels."""
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
