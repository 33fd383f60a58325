"""`fxsweep VERB ...`: parses, dispatches, and turns errors into one paragraph and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from trainables.errors import InputError, nearest
from tune.errors import FxsweepError, InvalidInput, Stopped
from tune.tracking.stores import set_environment

VERBS = (
    "plan", "run", "submit", "list", "status", "compare", "logs", "stop", "resume", "extend", "doctor", "sync",
    "promote", "pull", "embed", "evaluate", "map", "match", "effects", "render", "ui",
)  # fmt: skip


MESSAGE_CHARACTERS = 600


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"{message}. See `{self.prog} --help`.")


def build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="fxsweep",
        description="Distributed hyperparameter search on Ray for models of audio effects.",
        epilog="Exit codes: 0 complete, 2 invalid input, 3 no trial succeeded, 4 stopped by a person, "
        "5 budget spent before one trial finished, 6 infrastructure lost, 7 not promoted.",
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    for name in VERBS:
        module = import_module(f"tune.verbs.{name}")
        verb = verbs.add_parser(
            name,
            help=module.HELP,
            description=module.HELP[0].upper() + module.HELP[1:] + ".",
            epilog=f"example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,  # else an example is broken into lines
        )
        module.arguments(verb)
        verb.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show tracebacks")
        verb.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    set_environment()
    try:
        return _dispatch(arguments)
    except (FxsweepError, InputError) as error:
        return _explain(str(error), getattr(error, "exit_code", 2), debug)
    except KeyboardInterrupt:
        return _explain("stopped by Ctrl-C.", Stopped.exit_code, debug)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left: nothing more to say
        return 0
    except Exception as error:
        return _explain(_unexpected(error, debug), 1, debug)


def _dispatch(arguments: list[str]) -> int:
    parser = build_parser()
    given = next((a for a in arguments if not a.startswith("-")), None)
    if given is not None and given not in VERBS:
        raise InvalidInput(f"verb '{given}': is not one of fxsweep's. {nearest(given, VERBS)}")
    args = parser.parse_args(arguments)
    if args.verb is None:
        parser.print_help()
        return 0
    code: int = args.run(args)
    sys.stdout.flush()  # a reader that has left is noticed here, not at the interpreter's end
    return code


def _unexpected(error: Exception, debug: bool) -> str:
    told = textwrap.shorten(str(error), MESSAGE_CHARACTERS, placeholder=" ...").rstrip(".")
    what = f"unexpected {type(error).__name__}: {told}." if told else f"unexpected {type(error).__name__}."
    return what if debug else f"{what} Run it again with --debug for the traceback."


def _explain(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print("fxsweep: " + "\n".join(_as_read(line) for line in message.splitlines()), file=sys.stderr)
    return code


def _as_read(line: str) -> str:
    """For a terminal in lines of a readable length; whole for a log, where somebody may search for it."""
    return textwrap.fill(line, 110, break_long_words=False, break_on_hyphens=False) if sys.stderr.isatty() else line


if __name__ == "__main__":
    sys.exit(main())
