"""What a node is asked before a sweep runs on its cluster. Imports nothing: a node's process starts for it."""

from __future__ import annotations

from pathlib import Path


def look(folder: str, nonce: str, name: str) -> str:
    """On a node: whether the head's nonce is there and a file can be written beside it; "" or why not."""
    try:
        if (Path(folder) / "nonce").read_text(encoding="utf-8") != nonce:
            return "it has another folder of that name"
        (Path(folder) / name).write_text(nonce, encoding="utf-8")
    except FileNotFoundError:
        return "what the head wrote there is not to be seen"
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
