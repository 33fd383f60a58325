"""Latent maps in one long-lived Ray actor: UMAP's first fit in a process costs seconds of compilation.

Pictures are made beside training and come back as bytes, so it does not matter on which node it runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray

from trainables.configs import TrialConfig
from trainables.evaluation_set import EvaluationSet, evaluation_requests, gather
from trainables.parameters import Parameter
from trainables.render_actors import CatalogueSource
from trainables.rendering import planned_effects
from trainables.takes import RenderPlan
from trainables.trial_record import READ_BACK_FILE

if TYPE_CHECKING:
    from trainables.latent_page import PageMaterial

CURVE_PICTURE = "learning_curve.png"


class MapMaker:
    """Draws one trial at a time. A Ray actor; what it draws with is imported when the first trial comes."""

    def __init__(self, catalogue: Any, knobs: Mapping[str, tuple[Parameter, ...]]) -> None:
        self.source, self.knobs = CatalogueSource(catalogue), knobs
        self.evaluation_set: EvaluationSet | None = None  # the same for every trial of a sweep
        self.material: PageMaterial | None = None

    def make(self, checkpoint: str, history: Sequence[Mapping[str, float]], title: str, seed: int) -> dict[str, bytes]:
        """A trial's pictures and tables by file name, and what its weights do when they are read back.

        Args:
            checkpoint: path of the trial's checkpoint file.
            history: metrics of each epoch.
            title: how the trial is called.
            seed: of UMAP.
        """
        import torch

        from trainables.checkpoint import read_checkpoint
        from trainables.latent_map import learning_curve_png, make_latent_map
        from trainables.read_back import write_read_back

        torch.set_num_threads(1)
        config, state = read_checkpoint(Path(checkpoint))
        if self.evaluation_set is None:
            self.evaluation_set = gather(self.source.blocks(evaluation_requests(config)))
            self.material = self._hear(config)
        with tempfile.TemporaryDirectory() as folder:
            make_latent_map(config, state, self.evaluation_set, Path(folder), title, seed, self.material)
            learning_curve_png(history, Path(folder) / CURVE_PICTURE, title)
            if state.get("best"):  # an epoch was completed
                write_read_back(config, state, self.source, Path(folder) / READ_BACK_FILE)
            return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}

    def _hear(self, config: TrialConfig) -> PageMaterial:
        """The evaluation set's sounds. Block by block, each forgotten at once: audio is large, and wanted only here."""
        from trainables.latent_page import PageMaterial, block_sounds, missing_timbres, timbre_columns
        from trainables.timbre import block_timbres

        sounds, timbres = [], []
        for request in evaluation_requests(config):
            as_audio = [replace(request, form="audio")]
            (block,) = self.source.blocks(as_audio)
            sounds += block_sounds(block, config.sample_rate)
            timbres += block_timbres(block, config.sample_rate) if config.evaluation.timbre else []
            self.source.forget(as_audio)
        return PageMaterial(tuple(sounds), self.knobs, timbre_columns(timbres), missing_timbres(timbres))


def start_map_maker(catalogue: Any, plan: RenderPlan) -> Any:
    """The actor's handle. It reserves no CPU: its work is short, and beside the trials'.

    What is known of the effects' knobs is looked up here: their plugins need not be on the actor's node.
    """
    knobs = {name: effect.parameters for name, effect in planned_effects(plan).items()}
    return ray.remote(MapMaker).options(num_cpus=0, max_restarts=-1, max_task_retries=1).remote(catalogue, knobs)
