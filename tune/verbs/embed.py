"""fxsweep embed MODEL WET... --dry DRY..."""

from __future__ import annotations

import argparse

from tune.verbs.options import add_json, add_store, warn_of_differences

HELP = "embed recordings with a registered model, whole files clip by clip"
EXAMPLE = "fxsweep embed fx-vae@champion wet.wav --dry dry.wav -o embeddings.parquet"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="NAME, NAME@ALIAS or NAME/VERSION, or a folder made by `fxsweep pull`")
    parser.add_argument("wet", metavar="WET", nargs="*", help="effected recordings")
    parser.add_argument(
        "--dry", metavar="DRY", nargs="+", default=[], help="the same recordings before the effect, in the same order"
    )
    parser.add_argument("--pairs", metavar="CSV", help="a table with the columns dry and wet, instead of WET and --dry")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the parquet file to write")
    add_store(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import json
    from pathlib import Path

    from tune.evaluation.embed import embed_files, given_pairs
    from tune.ledger.find import store_uri
    from tune.models.registry import load_embedder

    pairs = given_pairs(args.wet, args.dry, args.pairs)
    model = load_embedder(store_uri(args.home, args.tracking), args.model)
    warn_of_differences(model.card)
    clips = embed_files(model, pairs, Path(args.output))
    print(
        json.dumps({"clips": clips, "files": len(pairs), "output": args.output})
        if args.json
        else f"{clips} clips of {len(pairs)} recordings are in {args.output}."
    )
    return 0
