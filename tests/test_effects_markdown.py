from __future__ import annotations

import re
from pathlib import Path

import pytest

from trainables.effects.measured.manifest import read_manifests
from tune.effects.effects_markdown import BEGIN, END, markdown, with_table

README = Path(__file__).parent.parent / "README.md"


def test_the_readmes_table_is_what_the_manifests_say():
    """`make manifests` rewrites it."""
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text
    assert markdown() in text


def test_every_effect_has_a_row_with_every_knob():
    rows = {re.findall(r"`([^`]+)`", line)[0]: line for line in markdown().splitlines()[2:]}
    for backend in ("mda", "pedalboard"):
        for name, manifest in read_manifests(backend).items():
            assert all(f"`{p.name}`" in rows[f"{backend}:{name}"] for p in manifest.parameters)


def test_what_only_stereo_lets_hear_is_told():
    assert re.search(r"`lo_width` never \(stereo [\d.]+\)", markdown())


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        with_table(f"{END} no table {BEGIN}")
