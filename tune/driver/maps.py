"""Latent maps on their way: asked of the map actor when a trial ends, collected while others train."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from trainables.training.trainable import CheckpointFile

MAP_PICTURE = "latent_map.png"  # written last: where it is, all are
log = logging.getLogger("fxsweep")


@dataclass(frozen=True)
class Pictures:
    """The files made for one trial."""

    number: int
    files: tuple[Path, ...]


class MapQueue:
    """Requests in flight to one map actor."""

    def __init__(self, map_maker: Any, seed: int) -> None:
        self.map_maker, self.seed = map_maker, seed
        self.waiting: dict[Any, tuple[int, Path]] = {}
        self.failed: dict[int, str] = {}

    def request(
        self, number: int, checkpoint: CheckpointFile, history: Sequence[Mapping[str, float]], title: str, folder: Path
    ) -> None:
        ref = self.map_maker.make.remote(checkpoint, list(history), title, self.seed)
        self.waiting[ref] = (number, folder)

    @staticmethod
    def drawn(folder: Path) -> bool:
        """Whether a trial's pictures are there already."""
        return (folder / MAP_PICTURE).is_file()

    def collect(self, timeout_seconds: float = 0.0) -> list[Pictures]:
        """The pictures that are done by now (or within the timeout), written to their folders."""
        if not self.waiting:
            return []
        ready, _ = ray.wait(list(self.waiting), num_returns=len(self.waiting), timeout=timeout_seconds)
        return [pictures for ref in ready if (pictures := self._write(ref)) is not None]

    def missing(self) -> dict[int, str]:
        """Trials without pictures, with the reason."""
        late = {number: "it was not drawn in time" for number, _ in self.waiting.values()}
        return late | self.failed

    def _write(self, ref: Any) -> Pictures | None:
        number, folder = self.waiting.pop(ref)
        try:
            files: dict[str, bytes] = ray.get(ref)
        except Exception as error:  # a picture is never worth a trial
            self.failed[number] = (str(error).strip().splitlines() or [type(error).__name__])[-1]
            log.warning("trial %d: no latent map: %s", number, self.failed[number])
            return None
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(files, key=MAP_PICTURE.__eq__):
            (folder / name).write_bytes(files[name])
        return Pictures(number, tuple(folder / name for name in files))


class NoMaps(MapQueue):
    """Of trials that have no latent space."""

    def request(
        self, number: int, checkpoint: CheckpointFile, history: Sequence[Mapping[str, float]], title: str, folder: Path
    ) -> None:
        """Asks for nothing."""
