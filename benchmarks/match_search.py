"""How a match should search, without any model: CMA-ES or TPE, by which distance, at 32, 96 and 300 renders.

    python benchmarks/match_search.py [--items 5] [--minutes 4] [--embedding MODEL] [--json]

Paired: settings are searched on the reference's dry version, and scored on another recording by MR-STFT, as a ratio to doing
nothing. Everybody gets the same items and begins with the same points. Items are taken up until the minutes are over.
Without --embedding, the embedding is that of an encoder that was never trained.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from trainables.audio import Audio
from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.corpus.clips import draw_clip
from trainables.corpus.corpus import load_corpus
from trainables.effects import Effect, apply, load_effects, resolve_backend
from trainables.features import spectrogram_shape
from trainables.matching.decision import Manner, decide_paired
from trainables.matching.ears import Ear, EmbeddingEar, MelEar, MetricEar
from trainables.matching.knob_space import KnobSpace
from trainables.matching.pairing import Reference
from trainables.matching.search import Refine, by_cma
from trainables.matching.spectral_metrics import mrstft
from trainables.models.vae import Vae
from trainables.parameters import draw
from trainables.training.embedder import Embedder
from tune.ledger.find import store_uri
from tune.matching.match_manner import manner_of
from tune.models.registry import load_embedder
from tune.search.knob_tpe import by_tpe

EFFECTS = ("overdrive", "multiband", "ambience", "delay")
BUDGETS = (32, 96, 300)
MIDDLE = 96
RATE, CLIP_SAMPLES = 44100, 65536
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Item:
    """One task: a reference before and after, another recording, and what is right for it."""

    effect: Effect
    reference: Reference
    dry: Audio
    right: Audio
    number: int


@dataclass(frozen=True)
class Contender:
    """One way to search."""

    search: str
    distance: str
    renders: int


@dataclass(frozen=True)
class Outcome:
    """What one contender made of one item: MR-STFT, that of doing nothing, and how long it took."""

    contender: Contender
    effect: str
    number: int
    reached: float
    untouched: float
    seconds: float


def contenders() -> list[Contender]:
    by_search = [Contender(search, "mel", renders) for renders in BUDGETS for search in ("cma", "tpe")]
    return [*by_search, *(Contender("cma", distance, MIDDLE) for distance in ("embedding", "metric"))]


def make_items(names: Sequence[str], count: int) -> Iterator[Item]:
    """Of each effect in turn, so that a run that is cut short has as many of each."""
    corpus = load_corpus(AudioConfig(sample_rate=RATE, clip_samples=CLIP_SAMPLES), seed=0)
    effects = load_effects(resolve_backend("auto"))
    for number in range(count):
        for place, name in enumerate(names):
            random = np.random.default_rng([number, place])
            first, second = random.choice(len(corpus.recordings), size=2, replace=False)
            dry, other = (draw_clip(corpus.recordings[i], CLIP_SAMPLES, random)[1] for i in (first, second))
            settings = draw(effects[name].parameters, random)
            wet, right = (apply(effects[name], sound, RATE, settings) for sound in (other, dry))
            yield Item(effects[name], Reference(wet, other, RATE), dry, right, number)


def play(item: Item, contender: Contender, ears: dict[str, Ear], searches: dict[str, Refine]) -> Outcome:
    manner = Manner(ears[contender.distance], searches[contender.search])
    space, random = KnobSpace(item.effect.parameters), np.random.default_rng(item.number)
    start = time.perf_counter()
    decision = decide_paired(item.effect, space, item.reference, None, contender.renders, random, manner)
    seconds = time.perf_counter() - start
    untouched = mrstft(item.dry, item.right)
    found = item.dry if decision.does_nothing else apply(item.effect, item.dry, RATE, space.settings(decision.point))
    return Outcome(contender, item.effect.name, item.number, mrstft(found, item.right), untouched, seconds)


def measure(names: Sequence[str], count: int, minutes: float, ears: dict[str, Ear]) -> list[Outcome]:
    """Whole rounds over all effects, at least one."""
    searches: dict[str, Refine] = {"cma": by_cma, "tpe": by_tpe}
    outcomes: list[Outcome] = []
    begun = time.monotonic()
    for place, item in enumerate(make_items(names, count)):
        if place >= len(names) and place % len(names) == 0 and time.monotonic() - begun > 60.0 * minutes:
            break
        outcomes += [play(item, contender, ears, searches) for contender in contenders()]
    return outcomes


def ratio(outcomes: Sequence[Outcome]) -> float:
    """The mean over effects of the mean metric over that of doing nothing."""
    by_effect = [[o for o in outcomes if o.effect == effect] for effect in dict.fromkeys(o.effect for o in outcomes)]
    return float(np.mean([sum(o.reached for o in some) / sum(o.untouched for o in some) for some in by_effect]))


def difference(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> tuple[float, float, float]:
    """By how much each item's ratio is lower, in the mean, with a 95 % bootstrap interval over items."""
    each = np.array([a.reached / a.untouched - b.reached / b.untouched for a, b in zip(ours, theirs, strict=True)])
    drawn = np.random.default_rng(0).integers(len(each), size=(RESAMPLES, len(each)))
    low, high = np.quantile(each[drawn].mean(axis=1), (0.025, 0.975))
    return float(each.mean()), float(low), float(high)


