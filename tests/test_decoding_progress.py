"""What is said while a folder is decoded."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from tune.driver.console import SweepConsole
from tune.evaluation import decoding_progress
from tune.evaluation.decoding_progress import decoding_shown


def said(terminal: bool, calls: int) -> str:
    output = StringIO()
    with decoding_shown(SweepConsole(Console(file=output, force_terminal=terminal, width=100))) as progress:
        for ready in range(1, calls + 1):
            progress(ready, 20)
    return output.getvalue()


def test_a_terminal_shows_it_and_is_left_clean() -> None:
    shown = said(terminal=True, calls=20)
    assert "decoding recordings: " in shown and shown.endswith("\x1b[2K")  # the line is erased
    assert said(terminal=True, calls=0) == ""


def test_elsewhere_it_is_said_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(terminal=False, calls=20) == ""
    monkeypatch.setattr(decoding_progress, "QUIET_SECONDS", 0.0)
    assert said(terminal=False, calls=2) == "decoding recordings: 1 of 20\ndecoding recordings: 2 of 20\n"


def test_a_refused_folder_leaves_the_terminal_clean() -> None:
    output = StringIO()
    console = SweepConsole(Console(file=output, force_terminal=True, width=100))
    with pytest.raises(ValueError, match="refused"), decoding_shown(console) as progress:
        progress(1, 20)
        raise ValueError("refused")
    assert output.getvalue().endswith("\x1b[2K")
