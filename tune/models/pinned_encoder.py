"""The VAE that a matcher's sweep hears by: looked up once, when the sweep begins, and from then on the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.sweep_file.spec import Sweep
from tune.tracking.stores import Tracking

if TYPE_CHECKING:
    from trainables.configs import TrialConfig
    from trainables.matching.encoder_file import EncoderOrigin
    from trainables.models.vae import Vae

UNREGISTERED = ("none", "trained")


@dataclass(frozen=True)
class Pinned:
    """A sweep whose encoder is a version, and the encoder itself, if it has one."""

    sweep: Sweep
    vae: Vae | None = None
    origin: EncoderOrigin | None = None

    def keep(self, folder: SweepFolder) -> None:
        """In the sweep's folder, so that nobody asks the registry again."""
        if self.vae is None or self.origin is None:
            return
        from trainables.matching.encoder_file import write_encoder

        write_encoder(folder.encoder, self.vae, self.origin)


def pin_encoder(sweep: Sweep, tracking: Tracking) -> Pinned:
    """The sweep with NAME/VERSION for its encoder, and with the `model` and `front_end` that it was trained with.

    Raises:
        InvalidInput: no such VAE, or it hears other clips than the sweep has. InfrastructureLost: the registry doesn't answer.
    """
    name = sweep.matcher.encoder
    if sweep.trainable != "matcher" or name in UNREGISTERED:
        return Pinned(sweep)
    from trainables.matching.encoder_file import EncoderOrigin
    from tune.models.registry import load_embedder, version_named  # torch and mlflow, which other sweeps begin without

    version = version_named(tracking, name)
    model = load_embedder(tracking.uri, version)
    if model.whole is None:
        raise InvalidInput(
            f"matcher.encoder {name}: {version} holds no vae.safetensors. Name a VAE that this version registered."
        )
    config, vae = model.whole
    _check_hearing(sweep, config, name)
    pinned = {"matcher": replace(sweep.matcher, encoder=version), "model": config.model, "front_end": config.front_end}
    return Pinned(sweep.model_copy(update=pinned), vae, EncoderOrigin(version, model.heard_recordings()))


def encoder_bytes(sweep: Sweep, folder: SweepFolder) -> bytes | None:
    """What trials load it from; None for a sweep that has none, or trains it.

    Raises:
        InvalidInput: it is gone from the sweep's folder.
    """
    if sweep.matcher.encoder in UNREGISTERED:
        return None
    if not folder.encoder.is_file():
        raise InvalidInput(
            f"sweep '{folder.name}': its encoder is gone from {folder.encoder}. Restore it, or run the sweep anew."
        )
    return folder.encoder.read_bytes()


def kept_origin(path: Path) -> dict[str, object] | None:
    """As a card has it; None without an encoder."""
    if not path.is_file():
        return None
    from trainables.matching.encoder_file import read_origin

    origin = read_origin(path)
    return {"model": origin.model, "heard": dict(origin.heard)}


def _check_hearing(sweep: Sweep, config: TrialConfig, name: str) -> None:
    audio = sweep.audio
    for key in ("sample_rate", "clip_samples", "channels"):
        ours, theirs = getattr(audio, key), getattr(config, key)
        if ours != theirs:
            rule = f"was trained with audio.{key} {theirs}, and the sweep has {ours}"
            raise InvalidInput(f"matcher.encoder {name}: {rule}. Set audio: {{{key}: {theirs}}}, or name another model.")
    if config.channels != 1:
        raise InvalidInput(f"matcher.encoder {name}: hears stereo, and a matcher mono. Name a model that was trained on mono.")
