"""The head of every page, and pages that play: their HTML, style, script and data put into one file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARK = re.compile(r"\{\{(\w+)\}\}")


def page_head(title: str, style: str) -> str:
    """From the doctype to the end of the head: readable by day, by night and on a phone, and nothing is fetched.

    Args:
        title: text, of the window.
        style: CSS.
    """
    return _with(_text("head.html"), {"title": html.escape(title), "style": style})


def filled_page(folder: Path, name: str, title: str, data: Mapping[str, Any], scripts: Sequence[str] = ()) -> str:
    """A page that plays.

    Args:
        folder: of its files: NAME.html with the marks {{head}}, {{data}} and {{script}}; page.css, which may use the
            variables of colours.css; and scripts.
        data: values that JSON has; the title is added.
        scripts: in their order; NAME.js, if none is given.
    """
    files = (f"{name}.html", "page.css", *(scripts or [f"{name}.js"]))
    body, style, *script = ((folder / file).read_text(encoding="utf-8") for file in files)
    head = page_head(title, f"{_text('colours.css')}{style}")
    return _with(body, {"head": head, "data": script_data({"title": title, **data}), "script": "\n".join(script)})


def script_data(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element that it stands in, whatever a recording is called.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _with(text: str, parts: Mapping[str, str]) -> str:
    """Marks in what is put in are left as they are."""
    return MARK.sub(lambda mark: parts[mark[1]], text)


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
