"""Which code ran: the git commit of the checkout, or the version of the installed package."""

from __future__ import annotations

import os
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

VARIABLE = "FXSWEEP_CODE_VERSION"  # set for jobs on a cluster, whose copy of the code has no .git


def code_version(root: Path | None = None) -> str:
    """E.g. `v0.1.0-3-g1a2b3c4-dirty` in a checkout, `0.1.0` when installed.

    Args:
        root: the folder that holds the package `tune`; only a checkout of exactly that folder counts.
    """
    root = (root or Path(__file__).parents[2]).resolve()
    return os.environ.get(VARIABLE) or _described(root) or _installed()


def _described(root: Path) -> str:
    if _git(root, "rev-parse", "--show-toplevel") != str(root):
        return ""
    return _git(root, "describe", "--always", "--tags", "--dirty")


def _git(root: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _installed() -> str:
    try:
        return version("fxsweep")
    except PackageNotFoundError:
        return "unknown"
