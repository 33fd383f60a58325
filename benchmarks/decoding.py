"""What decoding once is worth: a folder of 1,000 recordings opened without the store, the first time, and again.

    python benchmarks/decoding.py [--recordings 1000] [--seconds 5] [--json]

Everything is made in a temporary folder and read from the page cache, so a slow disk would only widen the gap.
Crops are one thread's: 65,536 samples at random places, as training on clips needs them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile

from trainables.audio import Audio
from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, cut_clip, load_corpus
from trainables.corpus.recordings import decode

SUFFIXES = ("wav", "flac", "ogg")
SAMPLE_RATE = 44100
CROP_SAMPLES = 65536

Value = TypeVar("Value")


@dataclass(frozen=True)
class Figures:
    """Seconds for the whole folder; crops a second of one thread."""

    recordings: int
    source_megabytes: float
    store_megabytes: float
    decoding_each_time_seconds: float
    first_opening_seconds: float
    second_opening_seconds: float
    renamed_opening_seconds: float
    crops_per_second_from_store: float
    crops_per_second_from_memory: float
    crops_per_second_by_decoding_the_file: float
    crops_per_second_by_seeking_in_the_file: float


def measure(recordings: int = 1000, seconds: float = 5.0, crops: int = 300) -> dict[str, float]:
    """All figures of one run, by name."""
    with tempfile.TemporaryDirectory(prefix="fxsweep-decoding-") as made:
        folder, store = Path(made) / "recordings", Path(made) / "decoded"
        make_recordings(folder, recordings, seconds)
        audio = AudioConfig(path=str(folder), sample_rate=SAMPLE_RATE, clip_samples=CROP_SAMPLES)
        in_memory, each_time = timed(lambda: load_corpus(audio, 0))
        _, first = timed(lambda: load_corpus(audio, 0, store))
        corpus, second = timed(lambda: load_corpus(audio, 0, store))
        assert corpus.identity == in_memory.identity and corpus.opening.decoded == 0
        rates = crops_per_second(in_memory, corpus, folder, crops)
        source_bytes, store_bytes = folder_bytes(folder), folder_bytes(store)
        for file in list(folder.iterdir()):
            file.rename(file.with_name(f"renamed-{file.name}"))
        renamed_corpus, renamed = timed(lambda: load_corpus(audio, 0, store))
        assert renamed_corpus.opening.decoded == 0
    return asdict(Figures(recordings, source_bytes / 1e6, store_bytes / 1e6, each_time, first, second, renamed, *rates))


def crops_per_second(in_memory: Corpus, stored: Corpus, folder: Path, crops: int) -> tuple[float, float, float, float]:
    """From the store, from memory, by decoding the whole file, and by decoding from the crop's start."""

    def decoded(name: str, start: int) -> Audio:
        return decode(folder / name, SAMPLE_RATE, 1)[:, start : start + CROP_SAMPLES]

    def sought(name: str, start: int) -> Audio:
        return soundfile.read(folder / name, CROP_SAMPLES, start, dtype="float32", always_2d=True)[0].mean(axis=1)

    mapped, arrays = ({r.name: r for r in corpus.recordings} for corpus in (stored, in_memory))
    ways: list[Callable[[str, int], Audio]] = [
        lambda name, start: cut_clip(mapped[name], start, CROP_SAMPLES),
        lambda name, start: cut_clip(arrays[name], start, CROP_SAMPLES),
        decoded,
        sought,
    ]
    random = np.random.default_rng(0)
    chosen = [stored.recordings[i] for i in random.integers(len(stored.recordings), size=crops)]
    places = [(recording.name, int(random.choice(recording.starts))) for recording in chosen]
    first, second, third, fourth = (crops / timed(lambda way=way: [way(*place) for place in places])[1] for way in ways)
    return first, second, third, fourth


def make_recordings(folder: Path, count: int, seconds: float) -> None:
    """Stereo tones in noise, a third each as wav, flac and ogg."""
    folder.mkdir()
    at_seconds = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    for number in range(count):
        random = np.random.default_rng(number)
        tones = [np.sin(2 * np.pi * hz * at_seconds) for hz in random.uniform(80.0, 4000.0, 4)]
        sound = 0.1 * np.sum(tones, axis=0)[:, None] + 0.01 * random.standard_normal((at_seconds.size, 2))
        soundfile.write(folder / f"{number:05d}.{SUFFIXES[number % 3]}", sound.astype(np.float32), SAMPLE_RATE)


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start


def folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def table(figures: dict[str, float]) -> str:
    """The figures for people, with the ratios that matter."""
    each_time, crops = figures["decoding_each_time_seconds"], figures["crops_per_second_from_store"]
    lines = [
        f"{figures['recordings']} recordings, {figures['source_megabytes']:.0f} MB; "
        f"{figures['store_megabytes']:.0f} MB in the store",
        "",
    ]
    for way in ("decoding_each_time", "first_opening", "second_opening", "renamed_opening"):
        seconds = figures[f"{way}_seconds"]
        lines.append(f"{way.replace('_', ' '):<32}{seconds:9.2f} s     {each_time / seconds:7.1f} times as fast as decoding")
    lines.append("")
    for way in ("from_store", "from_memory", "by_decoding_the_file", "by_seeking_in_the_file"):
        rate = figures[f"crops_per_second_{way}"]
        lines.append(
            f"{'crops ' + way.replace('_', ' '):<32}{rate:9.0f} a second  {crops / rate:7.1f} times as fast from the store"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.recordings, given.seconds)
    print(json.dumps(figures) if given.json else table(figures))


if __name__ == "__main__":
    main()
