"""fxsweep effects [NAME] [--measure | --installed | --markdown]"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tune.verbs.options import add_json, terminal

if TYPE_CHECKING:
    from trainables.effects import Effect

HELP = "list the effects, or show one: what its knobs do, how far they are heard, how it behaves"
EXAMPLE = "fxsweep effects overdrive"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="an effect, lv2:URI, vst3:PATH, or a chain: 'overdrive > delay'")
    parser.add_argument("--backend", default="auto", help="auto, mda or pedalboard (default: %(default)s)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--measure", action="store_true", help="measure NAME now, and say where that differs from its manifest")
    what.add_argument("--installed", action="store_true", help="list the installed LV2 plugins, and which can be used")
    what.add_argument("--markdown", action="store_true", help="print the README's table of effects")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from trainables.effects import resolve_backend

    if args.markdown:
        from tune.effects.effects_markdown import markdown

        print(markdown())
    elif args.installed:
        _show_installed(args.json)
    elif args.name:
        _show_one(args, resolve_backend(args.backend))
    else:
        _list(args, resolve_backend(args.backend))
    return 0


def _show_installed(as_json: bool) -> None:
    import json

    from trainables.effects.lv2.effects import installed_lv2
    from tune.effects.effect_tables import installed_json, installed_table

    plugins = installed_lv2()
    if as_json:
        print(json.dumps(installed_json(plugins)))
    else:
        terminal().print(installed_table(plugins))


def _list(args: argparse.Namespace, backend: str) -> None:
    import json

    from trainables.effects import load_effects
    from trainables.effects.measured.manifest import read_manifests
    from tune.effects.effect_tables import MORE, effect_table, effects_json
    from tune.errors import InvalidInput

    if args.measure:
        raise InvalidInput("--measure: needs the effect to measure. Name one, like `fxsweep effects overdrive --measure`.")
    nine = load_effects(backend)
    if args.json:
        print(json.dumps(effects_json(backend, nine.values(), read_manifests(backend))))
        return
    terminal().print(effect_table(f"The nine effects of the backend {backend}", nine.values()))
    terminal().print(effect_table("Pedalboard's single processors, as pedalboard:NAME", _processors()))
    print(MORE)


def _processors() -> list[Effect]:
    from trainables.effects.native.processors import load

    return list(load().values())


def _show_one(args: argparse.Namespace, backend: str) -> None:
    import json

    from trainables.effects.measured.manifest import stored_manifest
    from trainables.effects.sources import load_effect
    from tune.effects.effect_page import effect_page
    from tune.effects.effect_tables import effects_json
    from tune.effects.measured import comparison, differing, measure_now

    effect = load_effect(args.name, backend)
    kept = stored_manifest(effect)
    shown = measure_now(effect, args.name, kept) if args.measure else kept
    if args.json:
        facts = effects_json(backend, [effect], {effect.name: shown} if shown else {})
        print(json.dumps(facts | ({"differs": differing(kept, shown)} if args.measure and shown else {})))
        return
    terminal().print(effect_page(effect, shown, args.name))
    if args.measure and shown:
        print(f"\n{comparison(kept, shown)}")
