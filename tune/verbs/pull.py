"""fxsweep pull MODEL -o DIR"""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, add_store

HELP = "copy a registered model and its card to a folder"
EXAMPLE = "fxsweep pull fx-vae@champion -o model/"

VERIFIED = "Its files have the hashes that they were registered with."
UNVERIFIED = "Whether its files are those that were registered nobody can tell: the registry has no hashes of them."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="NAME, NAME@ALIAS or NAME/VERSION")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="a new or empty folder")
    add_store(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.ledger.find import store_uri
    from tune.models.checksums import SUMS_FILE
    from tune.models.differences import differences
    from tune.models.registry import pull, read_card_file

    folder = pull(store_uri(args.home, args.tracking), args.model, Path(args.output))
    verified, found = (folder / SUMS_FILE).is_file(), differences(read_card_file(folder))
    if args.json:
        print(json.dumps({"model": args.model, "folder": str(folder), "verified": verified, "differences": list(found)}))
        return 0
    print(f"{args.model} is in {folder}; its card is {folder / 'card.md'}.")
    for sentence in (VERIFIED if verified else UNVERIFIED, *found):
        print(sentence)
    return 0
