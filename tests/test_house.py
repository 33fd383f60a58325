"""The rules of the house that no linter knows: sizes, names, traps of the layout, and what must stay out."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

ROOT = Path(__file__).parent.parent
NOT_OURS = {"__pycache__", "runs", "build", "dist"}
MOST_LINES_OF_A_FILE = 250
MOST_LINES_OF_A_FUNCTION = 60
THIS_MACHINE = re.compile(r"(?<![\w.~$}-])/(?:work|root|home|Users)\b")
EVERY_ADDRESS = re.compile(r"(?<![\d.])0\.0\.0\.0|\[::\]:")

# Which of our modules may import what; `trainables/effects/` stands for all below it.
FENCES = {
    "mlflow": (
        *("tune/tracking/runs.py", "tune/tracking/datasets.py"),
        *("tune/models/registry.py", "tune/models/saved_embedder.py", "tune/models/aliases.py"),
        "tune/models/title_lock.py",
    ),
    "optuna": ("tune/search/", "tune/ledger/study", "tune/ledger/sweep_study.py", "tune/analysis/importance.py"),
    "pedalboard": ("trainables/effects/", "trainables/corpus/recordings.py", "trainables/corpus/corpus.py"),
    "torch": ("trainables/",),
    "tune": ("tune/",),
}
WITHOUT_TORCH = (
    *("configs.py", "parameters.py", "corpus/", "timbre/", "effects/", "training/mailbox.py"),
    *(
        f"rendering/{module}"
        for module in ("takes.py", "schedule.py", "rendering.py", "replacement.py", "probes.py", "catalogue.py", "source.py")
    ),
)
QUICK = ("tune/cli.py", "tune/errors.py", "tune/verbs/", "trainables/errors.py")  # what `fxsweep --help` loads

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in (".ci", ".gitignore")
        if hidden or path.name in NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


FILES = tuple(_files(ROOT))
TEXTS = tuple(path for path in FILES if path.suffix not in (".png", ".wav"))
MODULES = tuple(path for path in FILES if path.suffix == ".py")
SOURCES = tuple(path for path in MODULES if path.relative_to(ROOT).parts[0] in ("tune", "trainables"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From `def` to its end, without the docstring."""
    lines = int(function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        lines -= int(docstring.end_lineno or 0) - docstring.lineno + 1
    return lines


def requirement_name(requirement: str) -> str:
    """`ray[default]>=2` -> `ray`, as pip writes it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def unsafe_loads(tree: ast.AST) -> list[int]:
    """Lines of `torch.load` without `weights_only=True`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load"]
    return [call.lineno for call in calls if "weights_only=True" not in map(ast.unparse, call.keywords)]


def imported(path: Path, at_import_only: bool = False) -> set[str]:
    """Top-level names of the packages that a module imports: anywhere in it, or only when it is imported itself."""
    tree = ast.parse(text(path))
    nodes = tree.body if at_import_only else list(ast.walk(tree))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return {module.partition(".")[0] for module in (*plain, *froms)}


def imports_rays_tune(tree: ast.AST) -> bool:
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "ray"]
    return any(alias.name == "tune" for node in imports for alias in node.names)


def test_the_walk_finds_the_project() -> None:
    assert {"tune/cli.py", "trainables/training/fit.py", "tests/test_house.py"} < {name(path) for path in MODULES}
    assert {"README.md", "Makefile", "cluster.yaml", "mlflow/README.md", ".ci/run"} < {name(path) for path in TEXTS}


def test_the_folder_mlflow_is_no_package_and_hides_none() -> None:
    assert [path for path in FILES if path.is_relative_to(ROOT / "mlflow") and path.suffix == ".py"] == []
    assert mlflow.__file__ is not None
    assert not Path(mlflow.__file__).is_relative_to(ROOT / "mlflow")


def test_the_folder_of_tests_holds_no_folder_that_hides_a_package() -> None:
    assert [
        path.name for path in (ROOT / "tests").iterdir() if path.name in ("tune", "trainables", "mlflow", "__init__.py")
    ] == []


def test_source_files_are_short() -> None:
    lines = {name(path): len(text(path).splitlines()) for path in SOURCES}
    assert {file: count for file, count in lines.items() if count > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_short() -> None:
    lines = {
        f"{name(path)}:{node.name}": function_lines(node)
        for path in SOURCES
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {function: count for function, count in lines.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


def test_a_docstring_does_not_count_as_lines_of_its_function() -> None:
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert isinstance(function, ast.FunctionDef)
    assert function_lines(function) == 2


def test_every_source_module_says_what_it_is() -> None:
    assert [name(path) for path in SOURCES if text(path).strip() and not ast.get_docstring(ast.parse(text(path)))] == []


def test_rays_tune_is_not_imported_under_the_name_of_ours() -> None:
    assert [name(path) for path in MODULES if imports_rays_tune(ast.parse(text(path)))] == []
    assert imports_rays_tune(ast.parse("def f():\n    from ray import tune"))


@pytest.mark.parametrize("package", FENCES)
def test_a_package_is_imported_behind_its_fence_only(package: str) -> None:
    importers = [name(path) for path in SOURCES if package in imported(path)]
    assert importers
    assert [file for file in importers if not file.startswith(FENCES[package])] == []


def test_what_needs_no_torch_does_not_import_it() -> None:
    fenced = [path for path in SOURCES if name(path).startswith(tuple(f"trainables/{part}" for part in WITHOUT_TORCH))]
    assert len(fenced) > len(WITHOUT_TORCH)
    assert [name(path) for path in fenced if "torch" in imported(path)] == []


def test_what_help_loads_imports_nothing_slow() -> None:
    quick = [path for path in SOURCES if name(path).startswith(QUICK)]
    slow = {"ray", "torch", "mlflow", "optuna", "numpy", "pydantic", "rich"}
    assert {name(path): found for path in quick if (found := imported(path, at_import_only=True) & slow)} == {}


def test_nothing_is_unpickled() -> None:
    assert {name(path): lines for path in MODULES if (lines := unsafe_loads(ast.parse(text(path))))} == {}
    assert unsafe_loads(ast.parse("torch.load(f)\ntorch.load(f, weights_only=True)\ntorch.load(f, weights_only=False)")) == [1, 3]


def test_nothing_listens_on_every_address() -> None:
    assert [name(path) for path in TEXTS if path.suffix != ".md" and EVERY_ADDRESS.search(text(path))] == []
    assert EVERY_ADDRESS.search("--host " + ".".join("0000")) and not EVERY_ADDRESS.search("10.0.0.0/8")


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert [name(path) for path in TEXTS if THIS_MACHINE.search(text(path))] == []
    folder = "/" + "home"
    assert THIS_MACHINE.search(f"open('{folder}/me/file')")
    assert not THIS_MACHINE.search(f"$HOME{folder} and https://example.org{folder}")


def test_every_dependency_has_its_exact_version_in_constraints() -> None:
    pinned = {requirement_name(line) for line in text(ROOT / "constraints.txt").splitlines() if re.match(r"[\w.-]+==\S+$", line)}
    extras = [extra for extras in PROJECT["project"]["optional-dependencies"].values() for extra in extras]
    assert {requirement_name(r) for r in [*PROJECT["project"]["dependencies"], *extras]} - pinned == set()


def test_the_listed_packages_are_the_folders_with_an_init() -> None:
    folders = {".".join(path.relative_to(ROOT).parent.parts) for path in SOURCES if path.name == "__init__.py"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == folders


def test_the_console_script_is_not_called_as_rays() -> None:
    assert set(PROJECT["project"]["scripts"]) == {"fxsweep"}
