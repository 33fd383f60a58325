"""A sweep that has ended, and the champion that its model would replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tune.driver.liveness import driver_pid
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, find_folder
from tune.ledger.settled import settled_status
from tune.ledger.status import SweepStatus
from tune.models.aliases import Entry, champion_of
from tune.models.champion import read_card
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import LoadedMatcher
from tune.models.registry import load_embedder, load_model
from tune.sweep_file.spec import Sweep, load_sweep
from tune.tracking.recorded_store import recorded_tracking
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking, tracking_at


@dataclass(frozen=True)
class EndedSweep:
    """What a promotion begins with.

    Attributes:
        card: of its best trial.
        entry: the champion in the registry; None if there is none.
    """

    sweep: Sweep
    folder: SweepFolder
    status: SweepStatus
    card: Mapping[str, Any]
    tracking: Tracking
    entry: Entry | None

    @property
    def name(self) -> str:
        return self.status.name

    @property
    def before(self) -> str:
        """The champion, as people are told; "" if there is none."""
        return "" if self.entry is None else f"{self.entry.name} version {self.entry.version}"

    @property
    def version(self) -> str:
        """The champion's; "" if there is none."""
        return "" if self.entry is None else str(self.entry.version)

    def champion(self) -> LoadedModel | None:
        """The champion's model.

        Raises:
            InvalidInput: it is no embedder. InfrastructureLost: the store doesn't give it.
        """
        if self.entry is None:
            return None
        return load_embedder(self.tracking.uri, f"{self.entry.name}/{self.entry.version}")

    def champion_matcher(self) -> LoadedMatcher | None:
        """The champion.

        Raises:
            InvalidInput: it is no matcher. InfrastructureLost: the store doesn't give it.
        """
        if self.entry is None:
            return None
        model = load_model(self.tracking.uri, f"{self.entry.name}/{self.entry.version}")
        if not isinstance(model, LoadedMatcher):
            raise InvalidInput(f"{self.before}: is no matcher. Give the next sweep another model to register (registry.model).")
        return model


def read_ended(home: Path, name: str, tracking_uri: str | None) -> EndedSweep:
    """Reads its files, and asks the registry for the champion.

    Args:
        tracking_uri: the store; that of the sweep, if not given.

    Raises:
        InvalidInput: no such sweep, it runs, or it has no best model. InfrastructureLost: the registry doesn't answer.
    """
    folder = find_folder(home, name)
    if driver_pid(folder) is not None:
        raise InvalidInput(f"sweep '{name}': it is running. Wait for its end, or end it: fxsweep stop {name}")
    sweep = load_sweep(str(folder.spec))
    status = settled_status(folder, sweep)
    if (card := read_card(folder)) is None:
        rule = "it had not come so far as to choose its best model"
        raise InvalidInput(f"sweep '{name}': {rule}. Go on with it: fxsweep resume {name}")
    tracking = tracking_at(tracking_uri) if tracking_uri else recorded_tracking(sweep, status, home)
    client = connect(tracking)
    with reaching(tracking):
        entry = champion_of(client, sweep.model_name)
    return EndedSweep(sweep, folder, status, card, tracking, entry)
