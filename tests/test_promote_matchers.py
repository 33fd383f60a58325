"""`fxsweep promote` of matchers: real effects, a real registry, real untrained matchers; what some of them answer is made up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from promotable_sweep import MATCHING, corpus_of, register_best_of, tracking_of, write_ended

from trainables.effects.selection import EffectChoice, load_choice
from trainables.matching.contenders import Contender
from trainables.matching.contest import Asked
from trainables.matching.matcher import Matcher
from tune.cli import main
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.models.aliases import CANDIDATE, CHAMPION
from tune.models.registry import pull
from tune.promotion import matcher_contest
from tune.promotion.matcher_contest import NOTHING, MatcherCandidate, Ring, hold_matcher_contests
from tune.promotion.promote import promote
from tune.promotion.request import Request
from tune.tracking.runs import connect

NAME = "fx-matched"
REQUEST = Request(top=2, seeds=2, settings=4, renders=8)
Answer = Callable[[Asked, np.random.Generator], np.ndarray]


@pytest.fixture(autouse=True)
def no_store_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow leaves its last one in the environment."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two sweeps; the first one's trial 0 is champion."""
    for name, scores in (("first", {0: 0.5}), ("second", {1: 0.4, 2: 0.45})):
        register_best_of(write_ended(tmp_path, name, scores, **MATCHING))
    return tmp_path


def width(matcher: Matcher) -> int:
    """By which the tests tell matchers apart: of trials 0, 1 and 2 it is 16, 32 and 64."""
    return next(int(weight.shape[0]) for name, weight in matcher.state_dict().items() if name.endswith("body.1.weight"))


def near(by: float) -> Answer:
    """What misses every knob by so much."""
    return lambda asked, random: np.clip(asked.item.point + by * np.sign(0.5 - asked.item.point), 0.0, 1.0)


def plant(monkeypatch: pytest.MonkeyPatch, errors: Mapping[int, float], search: float = 0.3) -> None:
    """How far matchers of each width miss, and search alone."""

    def matcher(asked: Asked, random: np.random.Generator) -> np.ndarray:
        return near(errors[width(asked.arena.matcher)])(asked, random)

    made = {"matcher": Contender(matcher), "search alone, 8": Contender(near(search))}
    monkeypatch.setattr(matcher_contest, "contenders", lambda renders: made)


def aliases(home: Path) -> dict[str, str]:
    found = connect(tracking_of(SweepFolder(home / "x"))).get_registered_model(NAME).aliases
    return {alias: str(version) for alias, version in found.items()}


def test_a_matcher_that_is_nearer_on_recordings_that_nobody_knows_is_promoted_with_its_evidence(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, {16: 0.2, 32: 0.05, 64: 0.02})
    asked = "promote second --top 2 --seeds 2 --settings 4 --renders 8 --json --home"
    assert main([*asked.split(), str(home)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["trial"], told["before"]) == ("promoted", 2, f"{NAME} version 1")
    assert set(told["leads_over_controls"]) == {"doing nothing", "search alone, 8 renders"}
    assert told["lead_over_champion"]["low"] > 0 and told["contenders"]["doing nothing"]["value"] == 0.0
    heard = corpus_of(SweepFolder(home / "second"))
    kept = {recording.name for recording in heard.partition("promotion")}
    assert set(told["recordings"]) == kept
    assert aliases(home) == {CHAMPION: "3", CANDIDATE: "2"}
    page = (pull(tracking_of(SweepFolder(home / "x")).uri, f"{NAME}@champion", home / "pulled") / "card.md").read_text()
    assert f"Promoted: it was better than {NAME} version 1" in page and f"--model {NAME}/3 " in page
    assert "| search alone, 8 renders | +" in page


@pytest.mark.parametrize(
    ("errors", "search", "why"),
    [
        ({16: 0.02, 32: 0.2, 64: 0.2}, 0.3, f"it is worse than {NAME} version 1"),
        ({16: 0.05, 32: 0.05, 64: 0.05}, 0.3, "is not told apart from chance"),
        ({16: 0.3, 32: 0.1, 64: 0.1}, 0.02, "it does not beat the control search alone"),
    ],
)
def test_a_matcher_that_is_no_better_than_champion_or_search_stays_candidate(
    home: Path, monkeypatch: pytest.MonkeyPatch, errors: Mapping[int, float], search: float, why: str
) -> None:
    plant(monkeypatch, errors, search)
    found = promote(home, "second", REQUEST)
    assert found.registered.outcome == "candidate" and found.decision is not None
    assert any(why in reason for reason in found.decision.why_not)
    assert aliases(home)[CHAMPION] == "1"


def test_untrained_matchers_with_their_real_search_are_not_promoted(home: Path) -> None:
    found = promote(home, "second", replace(REQUEST, renders=4))
    assert found.registered.outcome == "candidate" and aliases(home)[CHAMPION] == "1"
    scores = {contest.candidate.name: contest.ours.value for contest in found.contests}
    assert set(scores) == {"trial 1", "trial 2"} and all(score < 1.0 for score in scores.values())


def test_what_matchers_do_not_have_is_refused(home: Path) -> None:
    with pytest.raises(InvalidInput, match="--retrain 2: is not for matchers"):
        promote(home, "second", replace(REQUEST, retrain=2))


def test_a_sweep_with_easier_settings_is_not_compared_with_a_champion_of_all(home: Path) -> None:
    easy = MATCHING | {"effects": MATCHING["effects"] | {"knobs": {"overdrive.drive_db": [30, 40]}}}
    write_ended(home, "easy", {1: 0.1}, **easy)
    with pytest.raises(InvalidInput, match=f"{NAME} version 1: the sweep draws the knobs of overdrive otherwise"):
        promote(home, "easy", REQUEST)
    assert aliases(home)[CHAMPION] == "1"


def test_the_score_is_the_share_of_the_distance_taken_away_and_each_effect_counts_alike(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An effect that a matcher does not know is left alone by it: half of two effects, half of the score."""
    monkeypatch.undo()
    plant(monkeypatch, {16: 0.0})
    effects = {name: load_choice(EffectChoice(name, name, "pedalboard")) for name in ("overdrive", "limiter")}
    corpus = corpus_of(SweepFolder(home / "first"))
    knows = MatcherCandidate(0, None, Path("x"), knowing("overdrive"))  # type: ignore[arg-type]
    both = Ring(corpus, effects, 4, (1, 2), 8)
    ((one,), _), ((half,), other) = (
        hold_matcher_contests(ring, [knows], None) for ring in (replace(both, effects={"overdrive": effects["overdrive"]}), both)
    )
    assert one.ours.value == pytest.approx(1.0) and one.controls[NOTHING].value == 0.0
    assert half.ours.value == pytest.approx(0.5)
    assert (
        hold_matcher_contests(both, [knows], None)[1]
        == other
        != hold_matcher_contests(replace(both, seeds=(3,)), [knows], None)[1]
    )


def knowing(*effects: str) -> Matcher:
    from small_matcher import matcher_config

    from trainables.matching.learner import build_matcher

    return build_matcher(matcher_config(), dict.fromkeys(effects, 2)).eval()
