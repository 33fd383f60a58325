"""What the Markdown files say is true of the code: links, commands, sweep files, exit codes, Python."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from tune import errors
from tune.cli import VERBS, build_parser
from tune.errors import FxsweepError, InvalidInput
from tune.sweep_file.presets import preset_names
from tune.sweep_file.spec import load_sweep

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), ROOT / "mlflow" / "README.md")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    language: str
    text: str


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for language, text in FENCED.findall(page.read_text(encoding="utf-8")):
            yield Block(page, language, text)


def commands(program: str) -> list[list[str]]:
    """The words of every command line in a block that calls this program."""
    lines = [line for block in blocks() if block.language in ("", "sh") for line in block.text.replace("\\\n", " ").splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line for line in words if line and line[0] == program]


def exit_codes() -> dict[str, str]:
    """What the README's table says, by code."""
    _, _, section = README.read_text(encoding="utf-8").partition("## Exit codes")
    return dict(re.findall(r"^\| (\d+) \| ([^|]+) \|$", section, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_and_pictures_are_there(page: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_pictures_are_small() -> None:
    pictures = [ROOT / target for target in LINK.findall(README.read_text(encoding="utf-8")) if target.endswith(".png")]
    assert pictures
    assert [name(picture) for picture in pictures if picture.stat().st_size >= 300_000] == []


def test_the_readme_has_a_command_line_for_every_verb() -> None:
    assert set(VERBS) - {words[1] for words in commands("fxsweep")} == set()


@pytest.mark.parametrize("words", commands("fxsweep"), ids=" ".join)
def test_a_command_line_is_understood(words: list[str]) -> None:
    assert build_parser().parse_args(words[1:]).verb in VERBS


def test_a_command_line_that_is_not_understood_is_noticed() -> None:
    with pytest.raises(InvalidInput):
        build_parser().parse_args(["run", "quickstart", "--no-such-option"])


def test_verbs_in_running_text_exist() -> None:
    spans = [span for page in PAGES for span in INLINE.findall(page.read_text(encoding="utf-8"))]
    verbs = {span.split()[1] for span in spans if re.match(r"fxsweep [a-z]", span)}
    assert {"run", "status"} <= verbs <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_of_a_verbs_help_is_understood(verb: str) -> None:
    program, *words = shlex.split(import_module(f"tune.verbs.{verb}").EXAMPLE)
    assert (program, build_parser().parse_args(words).verb) == ("fxsweep", verb)


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for words in commands("make") for word in words[1:] if "=" not in word}
    spans = {
        span.split()[1] for page in PAGES for span in INLINE.findall(page.read_text(encoding="utf-8")) if span[:5] == "make "
    }
    assert {"sweep", "test"} <= named | spans <= targets


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "yaml"], ids=lambda block: name(block.page))
def test_a_sweep_file_loads(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(block.text, encoding="utf-8")
    assert load_sweep(file).search


def test_the_readme_shows_a_sweep_file_and_names_every_preset() -> None:
    text = README.read_text(encoding="utf-8")
    assert [block for block in blocks() if block.page == README and block.language == "yaml"]
    assert [preset for preset in preset_names() if f"`{preset}`" not in text] == []


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "python"], ids=lambda block: name(block.page))
def test_python_compiles(block: Block) -> None:
    compile(block.text, name(block.page), "exec")


def test_exit_codes_are_those_of_the_errors() -> None:
    raised = {cls.exit_code for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, FxsweepError)}
    assert {int(code) for code in exit_codes()} == {0} | raised


def test_exit_codes_mean_what_the_help_says() -> None:
    told = re.findall(r"(\d) ([^,.]+)", str(build_parser().epilog))
    assert len(told) == 7
    assert {code: meaning for code, meaning in told if not exit_codes()[code].startswith(meaning)} == {}
