"""Lines on the terminal, whether a test passes or not: pytest keeps to itself what a fixture prints."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def say(config: pytest.Config, lines: Iterable[str]) -> None:
    """Prints them."""
    terminal = config.pluginmanager.getplugin("terminalreporter")
    capture = config.pluginmanager.getplugin("capturemanager")
    if terminal and capture:
        with capture.global_and_fixture_disabled():
            for line in lines:
                terminal.write_line(line)