def untrained_ear() -> EmbeddingEar:
    config = TrialConfig(
        model=VaeConfig(), train=TrainConfig(), evaluation=EvaluationConfig(), front_end=FrontEndConfig(), sample_rate=RATE,
        clip_samples=CLIP_SAMPLES, channels=1, trained_effects=EFFECTS, held_out_effects=(),
    )  # fmt: skip
    torch.manual_seed(0)
    vae = Vae(config.model, 1, *spectrogram_shape(config.front_end, RATE, CLIP_SAMPLES))
    return EmbeddingEar(Embedder(config, vae).eval(), RATE, CLIP_SAMPLES)


def figures(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """By contender its ratio, seconds a match and share of items better than doing nothing; TPE less CMA-ES by budget."""
    of = {c: [o for o in outcomes if o.contender == c] for c in contenders()}
    names = list(dict.fromkeys(o.effect for o in outcomes))
    rows = {
        f"{c.search}/{c.distance}/{c.renders}": {
            "ratio": ratio(some),
            "better_share": float(np.mean([o.reached < o.untouched - 1e-9 for o in some])),
            "seconds": float(np.median([o.seconds for o in some])),
            "effects": {name: ratio([o for o in some if o.effect == name]) for name in names},
        }
        for c, some in of.items()
    }
    apart = {str(b): difference(of[Contender("tpe", "mel", b)], of[Contender("cma", "mel", b)]) for b in BUDGETS}
    return {"items_an_effect": len(outcomes) // len(of) // len(names), "contenders": rows, "tpe_less_cma": apart}


def table(found: dict[str, object], trained: bool) -> str:
    rows: dict[str, dict[str, object]] = found["contenders"]  # type: ignore[assignment]
    names = list(next(iter(rows.values()))["effects"])  # type: ignore[call-overload]
    head = ["search", "distance", "renders", "ratio", "better", "s a match", *names]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    marks = {"metric": "metric (upper bound)", "embedding": "embedding" if trained else "embedding (untrained)"}
    for key, row in rows.items():
        search, distance, renders = key.split("/")
        effects = [f"{value:.3f}" for value in row["effects"].values()]  # type: ignore[attr-defined]
        numbers = [f"{row['ratio']:.3f}", f"{row['better_share']:.2f}", f"{row['seconds']:.1f}"]
        lines.append("| " + " | ".join([search, marks.get(distance, distance), renders, *numbers, *effects]) + " |")
    apart: dict[str, tuple[float, float, float]] = found["tpe_less_cma"]  # type: ignore[assignment]
    told = [f"TPE less CMA-ES at {b} renders: {m:+.3f} ({low:+.3f} to {high:+.3f})" for b, (m, low, high) in apart.items()]
    basis = f"{found['items_an_effect']} items of each effect, paired; ratio: what is left of doing nothing's MR-STFT"
    return "\n".join([*lines, "", basis, *told])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=5, help="of each effect")
    parser.add_argument("--minutes", type=float, default=4.0, help="after which no further round begins")
    parser.add_argument("--effects", nargs="+", default=EFFECTS)
    parser.add_argument("--embedding", help="a VAE, as `fxsweep match --embedding` takes it")
    parser.add_argument("--home")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    trained = load_embedder(store_uri(asked.home, None), asked.embedding) if asked.embedding else None
    embedding = untrained_ear() if trained is None else manner_of("embedding", "cma", True, trained).ear
    ears: dict[str, Ear] = {"mel": MelEar(), "metric": MetricEar(), "embedding": embedding}
    found = figures(measure(asked.effects, asked.items, asked.minutes, ears))
    print(json.dumps(found) if asked.json else table(found, trained is not None))


if __name__ == "__main__":
    main()
