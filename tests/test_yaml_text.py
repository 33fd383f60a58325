"""YAML to values and lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tune.errors import InvalidInput
from tune.sweep_file.yaml_text import document_text, read_document, read_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-7", 1e-7),
        ("1.0e-7", 1e-7),
        ("-3E2", -300.0),
        (".5", 0.5),
        ("10.", 10.0),
        ("010", 10),
        ("1_000", 1000),
        ("+4", 4),
        ("1:30", "1:30"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("", None),
        ("~", None),
        ("'12'", "12"),
        ("-leslie-combo", "-leslie-combo"),
        ("2026-01-02", "2026-01-02"),
        ("[1, 2.5, a]", [1, 2.5, "a"]),
        ("{log: [1e-3, 3]}", {"log": [1e-3, 3]}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    read = read_value(text)
    assert read == value
    assert type(read) is type(value)


def test_every_key_and_item_has_its_line() -> None:
    document = read_document("name: x\n\ntrain:\n  workers: 1\nmodel:\n  widths:\n    - 8\n    - 16\n", "a.yaml")
    lines = document.origin.lines
    assert lines[("name",)] == 1
    assert lines[("train", "workers")] == 4
    assert lines[("model", "widths", 1)] == 8


def _refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_document(text, "a.yaml")
    return str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert _refusal(text) == "a.yaml: nothing: A sweep file must not be empty. Begin with `name: my-sweep`."


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "12\n"])
def test_anything_but_a_mapping_is_refused(text: str) -> None:
    assert "must be a mapping" in _refusal(text)


def test_a_key_given_twice_is_refused_with_both_lines() -> None:
    message = _refusal("seed: 1\ntrain:\n  workers: 1\n  threads: 1\n  workers: 2\n")
    assert message.startswith("a.yaml, line 3: train.workers = given twice: ")
    assert "on line 3 and on line 5" in message
    assert message.endswith("Remove one of the two.")


@pytest.mark.parametrize("text", ["name: [a\nb: 1\n", "name: a\n bad: 1\n", "a: 'open\n", "a: b: c\n", "\tname: a\n"])
def test_what_is_no_yaml_is_refused_with_its_line(text: str) -> None:
    assert "a.yaml, line " in _refusal(text)


ALIASES, TAGS = ["a: &x 1\nb: *x\n", "a: &x [*x]\n"], ["a: !!python/name:os.system ''\n", "a: !secret 1\n"]


@pytest.mark.parametrize("text", [*ALIASES, *TAGS, "? [1, 2]\n: 3\n"])
def test_aliases_tags_and_keys_that_are_no_words_are_refused(text: str) -> None:
    assert "not allowed" in _refusal(text) or "must be a word" in _refusal(text)


@pytest.mark.parametrize("text", ["[" * 1000, "a: " + "9" * 6000, "a: \x00", "a: 1\n---\nb: 2\n"])
def test_hostile_text_ends_in_a_refusal_or_a_value(text: str) -> None:
    try:
        document = read_document(text, "a.yaml")
    except InvalidInput:
        return
    assert document.values == {"a": float("inf")}


_numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False)
_plain = st.none() | st.booleans() | _numbers | st.text("abcdefno01eE.+-_:~ ", max_size=8)


@given(st.dictionaries(st.text("abc1e", min_size=1, max_size=5), _plain | st.lists(_plain, max_size=3), max_size=4).filter(bool))
def test_written_values_are_read_back_as_they_were(values: dict[str, object]) -> None:
    assert read_document(document_text(values), "a.yaml").values == values
