"""Trials that fail by the code's own fault before they have learned anything: after some in a row, the sweep is ended."""

from __future__ import annotations

from trainables.training.causes import Cause

MOST_IN_A_ROW = 3


class Setbacks:
    """Counts the failures at the first epoch since a trial last got beyond it."""

    def __init__(self) -> None:
        self.tracebacks: list[str] = []

    def got_on(self) -> None:
        """A trial has reported an epoch."""
        self.tracebacks = []

    def failed(self, cause: Cause, epochs: int, traceback_text: str) -> None:
        """A trial has failed after so many epochs."""
        if cause == "bug" and epochs == 0:
            self.tracebacks.append(traceback_text)

    def hopeless(self) -> str:
        """Why there is no use in going on, with the last traceback; "" while there is."""
        if len(self.tracebacks) < MOST_IN_A_ROW:
            return ""
        return f"{MOST_IN_A_ROW} trials in a row failed at their first epoch:\n{self.tracebacks[-1].rstrip()}"
