"""The corpus: recordings found, checked, decoded once and split by recording, never by clip.

What cannot be used is skipped with its reason, never a crash. Silent stretches never become clips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainables.audio import Audio
from trainables.configs import AudioConfig
from trainables.corpus.clips import Recording, clip_starts, cut_clip, draw_clip, draw_start
from trainables.corpus.decoded import Decoded, Refused
from trainables.corpus.decoding import Opened, Opening, Progress, open_folder, open_synthetic, summary
from trainables.corpus.splitting import NEEDED, split
from trainables.corpus.stored_audio import StoredAudio
from trainables.corpus.synthetic import SYNTHETIC
from trainables.digests import digest
from trainables.errors import InputError
from trainables.rendering.takes import Partition

__all__ = ["Audio", "Corpus", "Recording", "Skipped", "cut_clip", "draw_clip", "draw_start", "load_corpus"]


@dataclass(frozen=True)
class Skipped:
    """A recording that is not used, and why: a kind of reason, then perhaps a colon and details."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Corpus:
    """Recordings ready to be cut into clips.

    Attributes:
        recordings: usable ones, sorted by name.
        skipped: the others, sorted by name.
        audio: what was asked for.
        seed: of the split.
        identity: hash of names, contents, partitions and the audio settings; not of where the folder is.
        opening: how many recordings were decoded, and how many came from the store.
    """

    recordings: tuple[Recording, ...]
    skipped: tuple[Skipped, ...]
    audio: AudioConfig
    seed: int
    identity: str
    opening: Opening

    def partition(self, name: Partition) -> tuple[Recording, ...]:
        """The recordings of one partition."""
        return tuple(recording for recording in self.recordings if recording.partition == name)


@dataclass(frozen=True, eq=False)
class _Candidate:
    name: str
    source: Audio | StoredAudio
    starts: npt.NDArray[np.int64]
    content_id: str


def load_corpus(audio: AudioConfig, seed: int, store: Path | None = None, progress: Progress | None = None) -> Corpus:
    """Every usable recording of a folder, or of the built-in corpus, decoded and split.

    Args:
        audio: the folder or "synthetic" (or both), and the rate, channels, clip length and shares.
        seed: of the split, and of the built-in corpus's split, whose sound is always the same.
        store: folder in which decoded recordings are kept for the next time (decoded.py). The corpus is the same
            without it, but in memory.
        progress: is told how many recordings are ready, and of how many.

    Raises:
        InputError: no such folder, or too few usable recordings; tells how many were found and why some are not usable.
    """
    opened = _opened(audio, store, progress)
    outcomes = _without_duplicates([_check(one.name, one.outcome, audio) for one in opened])
    candidates = [outcome for outcome in outcomes if isinstance(outcome, _Candidate)]
    skipped = tuple(outcome for outcome in outcomes if isinstance(outcome, Skipped))
    if len(candidates) < NEEDED:
        raise _too_few(audio, len(candidates), skipped)
    contents = {candidate.name: candidate.content_id for candidate in candidates}
    partitions = split(contents, audio.validation_share, audio.evaluation_share, seed, audio.promotion_share)
    recordings = tuple(Recording(c.name, c.source, c.starts, partitions[c.name], c.content_id) for c in candidates)
    return Corpus(recordings, skipped, audio, seed, _identity(recordings, audio), summary(opened))


def _opened(audio: AudioConfig, store: Path | None, progress: Progress | None) -> list[Opened]:
    if audio.path == SYNTHETIC:
        return open_synthetic(audio, store)
    opened = open_folder(Path(audio.path).expanduser(), audio, store, progress)
    added = open_synthetic(audio, store) if audio.add_synthetic else []
    return sorted([*opened, *added], key=lambda one: one.name)


def _check(name: str, outcome: Decoded | Refused, audio: AudioConfig) -> _Candidate | Skipped:
    if isinstance(outcome, Refused):
        return Skipped(name, outcome.reason)
    length = outcome.source.shape[1]
    if length < audio.clip_samples:
        needed, given = audio.clip_samples / audio.sample_rate, length / audio.sample_rate
        return Skipped(name, f"too short: {given:.2f} s, a clip needs {needed:.2f} s")
    starts = clip_starts(outcome.power, length, audio.clip_samples)
    if not starts.size:
        return Skipped(name, "silent")
    return _Candidate(name, outcome.source, starts, outcome.content_id)


def _without_duplicates(outcomes: Iterable[_Candidate | Skipped]) -> list[_Candidate | Skipped]:
    """Of recordings with equal samples only the first: else one could be trained on and, renamed, evaluated on."""
    first: dict[str, str] = {}
    kept: list[_Candidate | Skipped] = []
    for outcome in outcomes:
        if isinstance(outcome, _Candidate) and first.setdefault(outcome.content_id, outcome.name) != outcome.name:
            outcome = Skipped(outcome.name, f"duplicate: same audio as {first[outcome.content_id]}")
        kept.append(outcome)
    return kept


def _too_few(audio: AudioConfig, usable: int, skipped: Sequence[Skipped]) -> InputError:
    reasons = Counter(skip.reason.split(":")[0] for skip in skipped)
    told = "; skipped: " + ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()) if reasons else ""
    rule = f"has {usable} usable of {usable + len(skipped)} recordings found, and {NEEDED} are needed{told}."
    seconds = audio.clip_samples / audio.sample_rate
    return InputError(f"audio path '{audio.path}'", rule, f"Add recordings of at least {seconds:.2f} s, or lower clip_samples.")


def _identity(recordings: Iterable[Recording], audio: AudioConfig) -> str:
    contents = [[r.name, r.content_id, r.partition] for r in recordings]
    settings = {key: value for key, value in asdict(audio).items() if key in ("sample_rate", "clip_samples", "channels")}
    return digest({"recordings": contents, **settings})
