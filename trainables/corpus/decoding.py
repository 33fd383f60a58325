"""Every recording of a folder, decoded or taken from the store; what the store cannot keep stays in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from trainables.configs import AudioConfig
from trainables.corpus.decoded import Decoded, DecodedStore, Refused, derive, open_store
from trainables.corpus.known_files import KnownFile, look_at, read_known, write_known
from trainables.corpus.recordings import Found, Unreadable, Unusable, decode, find_recordings, mix
from trainables.corpus.store_limit import drop_unused
from trainables.corpus.synthetic import recording_names, synthesis_version, synthesize

UNSTEADY = "the file changed, or could not be read, meanwhile"

Progress = Callable[[int, int], None]
"""Is told how many recordings are ready, and of how many."""


@dataclass(frozen=True, eq=False)
class Opened:
    """One recording, and how it came.

    Attributes:
        from_store: whether it needed no decoding.
        in_memory_because: why the store did not keep it; empty if it did, or none is used.
        file: its content at that time, if it could be read.
    """

    name: str
    outcome: Decoded | Refused
    from_store: bool = False
    in_memory_because: str = ""
    file: KnownFile | None = None


@dataclass(frozen=True)
class Opening:
    """How the recordings of a corpus came: numbers of files, those that cannot be used among them.

    Attributes:
        in_memory: how many of the decoded ones could not be kept in the store, and why the first of them.
    """

    decoded: int = 0
    from_store: int = 0
    in_memory: tuple[int, str] = (0, "")


def open_folder(folder: Path, audio: AudioConfig, store: Path | None, progress: Progress | None = None) -> list[Opened]:
    """All recordings of a folder by name, decoded by as many threads as there are CPUs.

    Args:
        audio: its sample rate and channels.
        store: folder of the store, made if need be; None keeps everything in memory.
        progress: is called after each recording, in this thread.

    Raises:
        InputError: the folder is missing or cannot be read.
    """
    files = find_recordings(folder)
    known = read_known(store, folder) if store else {}
    kept = open_store(store, audio.sample_rate, audio.channels) if store else None
    opened: list[Opened] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        for one in threads.map(partial(_open, audio=audio, store=kept, known=known), files):
            opened.append(one)
            if progress is not None:
                progress(len(opened), len(files))
    if store is not None:
        _keep_house(store, folder, known, opened)
    return opened


def open_synthetic(audio: AudioConfig, store: Path | None) -> list[Opened]:
    """The recordings of the built-in corpus by name; they are made once, like others are decoded once."""
    seconds = max(4.0, 1.5 * audio.clip_samples / audio.sample_rate)
    kept = open_store(store, audio.sample_rate, audio.channels) if store else None
    keys = {name: f"{synthesis_version()}-{seconds:g}-{name.replace('/', '-')}" for name in recording_names()}
    found = {name: outcome for name, key in keys.items() if kept and (outcome := kept.read(key)) is not None}
    if len(found) == len(keys):
        return [Opened(name, found[name], True) for name in sorted(found)]
    made = synthesize(audio.sample_rate, seconds)
    outcomes = {name: derive(mix(samples, audio.channels)) for name, samples in sorted(made.items())}
    return [_keep(Opened(name, outcome), kept, keys[name]) for name, outcome in outcomes.items()]


def summary(opened: Sequence[Opened]) -> Opening:
    """The numbers of an opening."""
    stored = sum(one.from_store for one in opened)
    reasons = [one.in_memory_because for one in opened if one.in_memory_because]
    return Opening(len(opened) - stored, stored, (len(reasons), reasons[0] if reasons else ""))


def _open(found: Found, audio: AudioConfig, store: DecodedStore | None, known: dict[str, KnownFile]) -> Opened:
    if store is None:
        return Opened(found.name, _decode(found.path, audio)[0])
    try:
        file = look_at(found.path, known.get(found.name))
    except OSError:  # decoding it tells the reason
        return Opened(found.name, _decode(found.path, audio)[0])
    key = f"{file.content}{found.path.suffix.lower()}"  # by its suffix a decoder may be chosen
    if (outcome := store.read(key)) is not None:
        return Opened(found.name, outcome, True, file=file)
    outcome, lasting = _decode(found.path, audio)
    opened = Opened(found.name, outcome, file=file)
    try:
        lasting = lasting and file.is_unchanged(found.path)
    except OSError:
        lasting = False
    return _keep(opened, store, key) if lasting else replace(opened, in_memory_because=UNSTEADY, file=None)


def _keep(opened: Opened, store: DecodedStore | None, key: str) -> Opened:
    """The recording as the store keeps it, if it can."""
    if store is None:
        return opened
    try:
        return replace(opened, outcome=store.write(key, opened.outcome))
    except OSError as error:
        return replace(opened, in_memory_because=error.strerror or str(error))


def _decode(path: Path, audio: AudioConfig) -> tuple[Decoded | Refused, bool]:
    """What the file holds, and whether decoding it again would give the same."""
    try:
        return derive(decode(path, audio.sample_rate, audio.channels)), True
    except Unusable as reason:
        return Refused(str(reason)), not isinstance(reason, Unreadable)


def _keep_house(store: Path, folder: Path, known: dict[str, KnownFile], opened: Sequence[Opened]) -> None:
    files = {one.name: one.file for one in opened if one.file is not None}
    if files != known:
        write_known(store, folder, files)
    if not all(one.from_store for one in opened):
        drop_unused(store)
