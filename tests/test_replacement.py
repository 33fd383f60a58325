"""Takes that cannot be rendered: recorded, and replaced by the same ones everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import Audio, Corpus, Recording, load_corpus
from trainables.effects import Effect
from trainables.effects.effect import NotFinite
from trainables.effects.selection import nine
from trainables.errors import InputError, TakeFailed
from trainables.rendering.rendering import make_plan, planned_effects, render
from trainables.rendering.replacement import TRIES, RenderedTake, render_takes
from trainables.rendering.takes import BlockRequest, Rejection, RenderPlan, Take

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
REQUEST = BlockRequest("overdrive", "train", 0, 8)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module")
def plan(corpus: Corpus) -> RenderPlan:
    return make_plan(corpus, AUDIO, FrontEndConfig(fft_size=512), nine("mda"), seed=0)


@dataclass
class Failing:
    """Renders as always, but not what it was told to fail on."""

    fails: Callable[[Take, int], Exception | None]
    tried: Counter[Take] = field(default_factory=Counter)

    def __call__(self, take: Take, recording: Recording, effect: Effect, plan: RenderPlan) -> tuple[Audio, Audio]:
        self.tried[take] += 1
        if error := self.fails(take, self.tried[take]):
            raise error
        return render(take, recording, effect, plan)


def rendered(plan: RenderPlan, corpus: Corpus, failing: Failing) -> tuple[list[RenderedTake], tuple[Rejection, ...]]:
    return render_takes(REQUEST, plan, corpus, planned_effects(plan)["overdrive"], failing)


@pytest.fixture(scope="module")
def untroubled(plan: RenderPlan, corpus: Corpus) -> list[RenderedTake]:
    takes, rejected = rendered(plan, corpus, Failing(lambda take, tried: None))
    assert rejected == ()
    return takes


def test_a_failure_that_passes_leaves_no_trace(plan: RenderPlan, corpus: Corpus, untroubled: list[RenderedTake]) -> None:
    failing = Failing(lambda take, tried: TakeFailed("crashed", "lv2:x") if tried < TRIES else None)
    takes, rejected = rendered(plan, corpus, failing)
    assert rejected == () and [t.take for t in takes] == [t.take for t in untroubled]
    assert all(np.array_equal(ours.wet, theirs.wet) for ours, theirs in zip(takes, untroubled, strict=True))


def test_after_ten_tries_a_take_is_recorded_and_its_pair_gets_other_settings(
    plan: RenderPlan, corpus: Corpus, untroubled: list[RenderedTake]
) -> None:
    bad = untroubled[3].take
    failing = Failing(lambda take, tried: TakeFailed("hung", "lv2:x took 20 s") if take == bad else None)
    takes, rejected = rendered(plan, corpus, failing)
    assert rejected == (Rejection(bad, "hung: lv2:x took 20 s", 10),)
    assert failing.tried[bad] == 10
    assert [t.take for t in takes[:2] + takes[4:]] == [t.take for t in untroubled[:2] + untroubled[4:]]
    for ours, theirs in zip(takes[2:4], untroubled[2:4], strict=True):
        assert (ours.take.recording, ours.take.offset_samples) == (theirs.take.recording, theirs.take.offset_samples)
        assert ours.take.settings != theirs.take.settings
    assert takes[2].take.settings == takes[3].take.settings


def test_the_second_of_a_pair_is_not_tried_once_the_first_has_failed(
    plan: RenderPlan, corpus: Corpus, untroubled: list[RenderedTake]
) -> None:
    bad, second = untroubled[2].take, untroubled[3].take
    failing = Failing(lambda take, tried: TakeFailed("hung", "lv2:x took 20 s") if take.settings == bad.settings else None)
    takes, rejected = rendered(plan, corpus, failing)
    assert rejected == (Rejection(bad, "hung: lv2:x took 20 s", TRIES),)
    assert failing.tried[second] == 0 and len(takes) == len(untroubled)


@pytest.mark.parametrize("error, kind", [(NotFinite, "not finite"), (InputError, "refused")])
def test_what_would_fail_again_is_tried_once(
    plan: RenderPlan, corpus: Corpus, untroubled: list[RenderedTake], error: type[InputError], kind: str
) -> None:
    bad = untroubled[0].take
    failing = Failing(lambda take, tried: error("overdrive", "gave NaN.", "Lower it.") if take == bad else None)
    _, rejected = rendered(plan, corpus, failing)
    assert rejected == (Rejection(bad, f"{kind}: overdrive: gave NaN. Lower it.", 1),)
    assert failing.tried[bad] == 1


def test_the_replacement_is_the_same_whoever_renders_and_in_blocks_of_any_length(plan: RenderPlan, corpus: Corpus) -> None:
    def fails(take: Take, tried: int) -> Exception | None:
        return NotFinite("overdrive", "NaN.", "") if dict(take.settings)["drive"] > 0.5 else None

    first, again = rendered(plan, corpus, Failing(fails)), rendered(plan, corpus, Failing(fails))
    assert [t.take for t in first[0]] == [t.take for t in again[0]] and first[1] == again[1]
    assert all(dict(t.take.settings)["drive"] <= 0.5 for t in first[0])
    assert {rejection.reason.partition(":")[0] for rejection in first[1]} == {"not finite"}
    short = BlockRequest("overdrive", "train", 0, 4)
    takes, _ = render_takes(short, plan, corpus, planned_effects(plan)["overdrive"], Failing(fails))
    assert [t.take for t in takes] == [t.take for t in first[0][:4]]


def test_silence_is_replaced_at_once(plan: RenderPlan, corpus: Corpus, untroubled: list[RenderedTake]) -> None:
    bad = untroubled[0].take

    def muted(take: Take, recording: Recording, effect: Effect, plan: RenderPlan) -> tuple[Audio, Audio]:
        dry, wet = render(take, recording, effect, plan)
        return dry, np.zeros_like(wet) if take == bad else wet

    takes, rejected = render_takes(REQUEST, plan, corpus, planned_effects(plan)["overdrive"], muted)
    assert rejected == (Rejection(bad, "silent", 1),) and all(take.wet.any() for take in takes)


def test_an_effect_that_always_fails_is_refused_by_name(plan: RenderPlan, corpus: Corpus) -> None:
    always = Failing(lambda take, tried: TakeFailed("crashed", "lv2:x was ended by SIGSEGV"))
    with pytest.raises(InputError, match=r"effect 'overdrive'.*crashed: lv2:x was ended by SIGSEGV"):
        rendered(plan, corpus, always)
