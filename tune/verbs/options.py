"""Arguments that several verbs share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from tune.sweep_file.spec import Sweep

WIDTH_OF_A_LOG = 140
HOME_ON_A_CLUSTER = "~/fxsweep"  # of all sweeps


def add_sweep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sweep", metavar="SWEEP", help="a sweep file, or the name of a preset (quickstart, embedding, seed, splits, matcher)"
    )
    parser.add_argument("--audio", metavar="PATH", help="a folder of recordings, or 'synthetic' for the built-in corpus")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="any key of the sweep, as train.max_epochs=20; again for more",
    )
    parser.add_argument("--trials", type=int, help="how many trials (budget.trials)")
    parser.add_argument("--workers", type=int, help="Ray Train workers a trial (train.workers); 0: the trial's own process")


def add_home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", metavar="DIR", help="folder of all sweeps (default: $FXSWEEP_HOME, else ./runs)")


def add_store(parser: argparse.ArgumentParser) -> None:
    add_home(parser)
    parser.add_argument("--tracking", metavar="URI", help="the MLflow store (default: $MLFLOW_TRACKING_URI, else the home's own)")


def add_address(parser: argparse.ArgumentParser, required: bool = False) -> None:
    default = os.environ.get("RAY_API_SERVER_ADDRESS")
    parser.add_argument(
        "--address",
        metavar="URL",
        default=default,
        required=required and default is None,
        help="the cluster's job server, like http://127.0.0.1:8265"
        " (default: $RAY_API_SERVER_ADDRESS, else this machine's sweeps)",
    )


def add_unheard(parser: argparse.ArgumentParser) -> None:
    """A model, and which clips are rendered that it has never heard."""
    parser.add_argument("model", metavar="MODEL", help="NAME, NAME@ALIAS or NAME/VERSION, or a folder made by `fxsweep pull`")
    parser.add_argument(
        "--audio",
        metavar="DIR",
        default="synthetic",
        help="recordings that the model never heard (default: those of the built-in corpus)",
    )
    parser.add_argument("--backend", default="", help="whose effects: mda or pedalboard (default: those it was trained with)")
    parser.add_argument("--settings", type=positive, default=40, help="random settings of each effect (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of settings and clips (default: %(default)s)")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def warn_of_differences(card: Mapping[str, Any]) -> None:
    """Says on stderr what is otherwise here than where a model was made."""
    from tune.models.differences import differences

    for sentence in differences(card):
        print(f"fxsweep: {sentence}", file=sys.stderr)


def positive(text: str) -> int:
    """A whole number from 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not '{text}'")
    return int(text)


def counted(text: str) -> int:
    """A whole number from 0, for argparse."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not '{text}'")
    return int(text)


def terminal() -> Console:
    """Where people read: the terminal's own width; wide where there is none, so that a table in a log stays a table."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_A_LOG)


def load_given_sweep(args: argparse.Namespace, audio_is_elsewhere: bool = False) -> Sweep:
    """The sweep that `add_sweep`'s arguments name.

    Args:
        audio_is_elsewhere: --audio is another machine's folder, and stays as it is written.
    """
    from tune.sweep_file.spec import load_sweep

    return load_sweep(args.sweep, overrides(args, audio_is_elsewhere))


def overrides(args: argparse.Namespace, audio_is_elsewhere: bool = False) -> dict[str, Any]:
    """What the command line puts in the place of the sweep file's values; options of their own win over --set."""
    from tune.sweep_file.overrides import parse_override

    given: dict[str, Any] = {"audio.path": args.audio, "budget.trials": args.trials, "train.workers": args.workers}
    if args.audio and args.audio != "synthetic" and not audio_is_elsewhere:
        given["audio.path"] = str(Path(args.audio).expanduser().absolute())
    return dict(map(parse_override, args.set)) | {key: value for key, value in given.items() if value is not None}
