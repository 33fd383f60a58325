"""fxsweep effects [NAME]"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, terminal

HELP = "list the effects, or show one: its parameters, units and ranges"
EXAMPLE = "fxsweep effects overdrive"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="one effect")
    parser.add_argument("--backend", default="auto", help="auto, mda or pedalboard (default: %(default)s)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json

    from trainables.effects import load_effects, resolve_backend
    from tune.effect_tables import chosen_effects, effect_table, effects_json, parameter_table

    backend = resolve_backend(args.backend)
    effects = load_effects(backend)
    chosen = chosen_effects(effects, args.name)
    if args.json:
        print(json.dumps(effects_json(backend, chosen)))
        return 0
    terminal().print(parameter_table(chosen[0]) if args.name else effect_table(backend, chosen))
    return 0
