from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from planned_status import sweep, trial
from small_sweep import SMALL, write_sweep

from trainables.effects.names import EFFECT_NAMES
from tune.cli import VERBS, build_parser, main
from tune.ledger.home import new_folder
from tune.ledger.status import write_status
from tune.tracking.stores import CLIENT_ENVIRONMENT

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fxsweep(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in this process; returns exit code, standard output, standard error."""
    monkeypatch.setenv("FXSWEEP_HOME", str(tmp_path / "runs"))
    monkeypatch.delenv("RAY_API_SERVER_ADDRESS", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as left:  # --help
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    """The home of one sweep that has ended."""
    folder = new_folder(tmp_path / "runs", "quickstart")
    folder.spec.write_text("name: quickstart\n")
    folder.log.write_text("said\n")
    status = sweep(trial(0), trial(1, "failed", None, reason="x[0]"), state="complete", ended=1161.0)
    write_status(folder.status, status)
    return tmp_path / "runs"


@pytest.fixture
def dry(tmp_path: Path) -> Path:
    path = tmp_path / "dry.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 4410), 44_100, subtype="FLOAT")
    return path


def refusal(answer: tuple[int, str, str]) -> str:
    """The one paragraph of a user's mistake."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert err.startswith("fxsweep: ") and "Traceback" not in err
    return " ".join(err.split())


def broken(*given: Any) -> Any:
    raise RuntimeError("the first line\nand the second")


# ---- help
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_its_example_in_one_line(fxsweep: Command, verb: str) -> None:
    code, out, _ = fxsweep(verb, "--help")
    module = import_module(f"tune.verbs.{verb}")
    assert code == 0 and module.EXAMPLE.startswith(f"fxsweep {verb}")
    assert f"\n  {module.EXAMPLE}\n" in out


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_can_be_parsed(verb: str) -> None:
    _, *arguments = import_module(f"tune.verbs.{verb}").EXAMPLE.split()
    assert build_parser().parse_args(arguments).verb == verb


def test_every_verb_is_a_file_and_every_file_a_verb() -> None:
    files = {path.stem for path in (Path(import_module("tune.verbs").__file__ or "")).parent.glob("*.py")}
    assert files - {"__init__", "options", "resuming"} == set(VERBS)


def test_help_lists_every_verb_and_exit_code(fxsweep: Command) -> None:
    code, out, _ = fxsweep("--help")
    assert code == 0 and all(f"\n    {verb} " in out for verb in VERBS)
    assert all(f"{number} " in out for number in (0, 2, 3, 4, 5, 6))
    assert fxsweep()[:2] == (0, out)


def test_help_imports_nothing_heavy() -> None:
    program = """
import sys
from tune.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
heavy = {"ray", "torch", "mlflow", "optuna", "numpy", "pydantic", "rich", "pedalboard", "yaml"}
print(sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_telemetry_is_off_before_anything_can_import_mlflow() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in CLIENT_ENVIRONMENT}
    program = "import os; from tune.cli import main; main([]); print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "true"


# ---- mistakes
def test_a_misspelt_verb_is_answered_with_the_nearest(fxsweep: Command) -> None:
    assert "verb 'statsu': is not one of fxsweep's. Did you mean 'status'?" in refusal(fxsweep("statsu", "x"))
    assert "Valid: compare, doctor, effects" in refusal(fxsweep("zzz"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["status"], "required: NAME. See `fxsweep status --help`"),
        (["status", "x", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["plan", "quickstart", "--trials", "many"], "invalid int value: 'many'"),
        (["plan", "quickstart", "--trials", "0"], "budget.trials = 0"),
        (["plan", "quickstart", "--cpus", "0"], "must be a whole number from 1, not '0'"),
        (["plan", "quikstart"], "Did you mean 'quickstart'? Valid: embedding, matcher, quickstart"),
        (["plan", "missing.yaml"], "missing.yaml"),
        (["status", "x"], "sweep 'x': there is no such sweep in"),
        (["logs", "x"], "sweep 'x': there is no such sweep in"),
        (["stop", "x"], "sweep 'x': there is no such sweep in"),
        (["effects", "overdirve"], "Did you mean 'overdrive'?"),
        (["effects", "--backend", "mad"], "Did you mean 'mda'?"),
        (["submit", "quickstart"], "--address"),
    ],
)
def test_a_mistake_is_one_paragraph_and_exit_code_2(fxsweep: Command, arguments: list[str], told: str) -> None:
    assert told in refusal(fxsweep(*arguments))


@pytest.mark.parametrize("verb", [["list"], ["status", "x"], ["logs", "x"], ["stop", "x"], ["run", "quickstart"]])
def test_a_home_that_is_a_file_is_refused(fxsweep: Command, dry: Path, verb: list[str]) -> None:
    assert f"home {dry}: is not a folder." in refusal(fxsweep(*verb, "--home", str(dry)))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{dry}", "overdirve", "-o", "{out}"], "Did you mean 'overdrive'?"),
        (["{dry}", "overdrive", "--set", "drive", "-o", "{out}"], "--set drive: must be NAME=NUMBER"),
        (["{dry}", "overdrive", "--set", "drvie=0.7", "--backend", "mda", "-o", "{out}"], "Did you mean 'drive'?"),
        (["{dry}", "overdrive", "-o", "{out}/missing/wet.wav"], "there is no folder"),
        (["{dry}", "overdrive", "-o", "{out}.docx"], "Use one of .wav"),
        (["{dry}.missing", "overdrive", "-o", "{out}"], "there is no such file"),
        (["{dry}", "overdrive"], "required: -o/--output"),
    ],
)
def test_a_mistake_in_rendering_is_told_and_nothing_is_written(
    fxsweep: Command, dry: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    given = [argument.format(dry=dry, out=tmp_path / "wet.wav") for argument in arguments]
    assert told in refusal(fxsweep("render", *given))
    assert sorted(tmp_path.iterdir()) == [dry]


def test_an_ended_sweep_cannot_be_stopped(fxsweep: Command, ended: Path) -> None:
    assert "is not running (its state is complete). There is nothing to stop." in refusal(fxsweep("stop", "quickstart"))


# ---- errors that nobody foresaw
def test_an_unexpected_error_is_one_paragraph_and_exit_code_1(fxsweep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.ledger.find.list_statuses", broken)
    code, out, err = fxsweep("list")
    assert (code, out) == (1, "")
    assert " ".join(err.split()) == (
        "fxsweep: unexpected RuntimeError: the first line and the second. Run it again with --debug for the traceback."
    )


@pytest.mark.parametrize("arguments", [["--debug", "list"], ["list", "--debug"]])
def test_debug_shows_the_traceback(fxsweep: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr("tune.ledger.find.list_statuses", broken)
    code, _, err = fxsweep(*arguments)
    assert code == 1 and "Traceback (most recent call last)" in err and "Run it again" not in err


def test_ctrl_c_is_exit_code_4(fxsweep: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*given: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("tune.ledger.find.list_statuses", interrupted)
    assert fxsweep("list") == (4, "", "fxsweep: stopped by Ctrl-C.\n")


@pytest.mark.parametrize("arguments", [["effects", "--json"], ["list", "--json"]])
def test_a_reader_that_leaves_early_is_no_error(arguments: list[str], tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tune.cli", *arguments]
    environment = os.environ | {"FXSWEEP_HOME": str(tmp_path), "PYTHONUNBUFFERED": ""}
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == ("", 0)
    process.stderr.close()


# ---- facts for programs
def test_json_is_one_object_and_nothing_else(fxsweep: Command, ended: Path, dry: Path, tmp_path: Path) -> None:
    expected = {
        ("list", "--json"): {"sweeps"},
        ("status", "quickstart", "--json"): {"name", "state", "trials", "best", "objective", "mlflow", "model", "controls"},
        ("effects", "--json"): {"backend", "effects"},
        ("effects", "delay", "--json"): {"backend", "effects"},
        ("plan", "quickstart", "--json"): {"trials", "concurrency", "takes", "warnings"},
        ("render", str(dry), "delay", "-o", str(tmp_path / "wet.wav"), "--json"): {"settings", "effect", "output"},
    }
    for arguments, keys in expected.items():
        code, out, err = fxsweep(*arguments)
        assert (code, err, out.count("\n")) == (0, "", 1), arguments
        assert keys <= json.loads(out).keys(), arguments


def test_a_mistake_leaves_standard_output_empty_with_json_too(fxsweep: Command) -> None:
    assert "no such sweep" in refusal(fxsweep("status", "x", "--json"))


def test_list_without_sweeps_is_an_empty_list_or_how_to_start_one(fxsweep: Command) -> None:
    assert json.loads(fxsweep("list", "--json")[1]) == {"sweeps": []}
    assert fxsweep("list")[:2] == (0, "No sweeps yet. Start one with `fxsweep run quickstart`.\n")


# ---- what people read
def test_status_shows_trials_best_and_failures(fxsweep: Command, ended: Path) -> None:
    code, out, _ = fxsweep("status", "quickstart")
    assert code == 0 and out.startswith("quickstart: complete in 2:41, 2 trials (1 complete, 1 failed)\n")
    assert "trial 1 failed: x[0]" in out and "best     trial 0, z32 p2 -leslie-combo-loudness" in out


def test_status_tells_the_checks_of_the_best_from_its_files(fxsweep: Command, ended: Path) -> None:
    write_sweep(ended / "quickstart", SMALL)
    assert fxsweep("status", "quickstart", "--worries")[1].startswith("quickstart: no trial has come to an end")
    ledger = ended / "quickstart" / "trials" / "trial-0" / "result.json"
    ledger.parent.mkdir(parents=True)
    ledger.write_text(json.dumps({"epoch": 1, "best_epoch": 1, "validation/loss": 0.5, "eval/active_dimensions": 3.0}))
    code, out, _ = fxsweep("status", "quickstart", "--worries")
    assert code == 0 and "\nworry    collapsed_dimensions: 3 of 32 dimensions in use\n" in out
    checks = json.loads(fxsweep("status", "quickstart", "--worries", "--json")[1])["checks"]
    assert [check["figure"] for check in checks if check["verdict"] == "worry"] == ["3 of 32 dimensions in use"]


def test_list_and_logs_show_what_is_there(fxsweep: Command, ended: Path) -> None:
    assert "quickstart" in fxsweep("list")[1]
    assert fxsweep("logs", "quickstart") == (0, "said\n", "")


def test_effects_are_listed_and_shown(fxsweep: Command) -> None:
    out = fxsweep("effects")[1]
    assert all(name in out for name in EFFECT_NAMES)
    assert "feedback" in fxsweep("effects", "delay")[1]


def test_render_says_what_it_did(fxsweep: Command, dry: Path, tmp_path: Path) -> None:
    output = tmp_path / "wet.wav"
    code, out, _ = fxsweep("render", str(dry), "delay", "-o", str(output))
    assert code == 0 and out.startswith(f"{output}: 0.1 s of {dry} through delay (") and output.is_file()


def test_plan_says_what_a_sweep_costs_and_leaves_nothing_behind(fxsweep: Command, tmp_path: Path) -> None:
    code, out, _ = fxsweep("plan", "quickstart", "--trials", "3", "--workers", "0", "--cpus", "1")
    assert code == 0 and "trials      3 of a space" in out and "at once     1, 1 of 1 CPUs each" in out
    assert list(tmp_path.iterdir()) == []


def test_a_plan_warns_of_an_earlier_sweep_that_nothing_can_be_learned_from(fxsweep: Command, ended: Path) -> None:
    code, out, _ = fxsweep("plan", "quickstart", "--set", "from=quikstart", "--home", str(ended))
    assert code == 0 and "warning     from quikstart: sweep 'quikstart': there is no such sweep" in out


def test_a_dry_run_of_submit_prints_the_request_and_needs_no_cluster(fxsweep: Command) -> None:
    code, out, _ = fxsweep("submit", "quickstart", "--address", "http://127.0.0.1:1", "--dry-run", "--name", "mine")
    assert code == 0 and json.loads(out)["submission_id"] == "fxsweep-mine"
