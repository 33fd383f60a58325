"""The fixed evaluation set as audio, for models of which only inputs and outputs are known, rendered in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.audio import Audio
from trainables.configs import TrialConfig
from trainables.corpus.corpus import Corpus
from trainables.digests import digest
from trainables.errors import InputError
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_requests, gather
from trainables.features import FrontEnd, spectrograms
from trainables.rendering.source import Source
from trainables.rendering.takes import Block

NEEDED = 4  # recordings: two in each half, so that a setting is heard on two


@dataclass(frozen=True)
class JudgedAudio:
    """An evaluation set with its sound.

    Attributes:
        dry, wet: (items, channels, samples) float32.
        as_spectrograms: the same items, for controls and for scoring.
    """

    dry: Audio
    wet: Audio
    as_spectrograms: EvaluationSet


def never_heard(corpus: Corpus, heard: Mapping[str, str], leave_out: bool, by: str = "this model") -> Corpus:
    """The corpus for evaluation only.

    Args:
        heard: content ids of what the model was trained or validated on, with the names that they had then.
        leave_out: whether to leave those out, or to refuse them.
        by: who has heard them.

    Raises:
        InputError: a recording that the model knows, by name; too few others.
    """
    known = [recording.name for recording in corpus.recordings if recording.content_id in heard]
    if known and not leave_out:
        more = f" and {len(known) - 1} more" if len(known) > 1 else ""
        rule = f"was trained on or validated on by {by}, so that its scores would flatter."
        raise InputError(f"recording '{known[0]}'{more}", rule, "Evaluate on recordings that it has never heard.")
    left = tuple(replace(r, partition="evaluation") for r in corpus.recordings if r.content_id not in heard)
    if len(left) < NEEDED:
        raise InputError(f"{len(left)} recordings", f"are left, and {NEEDED} are needed.", "Give a folder with more: --audio DIR")
    identity = digest([corpus.identity, sorted(r.content_id for r in left)])  # of other recordings other takes, and another hash
    return replace(corpus, recordings=left, identity=identity)


def render_judged(config: TrialConfig, source: Source) -> JudgedAudio:
    """Renders the evaluation set of `config`, every take once."""
    blocks = source.blocks([replace(request, form="audio") for request in evaluation_requests(config)])
    front_end = FrontEnd(config.front_end, config.sample_rate)
    seen = gather([_as_spectrograms(block, front_end) for block in blocks])
    return JudgedAudio(np.concatenate([b.dry for b in blocks]), np.concatenate([b.wet for b in blocks]), seen)


def _as_spectrograms(block: Block, front_end: FrontEnd) -> Block:
    dry, wet = (np.stack([spectrograms(front_end, item) for item in audio]) for audio in (block.dry, block.wet))
    return replace(block, dry=dry, wet=wet)


def pairs_of_clips(judged: JudgedAudio, batch: int, with_dry: bool) -> Iterator[Audio]:
    """(items, clips, channels, samples) float32, `batch` items at a time: dry and wet, or wet alone."""
    for first in range(0, len(judged.wet), batch):
        clips = [judged.wet[first : first + batch]]
        yield np.stack([judged.dry[first : first + batch], *clips] if with_dry else clips, axis=1)
