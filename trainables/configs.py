"""The settings of a trial as frozen values: the one source of their defaults and ranges.

Plain dataclasses with annotated ranges, so that the sweep file's schema is made of them and they
travel to workers as they are. Nothing here imports torch, ray or pedalboard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Interval, Len

from trainables.effects.names import EFFECT_NAMES

Unit = Annotated[float, Interval(ge=0.0, le=1.0)]


@dataclass(frozen=True, kw_only=True)
class AudioConfig:
    """Which recordings, and how clips are cut from them.

    `path: synthetic` is the built-in corpus; `add_synthetic` adds it to the recordings of a folder. What `promotion_share`
    takes is kept from the whole sweep, for `fxsweep promote`. Training clips are played up to `speed_octaves` slower or faster,
    so that a few recordings are heard at many pitches; no other clip is.
    """

    path: str = "synthetic"
    add_synthetic: bool = False
    sample_rate: Annotated[int, Interval(ge=8000, le=192000)] = 44100
    clip_samples: Annotated[int, Interval(ge=4096, le=1 << 22)] = 65536
    channels: Literal[1, 2] = 1
    validation_share: Annotated[float, Interval(gt=0.0, lt=0.5)] = 0.15
    evaluation_share: Annotated[float, Interval(gt=0.0, lt=0.6)] = 0.35
    promotion_share: Annotated[float, Interval(ge=0.0, lt=0.5)] = 0.0
    speed_octaves: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.0


@dataclass(frozen=True, kw_only=True)
class FrontEndConfig:
    """Log-mel spectrogram: `bands` mel bands from `low_hz` to `high_hz` (capped at 0.45 of the sample rate)."""

    fft_size: Annotated[int, Interval(ge=64, le=16384)] = 2048
    hop_samples: Annotated[int, Interval(ge=16, le=16384)] = 512
    bands: Annotated[int, Interval(ge=16, le=512)] = 128
    low_hz: Annotated[float, Gt(0.0)] = 30.0
    high_hz: Annotated[float, Gt(0.0)] = 20000.0


@dataclass(frozen=True, kw_only=True)
class VaeConfig:
    """The VAE (models/vae.py). Numeric fields may be searched.

    `modulation`: the encoder sees how its input moves in time; not with the input `wet`.
    `perceptual_weight`: above 0, distances between embeddings follow those in brightness and depth, which the render
    actors then measure of each training and validation clip, about 0.1 s of one core each, once a sweep.
    """

    latent_size: Annotated[int, Interval(ge=1, le=1024)] = 32
    input: Literal["difference", "wet", "pair"] = "difference"
    beta: Annotated[float, Ge(0.0)] = 0.3  # 1 is the ELBO of a unit-variance decoder
    reconstruction_weight: Annotated[float, Ge(0.0)] = 1.0
    contrastive_weight: Annotated[float, Ge(0.0)] = 0.3
    temperature: Annotated[float, Gt(0.0)] = 0.1
    perceptual_weight: Annotated[float, Ge(0.0)] = 0.0
    modulation: bool = True
    widths: Annotated[tuple[Annotated[int, Interval(ge=8, le=512)], ...], Len(1, 6)] = (8, 16, 32, 64)


@dataclass(frozen=True, kw_only=True)
class MatcherConfig:
    """The matcher (trainables/matching/). Numeric fields may be searched.

    `width`, `components`, `dropout`, `weight_decay`: of the controllers, one for each effect and mode. `passes`: over all
    examples heard so far, an epoch.
    `gradient`: `none` trains by regression on the settings of self-made pairs; `spsa` and `differences` train end to end
    through the effect, from epoch `gradient_from` on (0: from the first, without regression), on `gradient_items` items an
    epoch, with `gradient_step` of each knob's range and, of spsa, the mean of `gradient_draws`. Which epoch is best is then told
    by how proposals sound on validation takes (`validation/proposal_db`), and not by the loss on settings.
    `encoder`: a registered VAE, NAME, NAME@ALIAS or NAME/VERSION, whose embedding of the reference is heard beside the
    statistics; `none`: only these. It is not trained further, and what it was trained on must be heard in the same way:
    sample rate, length of clips, mono. `model` and `front_end` become those that it was trained with. `trained`: an encoder of
    pairs, as `model` and `front_end` describe it, that learns along with the controllers of paired mode.
    """

    encoder: str = "none"

    width: Annotated[int, Interval(ge=8, le=4096)] = 256
    components: Annotated[int, Interval(ge=1, le=32)] = 5
    dropout: Annotated[float, Interval(ge=0.0, le=0.9)] = 0.3
    weight_decay: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.01
    passes: Annotated[int, Interval(ge=1, le=100)] = 4
    gradient: Literal["none", "spsa", "differences"] = "none"
    gradient_level: Literal["loss", "audio"] = "loss"
    gradient_step: Annotated[float, Interval(gt=0.0, le=0.5)] = 0.02
    gradient_draws: Annotated[int, Interval(ge=1, le=64)] = 4
    gradient_from: Annotated[int, Interval(ge=0, le=1000)] = 4
    gradient_items: Annotated[int, Interval(ge=2, le=100_000)] = 32


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a trial is trained. Numeric fields may be searched.

    `patience` counts full effect cycles: with the `per_epoch` schedule one cycle is as many epochs
    as there are trained effects, with `per_item` every epoch is a cycle.

    `validate_on`: whose loss tells which epoch is best: that of all trained effects or, with the `per_epoch` schedule
    only, of the one effect of that epoch, as the seed study had it, so that the easiest effect wins.
    """

    items_per_epoch: Annotated[int, Interval(ge=4, le=1_000_000)] = 250
    validation_items: Annotated[int, Interval(ge=2, le=100_000)] = 25
    max_epochs: Annotated[int, Interval(ge=1, le=100_000)] = 100
    batch_size: Annotated[int, Interval(ge=4, le=4096)] = 16
    learning_rate: Annotated[float, Interval(gt=0.0, le=1.0)] = 1e-3
    average_decay: Annotated[float, Interval(ge=0.0, lt=1.0)] = 0.998  # of the weights' running average; 0 keeps the latest
    patience: Annotated[int, Interval(ge=1, le=1000)] = 2
    effect_schedule: Literal["per_item", "per_epoch"] = "per_item"
    validate_on: Literal["all_effects", "epoch_effect"] = "all_effects"
    workers: Annotated[int, Interval(ge=0, le=64)] = 1
    threads: Annotated[int, Interval(ge=1, le=64)] = 1
    gpus: Literal[0, 1] = 0  # of each worker


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """The fixed evaluation set: `settings_per_effect` random settings of each effect, each on two recordings.

    `timbre`: brightness and depth of each clip for the latent maps, about 0.1 s of one core each, once a sweep.
    """

    settings_per_effect: Annotated[int, Interval(ge=4, le=10_000)] = 40
    timbre: bool = True


@dataclass(frozen=True, kw_only=True)
class FigureConfig:
    """One more latent map of each trial: of these effects only, coloured by effect, by brightness and by depth.

    `clips_per_effect` evaluation clips of each, rendered and measured once a sweep. Without effects there is none.
    """

    effects: tuple[str, ...] = ()
    clips_per_effect: Annotated[int, Interval(ge=8, le=2000)] = 500


@dataclass(frozen=True, kw_only=True)
class TrialConfig:
    """Everything that shapes one trial's numbers, given its blocks."""

    model: VaeConfig
    train: TrainConfig
    evaluation: EvaluationConfig
    front_end: FrontEndConfig
    sample_rate: int
    clip_samples: int
    channels: int
    trained_effects: tuple[str, ...]
    held_out_effects: tuple[str, ...]
    seed: int = 0
    matcher: MatcherConfig | None = None  # of a trial that trains a matcher in the place of the VAE
    effects: tuple[str, ...] = EFFECT_NAMES  # those of the sweep: trained on or held out, in an order that all trials share
