"""Opening a page in the reader's browser, where there is one to open it in."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path


def open_page(path: Path) -> bool:
    """Whether it was opened: not on a machine without a screen, and not where a program reads what is printed."""
    has_screen = sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return has_screen and sys.stdout.isatty() and webbrowser.open(path.resolve().as_uri())
