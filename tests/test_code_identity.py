"""An effect's code, as its identity sees it: what it runs counts, how that is worded does not."""

import ast
from functools import lru_cache, partial

import pedalboard as pb
import pytest

from trainables.effects.native.code_identity import code_of
from trainables.effects.native.nine import load
from trainables.effects.native.processors import load as load_processors

PREAMBLE = "FACTOR = 2.0\n\n\ndef inner(x):\n    return FACTOR * x\n\n\n"
BASE = "def outer(x):\n    return inner(x) + 1\n"


@pytest.fixture
def written(tmp_path):
    """Makes `outer` from source text, as a function of this package."""

    def write(text):
        written.count += 1
        path = tmp_path / f"builders_{written.count}.py"
        path.write_text(text)
        scope = {"__name__": "trainables.effects.builders"}
        exec(compile(text, str(path), "exec"), scope)
        return scope["outer"]

    written.count = 0
    return write


def test_a_functions_code_holds_what_it_uses_however_deep(written):
    assert code_of(written(PREAMBLE + BASE)).splitlines() == [
        *ast.unparse(ast.parse(BASE)).splitlines(),
        *ast.unparse(ast.parse("def inner(x):\n    return FACTOR * x")).splitlines(),
        "FACTOR = 2.0",
    ]


@pytest.mark.parametrize(
    "change",
    [
        ("inner(x) + 1", "inner(x) + 2"),
        ("FACTOR * x", "FACTOR - x"),
        ("FACTOR = 2.0", "FACTOR = 3.0"),
    ],
)
def test_a_change_of_what_runs_changes_the_code(written, change):
    assert code_of(written((PREAMBLE + BASE).replace(*change))) != code_of(written(PREAMBLE + BASE))


@pytest.mark.parametrize(
    "change",
    [
        ("inner(x) + 1", "(inner(x)\n            + 1)  # more"),
        ("def inner(x):\n", 'def inner(x):\n    """Twice."""\n'),
        ("def outer", "def other(x):\n    return x\n\n\ndef outer"),
    ],
)
def test_wording_and_what_is_not_used_do_not(written, change):
    assert code_of(written((PREAMBLE + BASE).replace(*change))) == code_of(written(PREAMBLE + BASE))


def test_the_code_of_a_function_that_remembers_is_its_own(written):
    outer = written("from functools import lru_cache\n\n\n" + PREAMBLE + "@lru_cache\n" + BASE)
    assert isinstance(outer, type(lru_cache(len)))
    assert code_of(outer) == code_of(written(PREAMBLE + BASE))


def test_what_a_partial_is_given_counts(written):
    outer = written(PREAMBLE + BASE)
    given = [partial(outer, pb.Gain), partial(outer, pb.Clipping), partial(outer, x=1.0), partial(outer, x=2.0), outer]
    assert len(set(map(code_of, given))) == len(given)
    assert code_of(partial(outer, pb.Gain)) == code_of(partial(outer, pb.Gain))


def test_one_effects_builder_is_not_in_anothers_code():
    builders = {name: effect.process.args[0] for name, effect in load().items()}
    assert "cabinet" in code_of(builders["combo"]) and "HIGHEST_CUTOFF" in code_of(builders["combo"])
    others = "".join(code_of(build) for name, build in builders.items() if name != "combo")
    assert "LADDER_MODES" in code_of(load_processors()["ladder"].process.args[0])
    assert "cabinet" not in others and "_combo" not in others
