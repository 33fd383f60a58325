"""Who competes for a promotion: trials of a sweep, from their checkpoints, and the champion, from the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.evaluation.judged_audio import JudgedAudio
from trainables.models.vae import Vae
from trainables.training.accelerator import on_cpu
from trainables.training.checkpoint import read_checkpoint
from trainables.training.embedder import build_vae, kept_weights
from trainables.training.judge import embed
from trainables.training.trainable import CheckpointFile
from tune.errors import InvalidInput
from tune.evaluation.unheard_clips import embed_judged
from tune.ledger.checkpoints import checkpoints_of
from tune.ledger.home import SweepFolder
from tune.models.loaded_model import LoadedModel

Embeddings = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Contender:
    """A model that is judged by what it makes of audio.

    Attributes:
        name: as people are told, e.g. `trial 7`.
        embed: of clips with their sound, (items, latent_size).
        vae: with its decoder; None if nobody has it, or if it hears other spectrograms than those of the contest.
    """

    name: str
    embed: Callable[[JudgedAudio], Embeddings]
    vae: Vae | None = None


@dataclass(frozen=True)
class Candidate:
    """A trial that may become champion.

    Attributes:
        config: of its training.
        checkpoint: what it would be registered from.
        siblings: models with the same settings and other seeds.
    """

    number: int
    config: TrialConfig
    checkpoint: CheckpointFile
    contender: Contender
    siblings: tuple[Contender, ...] = ()

    @property
    def name(self) -> str:
        return self.contender.name


def trained_contender(name: str, config: TrialConfig, vae: Vae) -> Contender:
    """A model of this process; nothing of it is registered."""
    return Contender(name, lambda judged: embed(vae, judged.as_spectrograms), vae)


def read_contender(name: str, checkpoint: CheckpointFile) -> tuple[TrialConfig, Contender]:
    """The model that a checkpoint keeps, as it would be registered.

    Raises:
        InputError: the checkpoint is damaged.
    """
    config, state = read_checkpoint(checkpoint)
    config = on_cpu(config)
    return config, trained_contender(name, config, build_vae(config, kept_weights(state)))


def checkpoint_of(folder: SweepFolder, number: int) -> CheckpointFile:
    """The newest of a trial.

    Raises:
        InvalidInput: there is none.
    """
    if not (found := checkpoints_of(folder, number)):
        raise InvalidInput(
            f"trial {number} of sweep '{folder.name}': its checkpoint is gone from {folder.trials}, so that it cannot be judged. "
            "Restore the folder, or run the sweep again."
        )
    return found[0]


def champion_contender(name: str, model: LoadedModel, like: TrialConfig) -> Contender:
    """The champion, if it hears clips as the candidates do.

    Raises:
        InvalidInput: it hears others.
    """
    ours: Mapping[str, int] = {"sample_rate": like.sample_rate, "clip_samples": like.clip_samples, "channels": like.channels}
    for key, value in ours.items():
        if model.metadata[key] != value:
            raise InvalidInput(
                f"{name}: its {key} is {model.metadata[key]} and the sweep's is {value}, so that they cannot be judged on the "
                "same takes. Give the next sweep another model to register (registry.model)."
            )
    same_view = model.whole is not None and model.whole[0].front_end == like.front_end
    return Contender(name, lambda judged: embed_judged(model, judged), model.whole[1] if model.whole and same_view else None)


def readable(folder: SweepFolder, numbers: tuple[int, ...]) -> tuple[Contender, ...]:
    """Those of the trials whose checkpoints are there and whole."""
    found = []
    for number in numbers:
        try:
            found.append(read_contender(f"trial {number}", checkpoint_of(folder, number))[1])
        except (InvalidInput, InputError):
            continue
    return tuple(found)
