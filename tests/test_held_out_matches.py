"""The page of a matcher's sweep that is listened to: which matches are on it, and what is told of each."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
from browser import chromium
from small_matcher import EFFECTS, effects, matcher_config, source, trained

from trainables.matching.held_out_matches import RENDERS, held_out_matches
from trainables.matching.matcher_file import kept_weights, matcher_of
from trainables.matching.matches_page import HeardMatch, matches_html
from trainables.matching.trial_schedule import scoring_requests

RATE = 16_000


@cache
def found() -> tuple[HeardMatch, ...]:
    parameters = {name: effects()[name].parameters for name in EFFECTS}
    matcher = matcher_of(matcher_config(), parameters, kept_weights(trained()[-1].state()))
    return held_out_matches(matcher, matcher_config(), effects(), source())


def test_both_modes_and_every_effect_are_heard_on_the_takes_that_trials_are_scored_on() -> None:
    matches = found()
    assert {tuple(match.name.partition(":")[0].split(", ")) for match in matches} == {
        (effect, mode) for effect in EFFECTS for mode in ("paired", "blind")
    }
    blocks = {name: source().blocks(requests)[0] for name, requests in scoring_requests(matcher_config()).items()}
    first = matches[0]
    np.testing.assert_array_equal(first.sounds["input"], blocks["overdrive"].dry[0])
    np.testing.assert_array_equal(first.sounds["right"], blocks["overdrive"].wet[0])
    np.testing.assert_array_equal(first.sounds["reference"], blocks["overdrive"].wet[1])


def test_what_was_done_is_told_and_a_paired_search_comes_near_what_is_right() -> None:
    for match in found():
        nothing = np.array_equal(match.sounds["result"], match.sounds["input"])
        assert ("It did nothing" in match.told) == nothing
        assert [knob for knob, _, _ in match.knobs] == [p.name for p in _free(match)]
        assert all((ours == "left alone") == nothing for _, ours, _ in match.knobs)
    near = re.search(r"has ([0-9.]+) of the input's distance .* after (\d+) renders", found()[0].told)
    assert near is not None and float(near[1]) < 0.5 and int(near[2]) == RENDERS


def _free(match: HeardMatch) -> list[object]:
    return [p for p in effects()[match.name.partition(",")[0]].parameters if not p.frozen]


def test_the_page_holds_every_sound_and_its_picture_and_no_name_can_end_its_script() -> None:
    odd = HeardMatch("</script><b>", "told & heard", found()[0].sounds, (("drive", "1", "2"),))
    page = matches_html("a <sweep>", "of recordings", [*found(), odd], RATE)
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert text is not None and page.count("</script>") == 2 and "{{" not in page
    data = json.loads(text[1])
    assert data["matches"][-1]["name"] == "</script><b>" and len(data["matches"]) == len(found()) + 1
    sounds = [sound for match in data["matches"] for sound in match["sounds"]]
    assert all(sound["sound"].startswith("data:audio/mpeg") and sound["picture"].startswith("data:image/png") for sound in sounds)


def test_in_a_browser_every_match_is_there_and_a_click_plays_its_sound(tmp_path: Path) -> None:
    path = tmp_path / "matches.html"
    path.write_text(matches_html("heard", "of recordings", found(), RATE), encoding="utf-8")
    with chromium(tmp_path / "profile") as page:
        page.open(path)
        assert page.value("document.querySelectorAll('section').length") == len(found())
        assert page.value("document.querySelectorAll('section button').length") == 4 * len(found())
        page.value("document.querySelector('section button').click()")
        page.until("document.getElementById('player').currentTime > 0")
        assert page.value("document.getElementById('player').src.slice(0, 15)") == "data:audio/mpeg"
        assert page.value("Array.from(document.images).every(image => image.complete && image.naturalWidth > 0)")
        assert page.value("document.querySelector('table tr:nth-child(2) td').textContent") == found()[0].knobs[0][0]
        assert not page.troubles
