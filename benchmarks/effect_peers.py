"""One clip through one effect: ours against audiomentations and the sox command line, on every effect that they share.

    python benchmarks/effect_peers.py [--repeats 21] [--peers .venv-peers/bin/python]

65,536 mono samples at 44.1 kHz, already decoded. Ours is `apply`, checks included. audiomentations (its environment:
peers.txt) is called as its users call it, with ranges that leave it no choice. sox is one process for each file, as
its users run it, from and to 32-bit float WAV in memory; "sox, long file" is what a clip costs in a file of 16 clips,
so that starting the process does not count, but reading and writing do. Repeats are interleaved, each call in a process
follows one that is not timed, and the ratio is the median of those of each repeat: above 1 we are faster. A peer that is
not installed is named as missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from statistics import median

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.shared_effects import SHARED, Shared
from trainables.audio import Audio
from trainables.effects import Effect, apply
from trainables.effects.sources import load_effect

SAMPLE_RATE, CLIP_SAMPLES, LONG_FILE_CLIPS = 44100, 65536, 16
UNEXPLAINED = "slower, and nobody has found out why"
PEERS_PYTHON = Path(__file__).parent.parent / ".venv-peers" / "bin" / "python"

Timed = Callable[[], float | None]  # milliseconds a clip, or None where it is missing


@dataclass(frozen=True)
class Row:
    """One effect against one peer; times are medians in milliseconds, NaN where the peer is missing."""

    effect: str
    ours_ms: float
    peer: str
    peer_ms: float
    ratio: float
    note: str


def measure(repeats: int, peers_python: Path = PEERS_PYTHON) -> list[Row]:
    """Every shared effect against every peer that has it."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder, _worker(Path(folder), peers_python) as ask:
        clip = _clip(Path(folder))
        return [row for shared in SHARED for row in _compare(shared, clip, Path(folder), ask, repeats)]


def _compare(shared: Shared, clip: Audio, folder: Path, ask: Callable[[Shared], float | None], repeats: int) -> list[Row]:
    effect = load_effect(shared.source, "pedalboard")
    peers: dict[str, Timed] = {}
    if shared.transform:
        peers["audiomentations"] = lambda: ask(shared)
    if shared.sox:
        peers["sox"] = lambda: _sox_ms(shared.sox, folder / "clip.wav", 1)
        peers["sox, long file"] = lambda: _sox_ms(shared.sox, folder / "long.wav", LONG_FILE_CLIPS)
    ours_ms, times = _interleaved(lambda: _ours_ms(effect, clip, shared), peers, repeats)
    return [_row(shared, ours_ms, peer, peer_ms) for peer, peer_ms in times.items()]


def _interleaved(ours: Callable[[], float], peers: dict[str, Timed], repeats: int) -> tuple[list[float], dict[str, list[float]]]:
    """Ours and each peer in turn, after one turn to warm up; no times for a peer that is missing."""
    ours_ms: list[float] = []
    times: dict[str, list[float]] = {peer: [] for peer in peers}
    for turn in range(repeats + 1):
        ours_now, now = ours(), {peer: timed() for peer, timed in peers.items()}
        if turn:
            ours_ms.append(ours_now)
            for peer, milliseconds in now.items():
                times[peer] += [] if milliseconds is None else [milliseconds]
    return ours_ms, times


def _row(shared: Shared, ours_ms: list[float], peer: str, peer_ms: list[float]) -> Row:
    if not peer_ms:
        return Row(shared.source, median(ours_ms), peer, float("nan"), float("nan"), "not installed")
    ratio = median(theirs / ours for theirs, ours in zip(peer_ms, ours_ms, strict=True))
    note = shared.notes.get(peer, UNEXPLAINED if ratio < 1.0 else "")
    return Row(shared.source, median(ours_ms), peer, median(peer_ms), ratio, note)


def _ours_ms(effect: Effect, clip: Audio, shared: Shared) -> float:
    apply(effect, clip, SAMPLE_RATE, shared.settings)  # as the peers' worker does: what ran before has left the caches cold
    begin = time.perf_counter()
    apply(effect, clip, SAMPLE_RATE, shared.settings)
    return 1000.0 * (time.perf_counter() - begin)


def _sox_ms(words: tuple[str, ...], source: Path, clips: int) -> float | None:
    if which("sox") is None:
        return None
    command = ["sox", "-V1", str(source), "-e", "floating-point", "-b", "32", str(source.with_suffix(".wet.wav")), *words]
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return 1000.0 * (time.perf_counter() - begin) / clips


def _clip(folder: Path) -> Audio:
    """Noise, soft enough that no effect overloads; written for the peers."""
    clip: Audio = (0.1 * np.random.default_rng(0).standard_normal((1, CLIP_SAMPLES))).astype(np.float32)
    soundfile.write(folder / "clip.wav", clip.T, SAMPLE_RATE, subtype="FLOAT")
    soundfile.write(folder / "long.wav", np.tile(clip, LONG_FILE_CLIPS).T, SAMPLE_RATE, subtype="FLOAT")
    return clip


@contextmanager
def _worker(folder: Path, python: Path) -> Iterator[Callable[[Shared], float | None]]:
    """Asks a process of the peers' Python for the time of one transform; None if it has none."""
    if not python.exists():
        yield lambda shared: None
        return
    np.save(folder / "clip.npy", _clip(folder)[0])
    command = [str(python), str(Path(__file__).with_name("peer_worker.py")), str(folder / "clip.npy")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None

        def ask(shared: Shared) -> float | None:
            print(
                json.dumps({"transform": shared.transform, "arguments": dict(shared.arguments)}), file=process.stdin, flush=True
            )
            answer = json.loads(process.stdout.readline())
            return answer.get("ms")

        yield ask
        process.stdin.close()


def _memory() -> str | None:
    """A folder in memory, where there is one: no disk is measured."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def table(rows: list[Row]) -> str:
    """As text, one line a row."""
    lines = [f"{'effect':24} {'ours ms':>8}  {'peer':16} {'peer ms':>8} {'ratio':>7}  note"]
    lines += [
        f"{row.effect:24} {row.ours_ms:8.2f}  {row.peer:16} {row.peer_ms:8.2f} {row.ratio:7.2f}  {row.note}" for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--peers", type=Path, default=PEERS_PYTHON, help="the Python that has audiomentations")
    arguments = parser.parse_args()
    print(table(measure(arguments.repeats, arguments.peers)))


if __name__ == "__main__":
    main()
