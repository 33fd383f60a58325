"""fxsweep compare NAME [--trials 3,7,12]"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_home, add_json, terminal

HELP = "compare trials of a sweep: settings, curves, scores by effect, latent maps to hear"
EXAMPLE = "fxsweep compare quickstart --trials 3,7,12"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the sweep's name")
    parser.add_argument("--trials", metavar="A,B,C", help="their numbers, six at most (default: the best four)")
    parser.add_argument("--no-open", action="store_true", help="write the page and do not open it in a browser")
    add_home(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json

    from tune.analysis.compare import chosen_trials, comparison_facts, comparison_table
    from tune.driver.console import show
    from tune.ledger.find import find_status
    from tune.ledger.home import find_folder, home_path
    from tune.pages.material import read_material
    from tune.pages.side_by_side import write_comparison
    from tune.sweep_file.spec import load_sweep
    from tune.web import open_page

    folder = find_folder(home_path(args.home), args.name)
    material = read_material(load_sweep(folder.spec), folder, find_status(args.name, args.home, None))
    trials = chosen_trials(material, args.trials)
    page = write_comparison(material, folder, trials)
    if args.json:
        print(json.dumps(comparison_facts(material, trials) | {"page": str(page)}))
        return 0
    console = terminal()
    show(console, comparison_table(material, trials))
    show(console, f"page     {page}")
    if not args.no_open:
        open_page(page)
    return 0
