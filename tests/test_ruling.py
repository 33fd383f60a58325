"""What the registry and the card are told of a promotion. Nothing but values."""

from __future__ import annotations

from test_promotion_decision import CHAMPION, contest, exactly
from tiny_model import tiny_config

from tune.models.card import card_markdown, model_metadata
from tune.models.card_promotion import promotion_section
from tune.promotion.decision import decide
from tune.promotion.judgement import Judgement
from tune.promotion.ruling import Ruling, ruled


def ruling(ours: float, champion: float, force: bool = False) -> Ruling:
    winner = contest(exactly(ours), exactly(champion))
    judgement = Judgement((winner,), winner, "eval/probe_accuracy", "e1a2", ("piano", "drums"))
    return ruled(decide(winner, 1, CHAMPION), judgement, 3, compared_with="3", champion=CHAMPION, force=force)


def page(of: Ruling) -> str:
    config, card = tiny_config(), {"sweep": "splits", "trial": 3, "promotion": of.facts()}
    return card_markdown("fx-vae", "fx-vae/4", card, model_metadata(config, card))


def test_a_promotion_is_on_the_card_with_its_leads_and_what_they_rest_on() -> None:
    found = ruling(0.7, 0.5)
    assert found.outcome == "promoted" and found.sentence().startswith(f"Promoted: ahead of {CHAMPION} by +0.200")
    told = page(found)
    assert f"## Promotion\n\nPromoted: it was better than {CHAMPION}" in told
    assert f"| {CHAMPION} | +0.200 (+0.200 to +0.200) |" in told and "| untrained | +0.400" in told
    assert "on 2 recordings that no contender knew, 3 draws" in told and "evaluation `e1a2`" in told


def test_a_refusal_is_on_the_card_with_its_reason() -> None:
    found = ruling(0.4, 0.5)
    assert found.outcome == "candidate" and found.sentence() == f"Not promoted: {'; '.join(found.why_not)} (evaluation e1a2)."
    told = page(found)
    assert "Not promoted: " in told and f"- it is worse than {CHAMPION}" in told and "none retrained" in told


def test_force_is_on_the_card_with_what_was_not_shown() -> None:
    found = ruling(0.4, 0.5, force=True)
    assert found.outcome == "forced" and "by force (--force): it is worse" in found.sentence()
    assert "by force (`--force`)" in page(found) and "it is worse" in page(found)
    unjudged = Ruling("forced", "", "", ("nothing was kept",))
    assert unjudged.sentence() == "Champion by force (--force): nothing was kept."
    assert "| compared with |" not in page(unjudged) and "there was no champion" in page(unjudged)


def test_who_was_overtaken_is_no_champion_and_says_why() -> None:
    found = ruling(0.7, 0.5).overtaken()
    assert found.outcome == "candidate" and "another version became champion while" in found.sentence()
    assert "another version became champion while" in page(found) and "| untrained | +0.400" in page(found)


def test_a_card_names_its_own_version_and_never_an_alias_as_its_own() -> None:
    told = page(ruling(0.4, 0.5))
    assert "fxsweep pull fx-vae/4 -o fx-vae/" in told and "pull fx-vae@champion" not in told
    assert "`fx-vae@champion` is whichever version is champion by then" in told


def test_a_card_without_a_promotion_does_not_tell_of_one() -> None:
    assert promotion_section({}) == []
