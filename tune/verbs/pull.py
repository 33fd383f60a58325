"""fxsweep pull MODEL -o DIR"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, add_store

HELP = "copy a registered model and its card to a folder"
EXAMPLE = "fxsweep pull fx-vae@champion -o model/"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="NAME, NAME@ALIAS or NAME/VERSION")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="a new or empty folder")
    add_store(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.ledger.find import store_uri
    from tune.models.registry import pull

    folder = pull(store_uri(args.home, args.tracking), args.model, Path(args.output))
    print(
        json.dumps({"model": args.model, "folder": str(folder)})
        if args.json
        else f"{args.model} is in {folder}; its card is {folder / 'card.md'}."
    )
    return 0
