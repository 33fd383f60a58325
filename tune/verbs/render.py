"""fxsweep render IN EFFECT -o OUT"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json

HELP = "apply one effect to one recording"
EXAMPLE = "fxsweep render dry.wav overdrive --set drive=0.7 -o wet.wav"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="IN", help="the recording")
    parser.add_argument(
        "effect",
        metavar="EFFECT",
        nargs="?",
        help="a name (see `fxsweep effects`), lv2:URI, vst3:PATH, or a chain: 'overdrive > delay'",
    )
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="a parameter's value; again for more")
    parser.add_argument("--settings", metavar="FILE", help="effect and settings from a file that `fxsweep match` wrote")
    parser.add_argument("--backend", default="auto", help="auto, mda or pedalboard (default: %(default)s)")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="the file to write (its suffix names the format)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.effects.apply_effect import apply_to_file, parse_settings
    from tune.errors import InvalidInput
    from tune.matching.stored_settings import StoredSettings, read_settings

    if bool(args.effect) == bool(args.settings):
        raise InvalidInput("EFFECT and --settings: exactly one must be given. Name an effect, or a file of settings.")
    stored = read_settings(Path(args.settings)) if args.settings else StoredSettings(args.effect, args.backend, {})
    settings = {**stored.settings, **parse_settings(args.set)}
    done = apply_to_file(args.input, stored.effect, settings, stored.backend, args.output, stored.gain_db)
    print(json.dumps(done.facts()) if args.json else done.sentence())
    return 0
