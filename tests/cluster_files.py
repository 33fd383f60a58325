"""cluster.yaml, and what the README changes in it for other machines than AWS's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```yml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def project_cluster() -> dict[str, Any]:
    """cluster.yaml as it is, read anew."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "cluster.yaml").read_text(encoding="utf-8"))
    return loaded


def _changes() -> dict[str, dict[str, Any]]:
    """The README's blocks by their provider."""
    blocks = [yaml.safe_load(block) for block in BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))]
    return {block["provider"]["type"]: block for block in blocks}


README_VARIANTS = tuple(_changes())


def variant(provider: str) -> dict[str, Any]:
    """cluster.yaml with the keys that the README's block for this provider puts in their place."""
    return project_cluster() | _changes()[provider]
