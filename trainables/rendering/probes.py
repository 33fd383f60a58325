"""One take's clip at other settings: for gradients through an effect, and to learn when doing nothing is better."""

from __future__ import annotations

import numpy as np

from trainables.audio import Audio
from trainables.corpus.corpus import Corpus
from trainables.corpus.playing_speed import played_clip
from trainables.effects import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.rendering.replacement import TRIES
from trainables.rendering.takes import Probed, Probes, RenderPlan


def render_probes(probes: Probes, plan: RenderPlan, corpus: Corpus, effect: Effect) -> Probed:
    """What `Probes` promises; a pure function, like a block.

    Raises:
        InputError, TakeFailed: audio that cannot be rendered, or the take itself.
    """
    recording = next(recording for recording in corpus.recordings if recording.name == probes.take.recording)
    dry = played_clip(recording, probes.take.offset_samples, plan.clip_samples, probes.take.speed)
    sounds = (_rendered(effect, dry, plan.sample_rate, settings) for settings in probes.settings)
    if probes.form == "audio":
        return np.stack(list(sounds))
    return _distances(probes, effect, dry, plan.sample_rate)


def _distances(probes: Probes, effect: Effect, dry: Audio, sample_rate: int) -> Probed:
    from trainables.matching.mel_distance import apart_db, see  # torch, which blocks of audio do without

    target = see(_rendered(effect, dry, sample_rate, probes.take.settings), sample_rate)

    def distance_db(settings: tuple[tuple[str, float], ...] | None) -> float:
        try:
            return apart_db(see(_rendered(effect, dry, sample_rate, settings), sample_rate), target)
        except (InputError, TakeFailed):
            return float("nan")

    return np.array([distance_db(settings) for settings in probes.settings], dtype=np.float64)


def _rendered(effect: Effect, dry: Audio, sample_rate: int, settings: tuple[tuple[str, float], ...] | None) -> Audio:
    """One that fails for a reason that may pass is tried again, as takes are."""
    if settings is None:
        return dry
    for _ in range(TRIES - 1):
        try:
            return apply(effect, dry, sample_rate, dict(settings))
        except TakeFailed:
            continue
    return apply(effect, dry, sample_rate, dict(settings))
