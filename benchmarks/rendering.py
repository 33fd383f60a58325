"""Rendering measured: our actors against other ways to feed a trainer, what sharing saves a sweep, and what decoding once saves.

    python benchmarks/rendering.py [--rounds 5] [--blocks 72] [--only PART] [--json]

1. Items a second of four feeds (feeds.py) on two cores: blocks of 16 takes of 65,536 samples at 44.1 kHz with their
   spectrograms, all nine effects in turn, both backends. Rounds are interleaved, each of fresh takes; a ratio is the
   median of the rounds' ratios.
2. Takes rendered, and wall time, for one trial and for eight of the same settings (sharing.py).
3. One clip through one effect, against audiomentations and sox where they are installed (effect_peers.py).
4. A folder of 1,000 recordings decoded each time, once, and never again (decoding.py).
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import sys
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled", "OMP_NUM_THREADS": "1"}
sys.path.insert(0, str(Path(__file__).parent.parent))

import decoding
import effect_peers
import ray
from feeds import FEEDS, Feed, Work
from sharing import measure_sharing

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import nine
from trainables.rendering.rendering import make_plan
from trainables.rendering.takes import BlockRequest

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
        for turn in range(rounds):
            for name in sorted(feeds, key=lambda name: (list(feeds).index(name) + turn) % len(feeds)):  # none is always first
                requests = requests_of(next(draws), blocks)
                start = time.perf_counter()
                feeds[name](requests)
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


def feed_figures(measured: dict[str, Rates]) -> dict[str, float]:
    """Every ratio, and of both backends the worse."""
    peers = {"ring_ratio": RING, "inline_ratio": INLINE, "data_loader_ratio": LOADER}
    ratios = {f"{name}_{b}": ratio(rates, peer) for b, rates in measured.items() for name, peer in peers.items()}
    return {name: min(ratios[f"{name}_{backend}"] for backend in measured) for name in peers} | ratios


def table(backend: str, rates: Rates) -> str:
    lines = [f"{backend:<24}{'items/s':>9}{'lowest':>9}{'highest':>9}{'ours over it':>14}"]
    for name, values in rates.items():
        over = "" if name == OURS else f"{ratio(rates, name):14.2f}"
        lines.append(f"  {name:<22}{median(values):9.0f}{min(values):9.0f}{max(values):9.0f}{over}")
    return "\n".join(lines)


def feeds_part(args: argparse.Namespace) -> tuple[str, dict[str, float]]:
    measured = {backend: measure_feeds(work_of(backend), args.rounds, args.blocks) for backend in BACKENDS}
    return "\n\n".join(table(backend, rates) for backend, rates in measured.items()), feed_figures(measured)


def sharing_part(args: argparse.Namespace) -> tuple[str, dict[str, float]]:
    sharing = measure_sharing(work_of("mda"))
    return sharing.table(), sharing.figures()


def peers_part(args: argparse.Namespace) -> tuple[str, dict[str, float]]:
    rows = [row for row in effect_peers.measure(repeats=3 * args.rounds) if not math.isnan(row.ratio)]
    slower = sum(row.ratio < 1.0 for row in rows)
    return effect_peers.table(rows), {"effects_compared": len(rows), "effects_slower_than_a_peer": slower}


def decoding_part(args: argparse.Namespace) -> tuple[str, dict[str, float]]:
    seconds = decoding.measure()
    ratio = seconds["decoding_each_time_seconds"] / seconds["second_opening_seconds"]
    return decoding.table(seconds), seconds | {"decoding_over_second_opening": ratio}


PARTS = {"feeds": feeds_part, "sharing": sharing_part, "peers": peers_part, "decoding": decoding_part}


def start_ray() -> None:
    ray.init(
        address="local",
        num_cpus=os.cpu_count(),
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        runtime_env={"env_vars": {"PYTHONPATH": str(Path(__file__).parent.parent)}},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=72, help="of each feed in each round")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; again for more")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    start_ray()
    told: dict[str, float] = {}
    for part in args.only or PARTS:
        text, figures = PARTS[part](args)
        told |= figures
        if not args.json:
            print(text, "", sep="\n", flush=True)
    ray.shutdown()
    if args.json:
        print(json.dumps({name: round(value, 3) for name, value in told.items()}))


if __name__ == "__main__":
    main()
