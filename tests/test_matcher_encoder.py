"""A VAE's encoder among what a matcher hears: the same in training and in use, frozen, and kept with the matcher."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from small_matcher import AUDIO, EFFECTS, PLAN, effects, matcher_config, source

from trainables.configs import TrialConfig, VaeConfig
from trainables.errors import InputError
from trainables.features import spectrogram_shape
from trainables.matching.ears import EmbeddingEar
from trainables.matching.encoder import build_encoder, hear
from trainables.matching.encoder_file import EncoderOrigin, encoder_weights, read_origin, write_encoder
from trainables.matching.features import FeatureExtractor
from trainables.matching.fitting import fit_matcher
from trainables.matching.learner import MatcherLearner, build_matcher, free_knobs
from trainables.matching.matcher import Hearing, Matcher, see_reference
from trainables.matching.matcher_file import MATCHER_FILE, kept_weights, read_matcher, write_matcher
from trainables.matching.pairing import Reference
from trainables.matching.takes import feature_sizes
from trainables.models.vae import Vae
from trainables.rendering.takes import BlockRequest
from trainables.training.checkpoint import dump_state, parse_state
from trainables.training.fit import Epoch
from tune.errors import InvalidInput
from tune.matching.match_manner import manner_of
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import LoadedMatcher, matched_effect

LATENT = 6
INPUTS = ("difference", "wet")
KNOBS = {name: effects()[name].parameters for name in EFFECTS}


def config(heard_input: str) -> TrialConfig:
    vae = VaeConfig(latent_size=LATENT, widths=(8, 8), input=heard_input)  # type: ignore[arg-type]
    return replace(matcher_config(2, encoder="fx-vae/3"), model=vae)


def vae_of(heard_input: str) -> Vae:
    torch.manual_seed(1)
    of = config(heard_input)
    return Vae(of.model, 1, *spectrogram_shape(of.front_end, of.sample_rate, of.clip_samples)).eval()


@cache
def weights(heard_input: str, folder: Path) -> dict[str, torch.Tensor]:
    path = folder / f"{heard_input}.safetensors"
    write_encoder(path, vae_of(heard_input), EncoderOrigin("fx-vae/3", {"id": "name"}))
    return encoder_weights(path.read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoder")


@cache
def trained(heard_input: str, folder: Path) -> tuple[Epoch, ...]:
    return tuple(fit_matcher(config(heard_input), source(), effects(), encoder=weights(heard_input, folder)))


@pytest.mark.parametrize("heard_input", INPUTS)
def test_what_is_heard_in_training_is_what_is_heard_in_use(heard_input: str, folder: Path) -> None:
    encoder = build_encoder(config(heard_input))
    assert encoder is not None
    encoder.load_state_dict(weights(heard_input, folder))
    request = BlockRequest("overdrive", "train", 0, 4, "features")
    heard = hear(source(), [request], KNOBS["overdrive"], encoder)
    audio = source().blocks([replace(request, form="audio")])[0]
    hearing, extractor = Hearing(AUDIO.sample_rate, AUDIO.clip_samples, encoder), FeatureExtractor(AUDIO.sample_rate)
    for item in range(4):
        partner = item ^ 1
        pair = Reference(audio.wet[item], audio.dry[item], AUDIO.sample_rate)
        (paired,) = see_reference(extractor, hearing, pair, audio.dry[partner])
        (blind,) = see_reference(extractor, hearing, replace(pair, dry=None), audio.dry[partner])
        np.testing.assert_allclose(heard.examples["paired"].features[item], paired, atol=1e-4)
        np.testing.assert_allclose(heard.examples["blind"].features[item], blind, atol=1e-4)
    sizes = feature_sizes(AUDIO.sample_rate, AUDIO.clip_samples)
    assert heard.examples["paired"].features.shape[1] == sizes["paired"] + LATENT
    assert heard.examples["blind"].features.shape == (8, sizes["blind"] + (2 * LATENT if heard_input == "wet" else 0))


def test_the_embedding_is_the_vae_s_own(folder: Path) -> None:
    encoder = build_encoder(config("difference"))
    assert encoder is not None
    encoder.load_state_dict(weights("difference", folder))
    request = BlockRequest("overdrive", "train", 0, 4, "features")
    seen = hear(source(), [request], KNOBS["overdrive"], encoder).examples["paired"].features[:, -LATENT:]
    mel = source().blocks([replace(request, form="mel")])[0]
    expected = vae_of("difference").embed(torch.from_numpy(mel.dry), torch.from_numpy(mel.wet))
    np.testing.assert_allclose(seen, expected.detach(), atol=1e-5)
    assert float(seen.std(0).min()) > 0.0


@pytest.mark.parametrize("heard_input", INPUTS)
def test_training_leaves_the_encoder_as_it_was_and_moves_the_controllers(heard_input: str, folder: Path) -> None:
    state = trained(heard_input, folder)[-1].state()
    for part in ("model", "average", "best"):
        for name, weight in weights(heard_input, folder).items():
            assert torch.equal(state[part][f"encoder.{name}"], weight), (part, name)
    before = build_matcher(config(heard_input), free_knobs(KNOBS)).state_dict()
    moved = [name for name in before if name.startswith("controllers.") and name.endswith("weights.weight")]
    assert moved and not any(torch.equal(before[name], state["model"][name]) for name in moved)


def test_a_resumed_trial_needs_no_encoder_file_and_gives_the_same_numbers(folder: Path) -> None:
    second = trained("difference", folder)[-1]
    first = next(iter(fit_matcher(config("difference"), source(), effects(), encoder=weights("difference", folder))))
    state = parse_state(dump_state(first.state()))
    (again,) = fit_matcher(config("difference"), source(), effects(), state)
    untimed = [{name: value for name, value in of.metrics.items() if "seconds" not in name} for of in (second, again)]
    assert untimed[0] == untimed[1]


def test_training_through_the_effect_hears_the_embedding_too(folder: Path) -> None:
    of = config("difference")
    assert of.matcher is not None
    through = replace(of, matcher=replace(of.matcher, gradient="spsa", gradient_from=0, gradient_items=32, gradient_draws=1))
    epoch = next(iter(fit_matcher(through, source(), effects(), encoder=weights("difference", folder))))
    assert epoch.metrics["train/gradient_renders"] > 0


def test_the_saved_matcher_holds_its_encoder_and_needs_no_registry(folder: Path, tmp_path: Path) -> None:
    known = {choice.choice.name: matched_effect(choice.choice) for choice in PLAN.effects}
    state = trained("difference", folder)[-1].state()
    of = config("difference")
    write_matcher(tmp_path / MATCHER_FILE, of, {name: known[name] for name in EFFECTS}, kept_weights(state))
    kept = read_matcher(tmp_path / MATCHER_FILE)
    learner = MatcherLearner(of, free_knobs(KNOBS))
    learner.averaged.load_state_dict(state["best"])
    clip = np.random.default_rng(0).normal(0.0, 0.1, (1, AUDIO.clip_samples)).astype(np.float32)
    given = Reference(np.tanh(3.0 * clip), clip, AUDIO.sample_rate)
    ours, theirs = (_middle(matcher, given) for matcher in (kept.matcher, learner.averaged))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    assert kept.config.matcher is not None and kept.config.matcher.encoder == "fx-vae/3"


def _middle(matcher: Matcher, given: Reference) -> np.ndarray:
    seen = see_reference(FeatureExtractor(AUDIO.sample_rate), matcher.hearing, given, given.wet)
    return matcher.belief("paired", "overdrive", seen).middle


def test_an_encoder_s_file_tells_its_origin_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "encoder.safetensors"
    write_encoder(path, vae_of("wet"), EncoderOrigin("fx-vae/3", {"id": "song.wav"}))
    assert read_origin(path) == EncoderOrigin("fx-vae/3", {"id": "song.wav"})
    assert not any("decoder" in name for name in encoder_weights(path.read_bytes()))
    path.write_bytes(b"no weights")
    with pytest.raises(InputError, match="is damaged or not there"):
        read_origin(path)
    with pytest.raises(InputError, match="is damaged"):
        encoder_weights(path.read_bytes())


def test_a_match_by_embedding_listens_by_the_matcher_s_own_encoder_unless_another_is_given(folder: Path, tmp_path: Path) -> None:
    known = {choice.choice.name: matched_effect(choice.choice) for choice in PLAN.effects}
    of, state = config("difference"), trained("difference", folder)[-1].state()
    write_matcher(tmp_path / MATCHER_FILE, of, {name: known[name] for name in EFFECTS}, kept_weights(state))
    model = LoadedMatcher(read_matcher(tmp_path / MATCHER_FILE), {"encoder": {"model": "fx-vae/3", "heard": {"id": "song.wav"}}})
    assert model.heard_recordings() == {"id": "song.wav"}
    own = manner_of("embedding", "cma", True, None, model).ear
    assert isinstance(own, EmbeddingEar) and own.embedder is model.kept.matcher.hearing.encoder
    other = manner_of("embedding", "cma", True, LoadedModel({}, None, {}, (config("wet"), vae_of("wet"))), model).ear
    assert isinstance(other, EmbeddingEar) and not other.embedder.paired
    with pytest.raises(InvalidInput, match="no model to listen by"):
        manner_of("embedding", "cma", True)
    with pytest.raises(InvalidInput, match="listens by no model"):
        manner_of("mel", "cma", True, LoadedModel({}, None, {}, (of, vae_of("wet"))))


def trained_along() -> TrialConfig:
    of = config("difference")
    assert of.matcher is not None
    return replace(of, matcher=replace(of.matcher, encoder="trained"))


def test_an_encoder_that_is_trained_along_moves_and_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    second = list(fit_matcher(trained_along(), source(), effects()))[-1]
    first = next(iter(fit_matcher(trained_along(), source(), effects())))
    before, state = build_matcher(trained_along(), free_knobs(KNOBS)).state_dict(), parse_state(dump_state(first.state()))
    heads = [name for name in before if name.startswith("encoder.") and name.endswith("head.weight")]
    assert heads and not any(torch.equal(before[name], state["model"][name]) for name in heads)
    assert state["steps"]["encoder"] == sum(state["steps"][f"paired-{effect}"] for effect in EFFECTS)
    (again,) = fit_matcher(trained_along(), source(), effects(), state)
    untimed = [{name: value for name, value in of.metrics.items() if "seconds" not in name} for of in (second, again)]
    assert untimed[0] == untimed[1]
    known = {choice.choice.name: matched_effect(choice.choice) for choice in PLAN.effects}
    best = kept_weights(second.state())
    write_matcher(tmp_path / MATCHER_FILE, trained_along(), {name: known[name] for name in EFFECTS}, best)
    kept = read_matcher(tmp_path / MATCHER_FILE).matcher
    assert all(torch.equal(weight, best[name]) for name, weight in kept.state_dict().items())


def test_an_encoder_learns_through_the_effect_too() -> None:
    of = trained_along()
    assert of.matcher is not None
    through = replace(of, matcher=replace(of.matcher, gradient="spsa", gradient_from=0, gradient_items=32, gradient_draws=1))
    state = next(iter(fit_matcher(through, source(), effects()))).state()
    assert state["steps"]["encoder"] > 0 and "train" not in state
