"""What a sweep over effect splits tells, where it is known what it should."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from planned_status import sweep, trial
from planted_splits import UNHEARD, ended, planted_sweep

from trainables.effects.names import EFFECT_NAMES
from tune.analysis.split_answer import answer, basis, short_answer
from tune.analysis.split_statistics import interval
from tune.analysis.split_study import MARGIN, EffectFinding, SplitStudy, split_study
from tune.ledger.status import SweepStatus


def study_of(status: SweepStatus) -> SplitStudy:
    study = split_study(status)
    assert study is not None
    return study


def finding(study: SplitStudy, effect: str) -> EffectFinding:
    return next(found for found in study.findings if found.effect == effect)


def test_an_effect_that_must_be_heard_is_named_and_those_that_need_not_are() -> None:
    study = study_of(planted_sweep(40, adds={"leslie": 0.4}))
    assert [found.effect for found in study.named("must")] == ["leslie"] == [study.findings[0].effect]
    assert {found.effect for found in study.named("need not")} == set(EFFECT_NAMES) - {"leslie"}
    said = answer(study)
    assert said[0].startswith("Must be heard in training: leslie. ") and "leslie" not in said[1]
    assert said[1].startswith("Understood without being heard: ") and "combo" in said[1]
    assert short_answer(study).startswith("must be heard: leslie; understood unheard: ")


def test_recalls_and_their_difference_are_those_that_were_planted() -> None:
    found = finding(study_of(planted_sweep(40, adds={"leslie": 0.4})), "leslie")
    assert found.unheard.recall is not None and found.heard.recall is not None and found.difference is not None
    assert found.unheard.recall.value == pytest.approx(UNHEARD, abs=0.03)
    assert found.heard.recall.value == pytest.approx(UNHEARD + 0.4, abs=0.03)
    assert found.difference.low < 0.4 < found.difference.high
    assert found.unheard.trials + found.heard.trials == 40 and found.untrained == pytest.approx(0.4)
    assert found.chance == pytest.approx(0.1)


def test_the_latent_size_does_not_blur_what_hearing_does() -> None:
    plain = finding(study_of(planted_sweep(30, adds={"leslie": 0.2})), "leslie").difference
    spread = finding(study_of(planted_sweep(30, adds={"leslie": 0.2}, by_size=0.1)), "leslie").difference
    assert plain is not None and spread is not None
    assert (spread.value, spread.low, spread.high) == pytest.approx((plain.value, plain.low, plain.high), abs=1e-6)


def test_an_effect_whose_hearing_helps_with_others_is_named_and_no_other() -> None:
    study = study_of(planted_sweep(60, helps={"delay": 0.15}, by_size=0.05))
    gain = finding(study, "delay").for_others
    assert gain is not None and gain.low < 0.15 < gain.high and gain.low > 0
    helped = answer(study)[-1]
    assert helped.startswith("Hearing helps with other effects never heard: delay +")
    assert "No effect was found" in answer(study_of(planted_sweep(60, noise=0.0)))[-1]


def test_alike_heard_and_unheard_is_not_understood_where_both_are_guesses() -> None:
    study = study_of(planted_sweep(40, base=0.08, noise=0.01))
    assert study.named("need not") == () and len(study.named("hard")) == 9
    assert answer(study)[1].startswith("Hard whether heard or not: ")


def test_with_few_trials_one_cannot_tell_and_is_told_how_many_it_would_take() -> None:
    study = study_of(planted_sweep(4, adds={"leslie": 0.4}))
    assert len(study.named("cannot tell")) == 9
    said = " ".join(answer(study))
    assert "For no effect is it certain yet" in said and "One cannot tell yet about" in said and "fewer than 3 trials" in said
    assert all(found.trials_needed is None or found.trials_needed > 4 for found in study.findings)
    assert short_answer(study) == "must be heard: none for certain; cannot tell yet: 9 of 9"


def test_the_number_of_trials_that_it_is_said_to_take_is_about_enough() -> None:
    blurred = finding(study_of(planted_sweep(12, adds={"leslie": 0.4}, noise=0.2)), "leslie")
    assert blurred.verdict == "cannot tell" and blurred.trials_needed is not None and 12 < blurred.trials_needed < 100
    assert finding(study_of(planted_sweep(2 * blurred.trials_needed, {"leslie": 0.4}, noise=0.2)), "leslie").verdict == "must"


def test_a_difference_of_just_the_margin_would_take_too_many_trials() -> None:
    study = study_of(planted_sweep(12, adds={"leslie": MARGIN}, noise=0.1))
    near = finding(study, "leslie")
    assert near.difference is not None
    at_margin = replace(near, difference=replace(near.difference, value=MARGIN))
    assert at_margin.trials_needed is None
    assert "More than 300 would be needed for leslie" in " ".join(answer(replace(study, findings=(at_margin,))))


def test_below_two_trials_on_a_side_there_is_no_difference() -> None:
    recalls = dict.fromkeys(EFFECT_NAMES, 0.5)
    study = study_of(sweep(*(ended(n, "-leslie" if n else "-combo", recalls) for n in range(4))))
    leslie, combo, delay = (finding(study, effect) for effect in ("leslie", "combo", "delay"))
    assert (leslie.unheard.trials, leslie.heard.trials) == (3, 1) and leslie.difference is None
    assert combo.difference is None and leslie.heard.recall is not None and math.isnan(leslie.heard.recall.low)
    assert delay.unheard.trials == 0 and delay.unheard.recall is None and delay.for_others is None


def test_constant_recalls_are_no_difference_and_no_error() -> None:
    study = study_of(planted_sweep(20, noise=0.0))
    assert all(found.difference is not None and found.difference.high == pytest.approx(0) for found in study.findings)
    assert len(study.named("need not")) == 9


def test_missing_and_nan_recalls_count_for_nobody() -> None:
    whole = planted_sweep(30, adds={"leslie": 0.4})
    name = "eval/probe_recall/leslie"
    first, second, *rest = whole.trials
    without = {metric: value for metric, value in first.metrics.items() if metric != name}
    broken = (replace(first, metrics=without), replace(second, metrics={**second.metrics, name: math.nan}), *rest)
    found = finding(study_of(replace(whole, trials=broken)), "leslie")
    assert found.unheard.trials + found.heard.trials == 28 and found.verdict == "must"


@pytest.mark.parametrize("trials", [2, 3, 5])
def test_no_interval_reaches_beyond_what_is_possible(trials: int) -> None:
    for found in study_of(planted_sweep(trials, noise=0.3)).findings:
        for change in filter(None, (found.difference, found.for_others)):
            assert -1 <= change.low <= change.value <= change.high <= 1
        for side in filter(None, (found.unheard.recall, found.heard.recall)):
            assert math.isnan(side.low) or 0 <= side.low <= side.value <= side.high <= 1


def test_only_trials_that_ended_with_recalls_count() -> None:
    whole = planted_sweep(12)
    more = [replace(whole.trials[0], number=50, state="failed"), replace(whole.trials[0], number=51, state="running")]
    study = study_of(replace(whole, trials=(*whole.trials, *more, trial(52))))
    assert (study.trials, study.pruned) == (12, 3)
    assert basis(study).startswith("From 12 trials, 3 of them pruned, with ")


def test_trials_of_one_split_answer_nothing() -> None:
    whole = planted_sweep(12)
    same = tuple(replace(t, params={**t.params, "effect_split": "-leslie-combo-loudness"}) for t in whole.trials)
    assert split_study(replace(whole, trials=same)) is None
    assert split_study(sweep()) is None


def test_an_interval_over_few_trials_is_wider_than_the_bootstrap_alone() -> None:
    drawn = np.concatenate([[0.5], np.random.default_rng(0).normal(0.5, 0.1, 500)])
    low, high = np.quantile(drawn[1:], (0.025, 0.975))
    few, many = interval(drawn, 3), interval(drawn, 500)
    assert few.low < low - 0.2 and few.high > high + 0.2
    assert (many.low, many.high) == pytest.approx((low, high), abs=0.01)
