"""`fxsweep embed`: recordings through a registered model, one row a clip, as a parquet file."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow
from pyarrow.parquet import ParquetWriter

from tune.errors import InvalidInput
from tune.evaluation.pairs import Embedder, Pair, check_kind, clip_starts, cut_clip, embed_clips, read_pair, rms_db

SCHEMA = pyarrow.schema(
    [
        ("wet", pyarrow.string()),
        ("dry", pyarrow.string()),
        ("clip", pyarrow.int32()),
        ("start_seconds", pyarrow.float64()),
        ("rms_db", pyarrow.float32()),
        ("embedding", pyarrow.list_(pyarrow.float32())),
    ]
)


def embed_files(model: Embedder, pairs: Sequence[tuple[Path, Path | None]], output: Path) -> int:
    """Writes one row a clip: wet, dry, clip, start_seconds, rms_db (of the wet clip, dB full scale, at least -120), embedding.

    Files are brought to the model's sample rate and channels and cut from their start into clips of the model's length
    without overlap. The column `embedding` is a list of `latent_size` floats.

    Returns:
        The number of rows.

    Raises:
        InvalidInput: a dry file is missing or not wanted, a file can't be read, dry and wet differ in length.
    """
    if not pairs:
        raise InvalidInput("no files to embed. Name at least one wet file, or give --pairs FILE.csv")
    if output.is_dir():
        raise InvalidInput(f"output {output}: is a folder. Name a file in it, like {output / 'embeddings.parquet'}.")
    if not output.absolute().parent.is_dir():
        raise InvalidInput(f"output {output}: the folder {output.absolute().parent} does not exist. Make it first.")
    for pair in pairs:
        check_kind(Pair(*pair), model.metadata, "--dry")
    schema = SCHEMA.with_metadata({"fxsweep_model": json.dumps(dict(model.metadata))})
    partial, rows = output.with_name(f"{output.name}.partial"), 0
    try:
        with ParquetWriter(partial, schema) as writer:
            for pair in pairs:
                table = _embed_pair(model, Pair(*pair), schema)
                writer.write_table(table)
                rows += len(table)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def given_pairs(wets: Sequence[str], dries: Sequence[str], pairs_csv: str | None) -> list[Pair]:
    """What a command names: wet files and, in the same order, their dry ones (or none), or a table of both."""
    if pairs_csv and (wets or dries):
        raise InvalidInput(f"pairs {pairs_csv}: files are named beside the table. Give either the table or the files.")
    if pairs_csv:
        return read_pairs_csv(Path(pairs_csv))
    if dries and len(dries) != len(wets):
        raise InvalidInput(
            f"{len(wets)} wet and {len(dries)} dry files: there must be one dry file for each wet one, in the same order."
        )
    return [Pair(Path(wet), Path(dry) if dry else None) for wet, dry in zip(wets, dries or [""] * len(wets), strict=True)]


def read_pairs_csv(path: Path) -> list[Pair]:
    """A table with the columns `dry` and `wet`; paths are relative to the table's folder, `dry` may be empty.

    Raises:
        InvalidInput: no such file, other columns, or no rows.
    """
    remedy = "The first line must be: dry,wet"
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            columns, rows = list(reader.fieldnames or []), list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"pairs {path}: can't be read as a table ({error}). {remedy}") from error
    if missing := {"dry", "wet"} - set(columns):
        raise InvalidInput(f"pairs {path}: no column {' and no column '.join(sorted(missing))} among {columns}. {remedy}")
    if not rows or not all(row["wet"] for row in rows):
        raise InvalidInput(f"pairs {path}: every line needs a wet file, and there must be one. {remedy}")
    return [Pair(path.parent / row["wet"], path.parent / row["dry"] if row["dry"] else None) for row in rows]


def _embed_pair(model: Embedder, pair: Pair, schema: pyarrow.Schema) -> pyarrow.Table:
    sample_rate, clip_samples = model.metadata["sample_rate"], model.metadata["clip_samples"]
    audio = read_pair(pair, model.metadata)
    starts = clip_starts(audio.shape[-1], clip_samples)
    clips = [cut_clip(audio, start, clip_samples) for start in starts]
    columns = {
        "wet": [str(pair.wet)] * len(clips),
        "dry": [None if pair.dry is None else str(pair.dry)] * len(clips),
        "clip": list(range(len(clips))),
        "start_seconds": [start / sample_rate for start in starts],
        "rms_db": [rms_db(clip[-1]) for clip in clips],
        "embedding": list(embed_clips(model, clips)),
    }
    return pyarrow.table(columns, schema=schema)
