"""Steps of a verb that works for a while, on a terminal and in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tune.told_steps import steps_shown


@pytest.mark.parametrize("terminal", [False, True])
def test_steps_are_shown_as_they_are_named(terminal: bool) -> None:
    shown = io.StringIO()
    with steps_shown(Console(file=shown, force_terminal=terminal, width=60)) as tell:
        tell("reading [music]")
    assert "reading" in shown.getvalue() and "…" in shown.getvalue()
    assert ("[music] …\n" in shown.getvalue()) != terminal


def test_the_answer_is_not_mixed_with_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    with steps_shown() as tell:
        tell("drawing")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "drawing …\n")
