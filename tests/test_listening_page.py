"""The pages that are listened to: self-contained, safe against names, and equally loud."""

from __future__ import annotations

import json
import re

import numpy as np

from trainables.matching.listening_page import MatchPage, Question, listening_test_html, match_page_html

RATE = 16_000
SOUNDS = {
    name: np.random.default_rng(seed).normal(0.0, level, (1, RATE)).astype(np.float32)
    for seed, (name, level) in enumerate([("reference", 0.1), ("result", 0.2), ("input", 0.05)])
}


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_a_match_page_has_every_sound_with_its_picture_and_loads_nothing_else() -> None:
    page = match_page_html(MatchPage("a </script> b", "told", SOUNDS, RATE, {"drive": "0.7"}))
    data = data_of(page)
    assert data["title"] == "a </script> b" and page.count("</script>") == 2 and "http" not in page.replace("http-equiv", "")
    sounds = list(data["sounds"])  # type: ignore[call-overload]
    assert [sound["name"] for sound in sounds] == ["reference", "result", "input"]
    assert all(sound["sound"].startswith("data:audio/mpeg;base64,") for sound in sounds)
    assert all(sound["picture"].startswith("data:image/png;base64,") for sound in sounds)


def test_a_listening_test_hides_names_from_the_page_and_keeps_them_for_the_export() -> None:
    conditions = {"hidden reference": SOUNDS["reference"], "matcher": SOUNDS["result"], "nothing done": SOUNDS["input"]}
    page = listening_test_html("How like?", [Question("paired/overdrive/0", SOUNDS["reference"], conditions)], RATE)
    (question,) = data_of(page)["questions"]  # type: ignore[misc]
    assert [condition["name"] for condition in question["conditions"]] == list(conditions)
    assert question["reference"] == question["conditions"][0]["sound"]
    assert "shuffled" in page and "ratings-" in page
