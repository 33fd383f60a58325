"""`fxsweep embed`: recordings through a registered model, one row a clip, as a parquet file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow.parquet import ParquetWriter

from trainables.recordings import Unusable, decode
from tune.errors import InvalidInput

Samples = npt.NDArray[np.float32]

CLIPS_A_BATCH = 16
SILENCE_DB = -120.0
PADDED_SHARE = 0.25  # of a clip: what is left at a file's end is embedded if it is at least this long
LENGTH_TOLERANCE = 0.01  # of a clip, between dry and wet: plugins and codecs add or drop a few samples
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


class Embedder(Protocol):
    """What registry.py loads."""

    @property
    def metadata(self) -> Mapping[str, Any]: ...

    def predict(self, audio: Samples) -> Samples: ...


class Pair(NamedTuple):
    """A processed recording and, for a model that compares the two, the unprocessed one."""

    wet: Path
    dry: Path | None


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
        _check_kind(Pair(*pair), model.metadata)
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


def clip_starts(samples: int, clip_samples: int) -> range:
    """Where the clips of a file start; the last may reach beyond its end (and is padded with silence)."""
    whole, left = divmod(samples, clip_samples)
    padded = left >= PADDED_SHARE * clip_samples or whole == 0
    return range(0, (whole + padded) * clip_samples, clip_samples)


def _check_kind(pair: Pair, metadata: Mapping[str, Any]) -> None:
    wants_dry = metadata["input"] != "wet"
    if wants_dry and pair.dry is None:
        raise InvalidInput(
            f"wet file {pair.wet}: this model compares a wet file with its dry one. Give the dry file, too (--dry)."
        )
    if not wants_dry and pair.dry is not None:
        raise InvalidInput(f"dry file {pair.dry}: this model hears the wet file only. Leave --dry out.")


def _embed_pair(model: Embedder, pair: Pair, schema: pyarrow.Schema) -> pyarrow.Table:
    sample_rate, clip_samples = model.metadata["sample_rate"], model.metadata["clip_samples"]
    audio = _read_pair(pair, model.metadata)
    starts = clip_starts(audio.shape[-1], clip_samples)
    clips = [_cut(audio, start, clip_samples) for start in starts]
    columns = {
        "wet": [str(pair.wet)] * len(clips),
        "dry": [None if pair.dry is None else str(pair.dry)] * len(clips),
        "clip": list(range(len(clips))),
        "start_seconds": [start / sample_rate for start in starts],
        "rms_db": [_rms_db(clip[-1]) for clip in clips],
        "embedding": list(_predict(model, clips)),
    }
    return pyarrow.table(columns, schema=schema)


def _read_pair(pair: Pair, metadata: Mapping[str, Any]) -> Samples:
    """(clips, channels, samples): dry, if there is one, and wet, as long as the shorter of the two."""
    files = [file for file in (pair.dry, pair.wet) if file is not None]
    read = [_read(file, metadata) for file in files]
    lengths = [samples.shape[-1] for samples in read]
    if max(lengths) - min(lengths) > LENGTH_TOLERANCE * metadata["clip_samples"]:
        told = " and ".join(f"{file}: {length} samples" for file, length in zip(files, lengths, strict=True))
        raise InvalidInput(
            f"{told} at {metadata['sample_rate']} Hz: dry and wet must be equally long. Cut them to the same length."
        )
    return np.stack([samples[:, : min(lengths)] for samples in read])


def _read(file: Path, metadata: Mapping[str, Any]) -> Samples:
    if not file.is_file():
        raise InvalidInput(f"file {file}: does not exist or is not a file. Check the path.")
    try:
        return decode(file, metadata["sample_rate"], metadata["channels"])
    except Unusable as reason:
        raise InvalidInput(f"file {file}: {reason}. Give another recording.") from reason


def _cut(audio: Samples, start: int, clip_samples: int) -> Samples:
    clip = audio[..., start : start + clip_samples]
    return np.pad(clip, ((0, 0), (0, 0), (0, clip_samples - clip.shape[-1])))


def _predict(model: Embedder, clips: Sequence[Samples]) -> Iterator[Samples]:
    for first in range(0, len(clips), CLIPS_A_BATCH):
        batch = np.stack(clips[first : first + CLIPS_A_BATCH])  # (batch, clips, channels, samples)
        yield from model.predict(batch[:, :, 0] if model.metadata["channels"] == 1 else batch)


def _rms_db(clip: Samples) -> float:
    rms = float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))
    return max(20.0 * float(np.log10(rms)), SILENCE_DB) if rms > 0.0 else SILENCE_DB
