"""The protocol by which the seed study's author scored his own style transfer system, re-run on our audio with our matcher.

    python benchmarks/published_protocol.py MODEL --speech DIR --music DIR [--items 50] [--renders 96] [--json]

MODEL is a matcher trained at 24 kHz on multiband and overdrive, by name or as a folder that `fxsweep pull` made:

    fxsweep run matcher --audio MORE/ --set audio.sample_rate=24000 --set audio.clip_samples=131072 \\
        --set effects.use='[multiband, overdrive]'

Without a folder the built-in corpus stands in for music. Like his system, our matcher hears the input and, blindly, the other
half of what is right; it may also search, with renders of the input alone. Score: his multi-resolution STFT (FFT sizes 32 to
32768, each four times the one before), as a mean ratio to doing nothing on the same items. His figures are means of 5,000 items,
of VCTK for speech and of MUSDB18 for music; his doing nothing was measured on clips of single length.

What differs: other recordings; the LV2 build of the same plugins; and the knobs of the output's level, which were predicted with
the others there and are not turned here: a result is brought to the level of the reference, as `fxsweep match` does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.published_items import SAMPLE_RATE, Sound, make_item, passage, sounds
from benchmarks.published_table import NOTHING, Row, Scored, row, table
from trainables.audio import Audio, rms
from trainables.corpus.synthetic import SYNTHETIC
from trainables.effects.effect import Effect, apply
from trainables.effects.selection import load_choice
from trainables.errors import InputError, TakeFailed
from trainables.matching.contenders import MATCHER, chosen, contenders
from trainables.matching.contest import Arena, Asked, Item
from trainables.matching.knob_space import Units
from trainables.matching.matcher_file import KeptMatcher
from trainables.matching.processes import answers
from trainables.matching.spectral_metrics import PUBLISHED, multi_resolution_stft
from trainables.matching.tournament import drawing
from tune.errors import FxsweepError, InvalidInput
from tune.ledger.find import store_uri
from tune.models.matcher_model import LoadedMatcher
from tune.models.registry import load_model

EFFECTS = ("multiband", "overdrive")
REMEDY = (
    "Train one: fxsweep run matcher --set audio.sample_rate=24000 --set audio.clip_samples=131072 "
    "--set effects.use='[multiband, overdrive]'"
)


@dataclass(frozen=True, eq=False)
class Job:
    """One item, not yet made."""

    audio: str
    effect: str
    number: int
    recording: str
    dry: Audio


@dataclass(frozen=True, eq=False)
class Protocol:
    """What a process needs."""

    kept: KeptMatcher
    renders: int

    def __call__(self) -> Callable[[Job], Scored]:
        effects = {name: load_choice(self.kept.effects[name].choice) for name in EFFECTS if name in self.kept.effects}
        return lambda job: self.scored(effects[job.effect], job)

    def scored(self, effect: Effect, job: Job) -> Scored:
        """Everybody on one item."""
        item = make_item(effect, job.dry, job.recording, drawing("item", job.audio, job.effect, job.number))
        asked = Asked(Arena(job.effect, effect, self.kept.matcher, SAMPLE_RATE, self.renders, PUBLISHED), item, "blind")
        distances = {NOTHING: distance(item.dry, item.target)}
        for name, contender in players(self.renders).items():
            answer = contender(asked, drawing(name, job.audio, job.effect, job.number))
            distances[name] = distance(made(asked.arena, item, chosen(answer)), item.target)
        return Scored(job.audio, job.effect, job.recording, distances)


def players(renders: int) -> dict[str, Any]:
    """The matcher with its search and without, the search alone, and random settings."""
    known = contenders(renders)
    names = (MATCHER, "matcher, no search", f"search alone, {renders}", "random settings")
    return {name: known[name].answer for name in names}


def made(arena: Arena, item: Item, point: Units | None) -> Audio:
    """The result, at the level of the reference; the input where nothing is done or nothing can be."""
    if point is None:
        return item.dry
    try:
        wet = apply(arena.effect, item.dry, SAMPLE_RATE, arena.space.settings(point))
    except (InputError, TakeFailed):
        return item.dry
    level = rms(wet)
    return wet * np.float32(rms(item.reference) / level) if level > 0.0 else item.dry


def distance(audio: Audio, target: Audio) -> float:
    """His metric, of sounds at the level that they have."""
    with torch.inference_mode():
        return float(multi_resolution_stft(torch.from_numpy(audio)[None], torch.from_numpy(target)[None], PUBLISHED)[0])


def jobs(audio: Mapping[str, Sequence[Sound]], effects: Sequence[str], items: int) -> Iterator[Job]:
    """Recordings in turn, so that each has its share."""
    for kind, known in audio.items():
        for effect in effects:
            for number in range(items):
                sound = known[number % len(known)]
                dry = passage(sound, drawing("passage", kind, effect, number))
                if dry is not None:
                    yield Job(kind, effect, number, sound.name, dry)


def measure(kept: KeptMatcher, audio: Mapping[str, Sequence[Sound]], items: int, renders: int, workers: int) -> list[Row]:
    """A row for each effect that the matcher knows, on each kind of audio.

    Raises:
        InvalidInput: a matcher at another rate, or of neither effect.
    """
    hearing = kept.matcher.hearing
    if hearing.sample_rate != SAMPLE_RATE:
        raise InvalidInput(f"a matcher at {hearing.sample_rate} Hz: the protocol is at {SAMPLE_RATE} Hz. {REMEDY}")
    effects = tuple(name for name in EFFECTS if name in kept.effects)
    if not effects:
        raise InvalidInput(f"a matcher of {', '.join(kept.effects)}: the protocol is of {' and '.join(EFFECTS)}. {REMEDY}")
    scored = list(
        _told(answers(Protocol(kept, renders), jobs(audio, effects, items), workers), len(audio) * len(effects) * items)
    )
    return [
        row(kind, effect, [one for one in scored if (one.audio, one.effect) == (kind, effect)])
        for kind in audio
        for effect in effects
    ]


def _told(scored: Iterator[Scored], total: int) -> Iterator[Scored]:
    for number, one in enumerate(scored, 1):
        if number % 10 == 0:
            print(f"{number} of {total} items", file=sys.stderr)
        yield one


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--speech", metavar="DIR")
    parser.add_argument("--music", metavar="DIR", help="without either, the built-in corpus")
    parser.add_argument("--items", type=int, default=50, help="of each effect on each kind of audio")
    parser.add_argument("--renders", type=int, default=96)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--home")
    parser.add_argument("--tracking")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folders = {kind: path for kind, path in (("speech", given.speech), ("music", given.music)) if path} or {"music": SYNTHETIC}
    try:
        model = load_model(store_uri(given.home, given.tracking), given.model)
        if not isinstance(model, LoadedMatcher):
            raise InvalidInput(f"model '{given.model}': embeds, and a matcher is needed. {REMEDY}")
        audio = {kind: sounds(path, model.heard_recordings()) for kind, path in folders.items()}
        rows = measure(model.kept, audio, given.items, given.renders, given.workers)
    except (FxsweepError, InputError) as error:
        print(error, file=sys.stderr)
        return getattr(error, "exit_code", 2)
    print(json.dumps([asdict(one) for one in rows]) if given.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
