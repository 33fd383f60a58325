"""A sweep's best model: into the registry when the search is over, its card completed when its pictures are there."""

from __future__ import annotations

from dataclasses import dataclass

from trainables.training.trainable import CheckpointFile
from tune.driver.console import SweepConsole
from tune.driver.opening import sync_command
from tune.errors import FxsweepError
from tune.ledger.home import SweepFolder
from tune.ledger.identity import Identity
from tune.ledger.status import SweepStatus, TrialStatus
from tune.planning.stage import Stage
from tune.sweep_file.spec import Sweep
from tune.tracking.stores import Tracking
from tune.tracking.sweep_tracker import SweepTracker


@dataclass(frozen=True)
class BestModel:
    """Of one sweep. A store that is down or refuses the model costs the registration and nothing else."""

    sweep: Sweep
    folder: SweepFolder
    stage: Stage
    identity: Identity
    tracking: Tracking
    tracker: SweepTracker
    console: SweepConsole

    def register(self, status: SweepStatus, best: TrialStatus, checkpoint: CheckpointFile) -> dict[str, str] | None:
        """Its name, version and alias; None, and the console says why, if it is not registered."""
        from tune.models.champion import model_card, register_at_end, write_card  # torch: not before the search has begun

        write_card(self.folder, card := model_card(self.sweep, self.stage, status, best, self.identity, self.folder))
        try:
            run_id = self.tracker.wait_for_run(best.number)
            version = register_at_end(self.tracking, self.sweep.model_name, card, run_id, checkpoint)
        except FxsweepError as error:
            kept = f"It is kept in {checkpoint}; to register it: {sync_command(self.folder)}"
            self.console.say(f"The model is not registered: {error} {kept}")
            return None
        return {"name": version.name, "version": version.version, "alias": version.alias}

    def complete_card(self, status: SweepStatus, best: TrialStatus, checkpoint: CheckpointFile) -> None:
        """With what is only known once the pictures are there: the seed study's VAE beside it, its weights read back."""
        from tune.models.champion import completed, read_card, update_card, write_card

        card = read_card(self.folder)
        if card is None or card["trial"] != best.number or card == (told := completed(card, self.sweep, self.folder, best)):
            return
        write_card(self.folder, told)
        if status.model is None:
            return
        try:
            update_card(self.tracking, status.model, told, checkpoint)
        except FxsweepError as error:
            self.console.say(f"The registered model's card is not complete: {error} The whole of it: {self.folder.card}")
