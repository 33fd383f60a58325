"""The files of pages/ with values put into them: one HTML file that needs no network and no server."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent / "pages"
MARK = re.compile(r"\{\{(\w+)\}\}")


def filled_page(name: str, title: str, data: Mapping[str, Any]) -> str:
    """The page of that name, with its script, the style and the head of all pages, and its data as JSON."""
    parts = {
        "title": html.escape(title),
        "style": _text("page.css"),
        "data": _as_script_data({"title": title, **data}),
        "script": _text(f"{name}.js"),
    }
    page = _text(f"{name}.html").replace("{{head}}\n", _text("head.html"))
    return MARK.sub(lambda mark: parts[mark[1]], page)


def _as_script_data(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _text(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")
