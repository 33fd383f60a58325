"""Latent maps in one long-lived Ray actor: UMAP's first fit in a process costs seconds of compilation.

Pictures are made beside training and come back as bytes, so it does not matter on which node it runs.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import ray

from trainables.configs import FigureConfig, TrialConfig
from trainables.diagnosis.trial_record import LATE_CONTROLS_FILE, READ_BACK_FILE
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_requests, gather
from trainables.parameters import Parameter
from trainables.rendering.render_actors import CatalogueSource
from trainables.rendering.rendering import planned_effects
from trainables.rendering.takes import BlockRequest, RenderPlan
from trainables.stored_files import StoredFile

if TYPE_CHECKING:
    from trainables.maps.latent_page import PageMaterial

CURVE_PICTURE = "learning_curve.png"
COST = "map/cpu_seconds"  # what a trial's pictures, their sounds and the controls made beside them took, of one core
BEHIND_TRAINING = 10  # niceness: a tenth of a trial's share, where both want the same core


@dataclass(frozen=True)
class Subject:
    """Clips to be mapped, with their sound."""

    clips: EvaluationSet
    material: PageMaterial


class MapMaker:
    """Draws one trial at a time. A Ray actor; what it draws with is imported when the first trial comes."""

    def __init__(self, catalogue: Any, knobs: Mapping[str, tuple[Parameter, ...]], figure: FigureConfig) -> None:
        self.source, self.knobs, self.figure = CatalogueSource(catalogue), knobs, figure
        self._subjects: dict[str, Subject] = {}  # the same for every trial of a sweep
        self._wet_vaes: dict[int, npt.NDArray[np.float32]] = {}  # by latent size

    def make(
        self, checkpoint: Path | StoredFile, history: Sequence[Mapping[str, float]], title: str, seed: int
    ) -> dict[str, bytes]:
        """A trial's pictures and tables by file name, and what its weights do when they are read back.

        Args:
            checkpoint: the trial's checkpoint file.
            history: metrics of each epoch.
            title: how the trial is called.
            seed: of UMAP.
        """
        import torch

        from trainables.diagnosis.read_back import write_read_back
        from trainables.maps.latent_map import learning_curve_png, make_latent_map
        from trainables.maps.timbre_figure import make_timbre_figure
        from trainables.training.checkpoint import read_checkpoint

        begun_seconds = time.process_time()
        torch.set_num_threads(1)
        config, state = read_checkpoint(checkpoint)
        whole = self._subject("latent_map", evaluation_requests(config), config, config.evaluation.timbre)
        with tempfile.TemporaryDirectory() as folder:
            make_latent_map(config, state, whole.clips, Path(folder), title, seed, whole.material)
            learning_curve_png(history, Path(folder) / CURVE_PICTURE, title)
            if requests := figure_requests(self.figure):
                chosen = self._subject("figure", requests, config, timbre=True)
                make_timbre_figure(config, state, chosen.clips, Path(folder), title, seed, chosen.material)
            late = self._late_controls(config, whole.clips)
            if state.get("best"):  # an epoch was completed
                write_read_back(config, state, self.source, Path(folder) / READ_BACK_FILE)
            cost = {COST: time.process_time() - begun_seconds}
            (Path(folder) / LATE_CONTROLS_FILE).write_text(json.dumps(late | cost), encoding="utf-8")
            return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}

    def _late_controls(self, config: TrialConfig, clips: EvaluationSet) -> dict[str, float]:
        """`control/wet_vae/SCORE` and `control/statistics/SCORE`, made here, where they do not hold trials up."""
        from trainables.evaluation.controls import statistics_embedding
        from trainables.evaluation.evaluation import score

        made = {"statistics": statistics_embedding(clips, config.model.input), **self._wet_vae(config, clips)}
        return {
            f"control/{name}/{metric}": value
            for name, embeddings in made.items()
            for metric, value in score(embeddings, clips, config.held_out_effects).items()
        }

    def _wet_vae(self, config: TrialConfig, clips: EvaluationSet) -> dict[str, npt.NDArray[np.float32]]:
        """Trained once a sweep and size."""
        from trainables.evaluation.seed_control import NAME, control_examples, wet_vae_embedding

        size = config.model.latent_size
        if size not in self._wet_vaes:
            try:
                self._wet_vaes[size] = wet_vae_embedding(config, control_examples(config, self.source), clips)
            except FloatingPointError:  # a control that diverged is none, and no reason to lose the trial's pictures
                return {}
        return {NAME: self._wet_vaes[size]}

    def _subject(self, name: str, requests: Sequence[BlockRequest], config: TrialConfig, timbre: bool) -> Subject:
        if name not in self._subjects:
            clips = gather(self.source.blocks(requests))
            self._subjects[name] = Subject(clips, self._hear(requests, config.sample_rate, timbre))
        return self._subjects[name]

    def _hear(self, requests: Sequence[BlockRequest], sample_rate: int, timbre: bool) -> PageMaterial:
        """The clips' sounds. Block by block, each forgotten at once: audio is large, and wanted only here."""
        from trainables.maps.latent_page import PageMaterial, block_sounds, missing_timbres, timbre_columns
        from trainables.timbre import block_timbres

        sounds, timbres = [], []
        for request in requests:
            as_audio = [replace(request, form="audio")]
            (block,) = self.source.blocks(as_audio)
            sounds += block_sounds(block, sample_rate)
            timbres += block_timbres(block, sample_rate) if timbre else []
            self.source.forget(as_audio)
        return PageMaterial(tuple(sounds), self.knobs, timbre_columns(timbres), missing_timbres(timbres))


class PatientMapMaker(MapMaker):
    """One in a process of its own, which lets trials go first."""

    def __init__(self, catalogue: Any, knobs: Mapping[str, tuple[Parameter, ...]], figure: FigureConfig) -> None:
        os.nice(BEHIND_TRAINING)
        super().__init__(catalogue, knobs, figure)


def figure_requests(figure: FigureConfig) -> list[BlockRequest]:
    """Evaluation blocks of each of its effects, other ones than the evaluation set's: one from each half of the recordings."""
    halves = (figure.clips_per_effect // 4 * 2, (figure.clips_per_effect - figure.clips_per_effect // 4 * 2) // 2 * 2)
    return [BlockRequest(effect, "evaluation", 2 + fold, halves[fold]) for effect in figure.effects for fold in (0, 1)]


def start_map_maker(catalogue: Any, plan: RenderPlan, figure: FigureConfig) -> Any:
    """The actor's handle. It reserves no CPU: its work is short, and beside the trials'.

    What is known of the effects' knobs is looked up here: their plugins need not be on the actor's node.
    """
    knobs = {name: effect.parameters for name, effect in planned_effects(plan).items()}
    return ray.remote(PatientMapMaker).options(num_cpus=0, max_restarts=-1, max_task_retries=1).remote(catalogue, knobs, figure)
