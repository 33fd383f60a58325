"""What all pages have in common: one HTML file, readable by day and by night, on a phone and on paper, without a mouse.

It needs no network, and is whole without its script. A page begins with its question and the answer; figures follow,
each with its numbers as a table that opens, for those who read tables or screen readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from trainables.pages.filled import page_head
from tune.pages.colours import variables
from tune.pages.marks import Drawing
from tune.pages.svg import svg

READABLE = 0.78  # of a drawing's width: narrower, its words would be too small, so it is scrolled
STYLE = Path(__file__).with_name("page.css")
IN_A_FRAME = """
if (location.protocol === "blob:") for (const link of document.querySelectorAll("nav a")) link.replaceWith(link.textContent);
"""  # as a tracking server's viewer shows a page, alone: a link to a neighbour would lead nowhere


@dataclass(frozen=True)
class Html:
    """Markup, as opposed to text, which is escaped."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Table:
    """Rows of a table.

    Attributes:
        words: headings of columns that are text; all others are numbers, and stand at the right.
        strong: indices of rows that stand out.
        wraps: whether cells may break into lines.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    words: frozenset[str] = frozenset()
    strong: frozenset[int] = frozenset()
    wraps: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing with what it shows, and its numbers."""

    drawing: Drawing
    caption: str
    numbers: Table | None = None


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading."""

    heading: str
    parts: tuple[object, ...]  # str is a paragraph; Html, Figure, Table, list of str


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        file: its name.
        title: short, for the window and for links.
        question: what it answers, its first line.
        basis: what the answer rests on.
        answer: sentences, each a paragraph.
        first: what follows the answer without a heading of its own.
        script: of a page that plays.
    """

    file: str
    title: str
    question: str
    basis: str
    answer: tuple[str, ...]
    first: tuple[object, ...] = ()
    sections: tuple[Section, ...] = ()
    wide: bool = False
    script: str = ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """In their order."""
        parts = (*self.first, *(part for section in self.sections for part in section.parts))
        return tuple(part for part in parts if isinstance(part, Figure))


def html(page: Page, sweep: str = "", beside: Sequence[tuple[str, str]] = ()) -> str:
    """The whole file.

    Args:
        sweep: the sweep's name.
        beside: the sweep's pages, (file, title) each, in whose place a reader may go on.
    """
    return "\n".join(
        [
            page_head(f"{page.title}{f' · {sweep}' if sweep else ''}", _style()).rstrip(),
            f'<body{" class=wide" if page.wide else ""}>\n<a class="skip" href="#content">to the content</a>',
            _navigation(page, sweep, beside),
            f'<main id="content">\n<h1>{escape(page.question)}</h1>',
            f'<p class="basis">{escape(page.basis)}</p>' if page.basis else "",
            f'<div class="answer">{paragraphs(page.answer)}</div>' if page.answer else "",
            *map(_part, page.first),
            *map(_section, page.sections),
            "</main>",
            f"<script>{IN_A_FRAME if sweep else ''}{page.script}</script>" if sweep or page.script else "",
            "</body>\n</html>\n",
        ]
    )


def paragraphs(sentences: Iterable[str]) -> str:
    """Text, each in a paragraph."""
    return "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences)


def table(shown: Table) -> str:
    """Scrolls by itself where it is wider than the page, also by keyboard."""
    head = "".join(f'<th scope="col"{_side(heading, shown)}>{escape(heading)}</th>' for heading in shown.headings)
    rows = "".join(_row(row, index in shown.strong, shown) for index, row in enumerate(shown.rows))
    kind = " class=wraps" if shown.wraps else ""
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>"
    return f'<div class="scroll" tabindex="0"><table{kind}>\n{inside}</table></div>'


def _style() -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {variables(night=True)} }} }}\n"
    return f":root {{ {variables(night=False)} }}\n{dark}{STYLE.read_text(encoding='utf-8')}"


def _navigation(page: Page, sweep: str, beside: Sequence[tuple[str, str]]) -> str:
    if not sweep:
        return ""
    links = "".join(
        f'<li><strong aria-current="page">{escape(title)}</strong></li>'
        if file == page.file
        else f'<li><a href="{escape(file, quote=True)}">{escape(title)}</a></li>'
        for file, title in beside
    )
    return f'<nav aria-label="pages of this sweep"><span>Sweep <strong>{escape(sweep)}</strong></span><ul>{links}</ul></nav>'


def _section(section: Section) -> str:
    return f"<section>\n<h2>{escape(section.heading)}</h2>\n{''.join(map(_part, section.parts))}</section>"


def _part(part: object) -> str:
    match part:
        case Figure():
            return _figure(part)
        case Table():
            return table(part)
        case Html():
            return str(part)
        case list():
            return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in part)}</ul>"
    return f"<p>{_text(part)}</p>\n"


def _figure(figure: Figure) -> str:
    numbers = f"<details><summary>The figure's numbers</summary>{table(figure.numbers)}</details>" if figure.numbers else ""
    caption = f"<figcaption>{escape(figure.caption)}</figcaption>" if figure.caption else ""
    least = f"--least: {READABLE * figure.drawing.width:.0f}px"
    drawn = f'<div class="drawing" style="{least}">{svg(figure.drawing)}</div>'
    return f'<figure id="{figure.drawing.name}">\n{drawn}\n{caption}{numbers}</figure>\n'


def _row(row: tuple[object, ...], strong: bool, shown: Table) -> str:
    cells = "".join(f"<td{_side(heading, shown)}>{_text(cell)}</td>" for heading, cell in zip(shown.headings, row, strict=True))
    return f"<tr{' class=strong' if strong else ''}>{cells}</tr>\n"


def _side(heading: str, shown: Table) -> str:
    return " class=words" if heading in shown.words else ""


def _text(value: object) -> str:
    return str(value) if isinstance(value, Html) else escape(str(value))
