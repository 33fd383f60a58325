"""Recordings for a promotion: none that a contender heard, and none by which one was chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.errors import InputError
from trainables.evaluation.judged_audio import NEEDED, never_heard
from tune.errors import InvalidInput


@dataclass(frozen=True)
class Known:
    """What a contender knows of recordings.

    Attributes:
        name: who.
        heard: names by content id of what it was trained or validated on.
        chosen_on: the same of those by which it was chosen among the trials of its sweep.
    """

    name: str
    heard: Mapping[str, str] = field(default_factory=dict)
    chosen_on: Mapping[str, str] = field(default_factory=dict)


def known_by_card(name: str, card: Mapping[str, Any]) -> Known:
    """As a model's card tells it."""
    parts = dict(dict(card.get("audio", {})).get("content_ids", {}))
    return Known(name, {**parts.get("train", {}), **parts.get("validation", {})}, dict(parts.get("evaluation", {})))


def kept_recordings(card: Mapping[str, Any]) -> dict[str, str]:
    """Names by content id of what was kept from the sweep (`audio.promotion_share`)."""
    return dict(dict(dict(card.get("audio", {})).get("content_ids", {})).get("promotion", {}))


def kept_corpus(audio: AudioConfig, seed: int, store: Path, kept: Mapping[str, str], knowing: Collection[Known]) -> Corpus:
    """The recordings that were kept from the sweep, less those that the champion knows from elsewhere.

    Raises:
        InvalidInput: none were kept. InputError: they are no longer there, or too few are left.
    """
    if not kept:
        raise InvalidInput(
            "recordings to judge by: the sweep kept none from its trials (audio.promotion_share is 0), and those that it trained "
            "on or compared its trials by would flatter. Name a folder of others, --audio DIR, or keep some in the next "
            "sweep: --set audio.promotion_share=0.1"
        )
    corpus = load_corpus(audio, seed, store)
    found = {recording.content_id for recording in corpus.recordings}
    if gone := sorted(name for identity, name in kept.items() if identity not in found):
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        raise InputError(
            f"recording '{gone[0]}'{more}",
            f"was kept for a promotion and is not in {audio.path} any more.",
            "Restore it, or name a folder of other recordings: --audio DIR",
        )
    known = {identity for one in knowing for identity in (*one.heard, *one.chosen_on)}
    names = sorted(kept[identity] for identity in kept if identity in known)
    return _only(corpus, {identity for identity in kept if identity not in known}, names)


def given_corpus(audio: AudioConfig, seed: int, knowing: Collection[Known]) -> Corpus:
    """All recordings of a folder.

    Raises:
        InvalidInput: no such folder. InputError: by name, a recording that a contender heard or was chosen by; too few.
    """
    if not Path(audio.path).expanduser().is_dir():
        raise InvalidInput(f"--audio {audio.path}: is no folder. Name a folder of recordings that no contender has heard.")
    corpus = load_corpus(audio, seed)
    for one in knowing:
        _refuse(corpus, one.name, one.heard, "was trained on or validated on by")
        _refuse(corpus, one.name, one.chosen_on, "chose, among the trials of its sweep,")
    return _only(corpus, {recording.content_id for recording in corpus.recordings}, [])


def _refuse(corpus: Corpus, name: str, known: Mapping[str, str], did: str) -> None:
    names = [recording.name for recording in corpus.recordings if recording.content_id in known]
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        rule = f"{did} {name}, so that its scores would flatter."
        raise InputError(f"recording '{names[0]}'{more}", rule, "Judge by recordings that no contender knows.")


def _only(corpus: Corpus, wanted: Collection[str], left_out: list[str]) -> Corpus:
    """These recordings, to be evaluated on, under an identity of their own: other recordings, another evaluation hash."""
    others = {r.content_id: r.name for r in corpus.recordings if r.content_id not in wanted}
    count = len(corpus.recordings) - len(others)
    if count < NEEDED:
        why = f" ({', '.join(left_out)}: known to the champion)" if left_out else ""
        rule = f"are left that no contender knows, and {NEEDED} are needed{why}."
        raise InputError(f"{count} recordings", rule, "Name a folder with more: --audio DIR")
    return never_heard(corpus, others, leave_out=True)
