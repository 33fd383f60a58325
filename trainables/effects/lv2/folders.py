"""Where LV2 plugins are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

USUAL_FOLDERS = ("~/.lv2", "/usr/local/lib/lv2", "/usr/lib/lv2", "/usr/lib64/lv2", "/usr/lib/x86_64-linux-gnu/lv2")


def search_path() -> str:
    """The folders in LV2_PATH where that is set, else those where distributions put plugins."""
    return os.environ.get("LV2_PATH") or os.pathsep.join(USUAL_FOLDERS)


def folders() -> Iterator[Path]:
    """Those of them that exist, in their order."""
    named = (Path(folder).expanduser() for folder in search_path().split(os.pathsep) if folder)
    return (folder for folder in named if folder.is_dir())
