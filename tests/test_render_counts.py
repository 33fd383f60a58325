from __future__ import annotations

import json

from trainables.rendering.render_counts import RenderCounts, from_facts
from trainables.rendering.takes import Rejection, Take

TAKE = Take("a.wav", 0, "delay", ())


def counts() -> RenderCounts:
    some = RenderCounts(asked_takes=100, rendered_takes=40, rendered_again_takes=8, actor_seconds=2.0, actors=2, kept_blocks=5)
    return some.with_rejections((Rejection(TAKE, "silent", 1), Rejection(TAKE, "hung: x", 10)))


def test_shared_is_what_was_asked_for_beyond_the_first_render() -> None:
    assert counts().shared_takes == 100 - (40 - 8)


def test_a_successor_goes_on_from_where_the_catalogue_died() -> None:
    joined = counts() + RenderCounts(asked_takes=10, rendered_takes=10, actors=1, rejected={"silent": 1}, refused=("why",))
    assert (joined.asked_takes, joined.rendered_takes, joined.rejected) == (110, 50, {"silent": 2, "hung": 1})
    assert (joined.actors, joined.kept_blocks, joined.refused) == (1, 0, ("why",))


def test_facts_come_back_from_json() -> None:
    assert from_facts(json.loads(json.dumps(counts().facts()))) == counts()
    assert from_facts({"rendered_takes": 3, "unheard_of": 1}) == RenderCounts(rendered_takes=3)


def test_the_sentence_tells_what_is_out_of_the_ordinary_and_only_that() -> None:
    assert RenderCounts(asked_takes=20, rendered_takes=8, actors=2, actor_seconds=0.5).sentence() == (
        "8 takes rendered by 2 actors, 16 a second each; 12 shared"
    )
    told = counts().sentence()
    assert "8 rendered again" in told and "2 replaced (silent 1, hung 1)" in told and "another actor" not in told


def test_metrics_are_numbers_with_names_of_their_own() -> None:
    metrics = counts().metrics()
    assert metrics["takes/shared"] == 68 and metrics["takes/rejected"] == 2 and metrics["render/takes_per_second"] == 20


def test_missing_timbres_are_counted_by_reason_and_told() -> None:
    deaf = counts().with_unmeasured(("silent", "depth: no onset", "silent"))
    joined = deaf + RenderCounts(unmeasured={"silent": 1})
    assert joined.unmeasured == {"silent": 3, "depth: no onset": 1} and joined.metrics()["takes/unmeasured"] == 4
    assert "4 without brightness or depth (silent 3, depth: no onset 1)" in joined.sentence()
    assert from_facts(json.loads(json.dumps(deaf.facts()))) == deaf


def test_probes_are_counted_apart_from_takes() -> None:
    joined = counts().plus(probes=3) + RenderCounts(probes=4)
    assert joined.probes == 7 and joined.metrics()["takes/probes"] == 7 and joined.rendered_takes == 40
    assert "; 7 renders at other settings, for gradients and gates;" in joined.sentence()
