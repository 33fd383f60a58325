"""Settings' types in words."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Interval, Len

from tune.sweep_file.fields import default_of, describe, locate
from tune.sweep_file.problems import KeyPath
from tune.sweep_file.spec import Sweep


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "a whole number"),
        (float | None, "a number"),
        (str, "text"),
        (Annotated[int, Interval(ge=1, le=9)], "a whole number from 1 to 9"),
        (Annotated[float, Interval(gt=0.0, lt=0.5)], "a number above 0 and below 0.5"),
        (Annotated[float, Gt(0.0)] | None, "a number above 0"),
        (Annotated[float, Ge(0.0)], "a number of at least 0"),
        (Literal["a", "b"], "one of a, b"),
        (Annotated[tuple[Annotated[int, Ge(8)], ...], Len(1, 6)], "a list of 1 to 6 whole numbers of at least 8"),
        (Annotated[str, "a colour"], "a colour"),
    ],
)
def test_a_type_is_described_with_its_range(annotation: object, words: str) -> None:
    assert describe(annotation) == words


@pytest.mark.parametrize(
    ("path", "words"),
    [(("train", "max_epochs"), "from 1 to 100000"), (("model", "widths", 2), "from 8 to 512"), (("budget", "hours"), "above 0")],
)
def test_a_path_leads_to_its_fields_type(path: KeyPath, words: str) -> None:
    assert words in describe(locate(Sweep, path))


def test_a_path_that_leads_nowhere_has_no_type() -> None:
    assert locate(Sweep, ("train", "nothing")) is None
    assert locate(Sweep, ("train", "workers", "deeper")) is None


def test_the_default_of_a_field_is_told_where_it_is_plain() -> None:
    assert default_of(Sweep, ("train", "workers")) == 1
    assert default_of(Sweep, ("sampler", "type")) == "tpe"
    assert default_of(Sweep, ("budget", "hours")) is None
    assert default_of(Sweep, ("train",)) is None
