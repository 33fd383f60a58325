from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from made_up_trials import LONG, estimate, healthy

from trainables.diagnosis.diagnosis import CHECKS, TrialRecord, diagnose
from tune.pages.should_i_worry import QUESTIONS, worry_page

TWO_WORRIES = diagnose(healthy(read_back=None, **estimate("eval/recording_leakage", 0.9), **{"eval/active_dimensions": 1.0}))


def sections(page: str) -> list[str]:
    return re.findall(r'<section class="(\w+)"', page)


def test_every_check_has_its_question() -> None:
    assert set(QUESTIONS) == set(CHECKS)


def test_worries_come_first_then_what_is_not_known() -> None:
    page = worry_page("trial 3", TWO_WORRIES)
    assert sections(page) == ["worry"] * 2 + ["unknown"] + ["fine"] * 7
    assert "Yes: 2 of 10 questions give reason to. 1 of the questions could not be answered." in page


def test_a_healthy_trial_is_told_that_it_is() -> None:
    page = worry_page("trial 3", diagnose(healthy()))
    assert "No: none of 10 questions gives reason to.</p>" in page and "What to do" not in page


def test_each_section_tells_figure_sentence_and_remedy() -> None:
    page = worry_page("trial 3", TWO_WORRIES)
    leak = next(check for check in TWO_WORRIES if check.name == "recording_leakage")
    assert all(text in page for text in (leak.sentence, leak.figure, leak.remedy, leak.name))


def test_a_name_is_text_and_never_markup() -> None:
    odd = replace(LONG, held_out_effects=("<b>x</b>", "y"))
    page = worry_page("<script>alert(1)</script>", diagnose(healthy(config=odd)))
    assert "<script" not in page and "<b>x" not in page and "&lt;b&gt;x" in page


def test_the_page_needs_nothing_but_itself() -> None:
    seen: list[str | None] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            seen.extend(value for name, value in attributes if name in ("src", "href"))

    Links().feed(worry_page("trial 3", diagnose(TrialRecord(LONG, ()))))
    assert seen and not [value for value in seen if not str(value).startswith(("data:", "#"))]
