"""The VAE that a matcher's sweep hears by: looked up once in a real registry, and refused where it would hear other clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tiny_model import tiny_config, tiny_state

from trainables.matching.encoder_file import encoder_weights
from tune.driver.trainable_parts import fit_of
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.models.pinned_encoder import Pinned, encoder_bytes, kept_origin, pin_encoder
from tune.models.registry import register_best
from tune.space.trials import default_trial_config
from tune.sweep_file.spec import Sweep, parse_sweep, spec_hash
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

HEARD = {"1a2b": "song.wav"}


@dataclass(frozen=True)
class Store:
    """A registry with two versions of one VAE."""

    tracking: Tracking


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    tracking = default_tracking(tmp_path_factory.mktemp("registry"))
    tracker = SweepTracker.open(tracking, sweep_name="embedding", experiment="study", tags={}, params={}, spec_text="")
    for number in (0, 1):
        tracker.trial_started(number, "z4", {}, {})
        tracker.trial_ended(number, "complete")
    tracker.close("complete", {}, {})
    card: dict[str, Any] = {"audio": {"content_ids": {"train": HEARD}}, "params": {}, "scores": {}}
    for number in (0, 1):
        register_best(
            tracking,
            run_id=tracker.run_id(number),
            model_name="fx-vae",
            config=tiny_config(),
            state=tiny_state(tiny_config()),
            card=card,
            metrics={"epoch": 1.0},
            instead_of=lambda champion: False,
        )
    return Store(tracking)


def sweep(encoder: str, **audio: Any) -> Sweep:
    of = tiny_config()
    given = {"sample_rate": of.sample_rate, "clip_samples": of.clip_samples, **audio}
    return parse_sweep(
        {
            "name": "matcher",
            "trainable": "matcher",
            "audio": given,
            "front_end": {"fft_size": 512, "hop_samples": 128, "bands": 16},
            "effects": {"use": ["overdrive"]},
            "matcher": {"encoder": encoder},
            "objective": {"metric": "eval/match_ratio", "mode": "min"},
        }
    )


@pytest.mark.parametrize(("reference", "version"), [("fx-vae", "1"), ("fx-vae@champion", "1"), ("fx-vae/2", "2")])
def test_a_reference_becomes_a_version_and_the_sweep_hears_as_it_was_trained(store: Store, reference: str, version: str) -> None:
    given = sweep(reference)
    pinned = pin_encoder(given, store.tracking)
    assert pinned.sweep.matcher.encoder == f"fx-vae/{version}" and spec_hash(pinned.sweep) != spec_hash(given)
    config = default_trial_config(pinned.sweep)
    assert (config.model, config.front_end) == (tiny_config().model, tiny_config().front_end)
    assert spec_hash(parse_sweep(pinned.sweep.canonical())) == spec_hash(pinned.sweep)


def test_the_sweep_s_folder_keeps_the_encoder_and_trials_get_it_from_there(store: Store, tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    pinned = pin_encoder(sweep("fx-vae"), store.tracking)
    pinned.keep(folder)
    assert kept_origin(folder.encoder) == {"model": "fx-vae/1", "heard": HEARD}
    found = encoder_bytes(pinned.sweep, folder)
    assert found is not None and not any("decoder" in name for name in encoder_weights(found))

    class Rendering:
        catalogue = None

    class Stage:
        plan = None

    assert fit_of(pinned.sweep, Stage, Rendering, folder).encoder == found  # type: ignore[arg-type,attr-defined]
    folder.encoder.unlink()
    with pytest.raises(InvalidInput, match="its encoder is gone"):
        encoder_bytes(pinned.sweep, folder)


def test_a_sweep_without_an_encoder_asks_no_registry(tmp_path: Path) -> None:
    nowhere = default_tracking(tmp_path / "none")
    given = sweep("none")
    assert pin_encoder(given, nowhere) == Pinned(given)
    assert encoder_bytes(given, SweepFolder(tmp_path)) is None and kept_origin(SweepFolder(tmp_path).encoder) is None
    vae = given.model_copy(update={"trainable": "vae"})
    assert pin_encoder(vae, nowhere).sweep == vae


@pytest.mark.parametrize(
    ("encoder", "audio", "told"),
    [
        ("fx-va", {}, "not registered"),
        ("fx-vae/9", {}, "no such version"),
        ("fx-vae@best", {}, "no such alias"),
        ("fx-vae", {"clip_samples": 8192}, "was trained with audio.clip_samples 4096, and the sweep has 8192"),
        ("fx-vae", {"sample_rate": 16000}, "was trained with audio.sample_rate 8000"),
        ("fx-vae", {"channels": 2}, "audio.channels 1, and the sweep has 2"),
    ],
)
def test_what_cannot_be_heard_by_is_refused_before_anything_is_made(
    store: Store, encoder: str, audio: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        pin_encoder(sweep(encoder, **audio), store.tracking)
