"""Where sweeps keep their files: one folder a sweep, and beside them the local MLflow store.

HOME/                       ./runs, or $FXSWEEP_HOME
  mlflow.db  artifacts/     the local tracking store (unless the sweep names a server)
  decoded/                  decoded recordings, for every sweep that uses them again
  NAME/
    sweep.yaml              the sweep as it was run
    status.json             what `fxsweep status` prints
    identity.json           its own id, by which its runs are found again, and what they are tagged with
    card.json               the card of its best model, once one was to be registered
    driver.json             process id of the running driver
    study.journal           the Optuna study: the ledger of decisions
    trials/                 Ray Tune's trial folders: the ledger of measurements
    maps/trial-N/           latent maps and learning curves, checks (should_i_worry.html)
    encoder.safetensors     of a matcher's sweep that hears by a VAE: its encoder
    matches.html            of a matcher's sweep: what its best trial makes of held-out takes, to be heard
    figures/                figures of the sweep's pages (*.html beside them), as PNG for papers
    rejected_takes.csv      takes that could not be rendered, if any
    driver.log              what Ray and its workers had to say
    storage.url             where its checkpoints are, if not here
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainables.errors import nearest
from tune.errors import InvalidInput

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


def home_path(given: str | None = None) -> Path:
    """The folder of all sweeps: as given, else $FXSWEEP_HOME, else ./runs.

    Raises:
        InvalidInput: there is something of this name that is no folder.
    """
    home = Path(given or os.environ.get("FXSWEEP_HOME") or "runs").expanduser().absolute()
    if home.exists() and not home.is_dir():
        raise InvalidInput(f"home {home}: is not a folder. Give --home (or FXSWEEP_HOME) a folder, there already or not.")
    return home


def decoded_store(home: Path) -> Path:
    """Where decoded recordings are kept (trainables/corpus/decoded.py)."""
    return home / "decoded"


@dataclass(frozen=True)
class SweepFolder:
    """The files of one sweep."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def spec(self) -> Path:
        return self.path / "sweep.yaml"

    @property
    def status(self) -> Path:
        return self.path / "status.json"

    @property
    def identity(self) -> Path:
        return self.path / "identity.json"

    @property
    def card(self) -> Path:
        return self.path / "card.json"

    @property
    def driver(self) -> Path:
        return self.path / "driver.json"

    @property
    def journal(self) -> Path:
        return self.path / "study.journal"

    @property
    def trials(self) -> Path:
        return self.path / "trials"

    @property
    def log(self) -> Path:
        return self.path / "driver.log"

    @property
    def storage(self) -> Path:
        return self.path / "storage.url"

    @property
    def figures(self) -> Path:
        return self.path / "figures"

    @property
    def encoder(self) -> Path:
        return self.path / "encoder.safetensors"

    @property
    def matches(self) -> Path:
        return self.path / "matches.html"

    @property
    def rejected(self) -> Path:
        return self.path / "rejected_takes.csv"

    def pictures(self, number: int) -> Path:
        return self.path / "maps" / f"trial-{number}"


def new_folder(home: Path, name: str, exact: bool = False) -> SweepFolder:
    """Makes the folder of a new run of the sweep `name`: NAME, else NAME-2, NAME-3, ...

    Args:
        exact: refuse a taken name instead of numbering it.

    Raises:
        InvalidInput: a name that is none, or is taken, or a home that cannot be written.
    """
    check_name(name)
    for candidate in [name] if exact else free_names(name):
        folder = home / candidate
        try:
            folder.mkdir(parents=True, exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise InvalidInput(
                f"home {home}: cannot be written ({error.strerror}). Give --home (or FXSWEEP_HOME) a folder that can."
            ) from error
        return SweepFolder(folder)
    raise InvalidInput(f"sweep '{name}': a sweep of this name is already in {home}. Give --name another one.")


def check_name(name: str) -> None:
    """Refuses what would not be one folder of its own, and the name of one job."""
    if not NAME_PATTERN.fullmatch(name):
        rule = "a sweep's name is up to 63 letters, digits, - and _, the first a letter or digit."
        raise InvalidInput(f"name '{name}': {rule} Give --name another one.")


def free_names(name: str) -> list[str]:
    return [name, *(f"{name}-{number}" for number in range(2, 10_000))]


def sweep_names(home: Path) -> list[str]:
    """Sweeps in `home`, oldest first."""
    folders = [SweepFolder(path) for path in home.iterdir() if NAME_PATTERN.fullmatch(path.name)] if home.is_dir() else []
    found = [folder for folder in folders if folder.status.is_file()]
    return [folder.name for folder in sorted(found, key=_made_at)]


def find_folder(home: Path, name: str) -> SweepFolder:
    """The folder of an existing sweep, or InvalidInput naming those that exist."""
    if NAME_PATTERN.fullmatch(name) and (home / name / "status.json").is_file():
        return SweepFolder(home / name)
    if NAME_PATTERN.fullmatch(name) and (spec := SweepFolder(home / name).spec).is_file():
        raise InvalidInput(
            f"sweep '{name}': it has not begun. Wait a moment; if its driver died at once, run it again: fxsweep run {spec}"
        )
    names = sweep_names(home)
    remedy = nearest(name, names) if names else "There are none yet: start one with `fxsweep run quickstart`."
    raise InvalidInput(f"sweep '{name}': there is no such sweep in {home}. {remedy}")


def _made_at(folder: SweepFolder) -> float:
    first = folder.spec if folder.spec.is_file() else folder.status
    return first.stat().st_mtime


def write_json(path: Path, value: Any, indent: int | None = 1) -> None:
    """Writes in one step: a reader sees the old file or the new one, never half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=indent, allow_nan=False), encoding="utf-8")
    partial.replace(path)
