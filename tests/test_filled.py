"""The head of all pages, and how a page's files become one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainables.pages.filled import filled_page, page_head, script_data
from tune.pages.shell import Page, html


def files(folder: Path, **contents: str) -> Path:
    for name, text in contents.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_a_page_has_its_head_style_scripts_in_their_order_and_data(tmp_path: Path) -> None:
    body = "{{head}}<body>{{data}}|{{script}}</body>"
    folder = files(tmp_path, page_html=body, page_css="p { color: red; }", a_js="first();", b_js="second();")
    page = filled_page(folder, "page", "Drums & bass", {"n": 1}, ("a.js", "b.js"))
    head, _, rest = page.partition("<body>")
    assert head.startswith("<!doctype html>") and "<title>Drums &amp; bass</title>" in head
    assert "p { color: red; }" in head and "prefers-color-scheme: dark" in head
    told, _, script = rest.removesuffix("</body>").partition("|")
    assert json.loads(told) == {"title": "Drums & bass", "n": 1} and script == "first();\nsecond();"


def test_a_page_without_a_list_of_scripts_has_the_one_of_its_name(tmp_path: Path) -> None:
    folder = files(tmp_path, one_html="{{script}}", page_css="", one_js="run();")
    assert filled_page(folder, "one", "t", {}) == "run();"


def test_what_is_put_in_is_not_filled_again_and_cannot_end_its_element(tmp_path: Path) -> None:
    folder = files(tmp_path, one_html="{{head}}{{data}}", page_css="", one_js="")
    page = filled_page(folder, "one", "{{script}}", {"name": "</script>{{head}}"})
    assert "<title>{{script}}</title>" in page and page.count("<!doctype") == 1 and "</script>" not in page
    assert json.loads(script_data({"name": "</script>&"})) == {"name": "</script>&"}


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_data({"x": float("nan")})


def test_pages_of_figures_have_the_same_head() -> None:
    page = html(Page("a.html", "Title", "Question?", "", ()), "sweep")
    before_style, _, _ = page_head("Title · sweep", "").partition("<style>")
    assert page.startswith(before_style) and "default-src 'none'" in before_style
