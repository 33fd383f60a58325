"""Rendering measured: our actors against other ways to feed a trainer, and what sharing saves a sweep.

    python benchmarks/rendering.py [--rounds 5] [--blocks 36] [--json]

1. Items a second of four feeds (feeds.py) on two cores: blocks of 16 takes of 65,536 samples at 44.1 kHz with their
   spectrograms, all nine effects in turn, both backends. Rounds are interleaved, each of fresh takes; a ratio is the
   median of the rounds' ratios.
2. Takes rendered, and wall time, for one trial and for eight of the same settings (sharing.py).

Beside it: effect_peers.py (one clip, against audiomentations and sox) and decoding.py (a folder opened again).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median

os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1"}
sys.path.insert(0, str(Path(__file__).parent.parent))

import ray
from feeds import FEEDS, Feed, Work
from sharing import Sharing, measure_sharing

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus import load_corpus
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import nine
from trainables.rendering import make_plan
from trainables.takes import BlockRequest

BLOCK_ITEMS = 16
BACKENDS = ("mda", "pedalboard")
OURS, RING, LOADER, INLINE = FEEDS

Rates = dict[str, list[float]]  # items a second of each round, by feed


def work_of(backend: str) -> Work:
    audio = AudioConfig(sample_rate=44100, clip_samples=65536)
    corpus = load_corpus(audio, seed=0)
    return Work(corpus, make_plan(corpus, audio, FrontEndConfig(), nine(backend), seed=0))


def measure_feeds(work: Work, rounds: int, blocks: int) -> Rates:
    """Items a second of every feed, round by round; all are started and warm before the first."""
    draws = count()
    rates: Rates = {name: [] for name in FEEDS}
    with ExitStack() as stack:
        feeds: dict[str, Feed] = {name: stack.enter_context(feed(work)) for name, feed in FEEDS.items()}
        for feed in feeds.values():
            feed(requests_of(next(draws), len(EFFECT_NAMES)))
        for _ in range(rounds):
            for name, feed in feeds.items():
                requests = requests_of(next(draws), blocks)
                start = time.perf_counter()
                feed(requests)
                rates[name].append(BLOCK_ITEMS * blocks / (time.perf_counter() - start))
    return rates


def requests_of(run: int, blocks: int) -> list[BlockRequest]:
    """Blocks that no other run asks for, the effects in turn."""
    return [
        BlockRequest(EFFECT_NAMES[n % len(EFFECT_NAMES)], "train", 1000 * run + n // len(EFFECT_NAMES), BLOCK_ITEMS)
        for n in range(blocks)
    ]


def ratio(rates: Rates, peer: str) -> float:
    """Our items a second over the peer's, round by round, their median."""
    return median(ours / theirs for ours, theirs in zip(rates[OURS], rates[peer], strict=True))


def figures(measured: dict[str, Rates], sharing: Sharing) -> dict[str, float]:
    """What others read; of both backends the worse ratio."""
    ratios = {
        f"{name}_{backend}": ratio(rates, peer)
        for backend, rates in measured.items()
        for name, peer in (("ring_ratio", RING), ("inline_ratio", INLINE), ("data_loader_ratio", LOADER))
    }
    worse = {name: min(ratios[f"{name}_{backend}"] for backend in measured) for name in ("ring_ratio", "inline_ratio")}
    return worse | ratios | sharing.figures()


def table(backend: str, rates: Rates) -> str:
    lines = [f"{backend:<24}{'items/s':>9}{'lowest':>9}{'highest':>9}{'ours over it':>14}"]
    for name, values in rates.items():
        over = "" if name == OURS else f"{ratio(rates, name):14.2f}"
        lines.append(f"  {name:<22}{median(values):9.0f}{min(values):9.0f}{max(values):9.0f}{over}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=36, help="of each feed in each round")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    ray.init(
        address="local",
        num_cpus=os.cpu_count(),
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        runtime_env={"env_vars": {"PYTHONPATH": str(Path(__file__).parent.parent)}},
    )
    measured = {}
    for backend in BACKENDS:
        measured[backend] = measure_feeds(work_of(backend), args.rounds, args.blocks)
        if not args.json:
            print(table(backend, measured[backend]), "", sep="\n", flush=True)
    sharing = measure_sharing(work_of("mda"))
    if not args.json:
        print(sharing.table())
    else:
        print(json.dumps({name: round(value, 3) for name, value in figures(measured, sharing).items()}))
    ray.shutdown()


if __name__ == "__main__":
    main()
