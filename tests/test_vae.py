from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import Tensor

from trainables.configs import VaeConfig
from trainables.models.vae import Vae

Input = Literal["difference", "wet", "pair"]
INPUTS: tuple[Input, ...] = ("difference", "wet", "pair")
every_input = pytest.mark.parametrize("seen", INPUTS)


def spectrograms(*shape: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    dry = torch.randn(shape, generator=random)
    return dry, dry + 0.5 * torch.randn(shape, generator=random)


def make(seen: Input, latent_size: int = 4, channels: int = 1, bands: int = 16, frames: int = 17) -> Vae:
    torch.manual_seed(0)
    return Vae(VaeConfig(input=seen, latent_size=latent_size, widths=(8, 12)), channels, bands, frames)


@every_input
@pytest.mark.parametrize("latent_size", [1, 8, 200])
@pytest.mark.parametrize(("channels", "bands", "frames"), [(1, 128, 129), (2, 33, 1), (1, 16, 50)])
def test_shapes_fit_any_spectrogram(seen: Input, latent_size: int, channels: int, bands: int, frames: int) -> None:
    dry, wet = spectrograms(3, channels, bands, frames)
    model = make(seen, latent_size, channels, bands, frames)
    predicted, mean, log_variance = model(dry, wet, torch.zeros(3, latent_size))
    assert predicted.shape == wet.shape
    assert mean.shape == log_variance.shape == (3, latent_size)


@every_input
@pytest.mark.parametrize("widths", [(8,), (9, 8, 8, 8, 8, 8), (8, 16, 32, 64)])
def test_any_depth_trains_down_to_a_single_pixel(seen: Input, widths: tuple[int, ...]) -> None:
    model = Vae(VaeConfig(input=seen, latent_size=3, widths=widths), 1, 16, 3)
    dry, wet = spectrograms(2, 1, 16, 3)
    predicted, _, _ = model(dry, wet, torch.zeros(2, 3))
    predicted.square().mean().backward()
    assert predicted.shape == wet.shape


@every_input
@pytest.mark.parametrize("latent_size", [1, 8])
def test_every_weight_gets_a_finite_gradient_that_is_not_zero(seen: Input, latent_size: int) -> None:
    model, (dry, wet) = make(seen, latent_size), spectrograms(4, 1, 16, 17)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):  # the decoder's last layer starts at zero and hides those before it for a step
        optimizer.zero_grad()
        predicted, mean, log_variance = model(dry, wet, torch.ones(4, latent_size))
        ((predicted - wet).square().mean() + mean.square().mean() + log_variance.exp().mean()).backward()
        optimizer.step()
    for name, weight in model.named_parameters():
        assert weight.grad is not None and weight.grad.isfinite().all() and weight.grad.abs().sum() > 0, name


def test_modulation_is_seen_by_the_encoder_of_pairs_alone() -> None:
    sizes = {
        (seen, on): sum(weight.numel() for weight in Vae(VaeConfig(input=seen, modulation=on), 1, 16, 17).parameters())
        for seen in INPUTS
        for on in (True, False)
    }
    assert sizes["wet", True] == sizes["wet", False]
    assert all(sizes[seen, True] > sizes[seen, False] for seen in ("difference", "pair"))


@every_input
def test_an_embedding_does_not_depend_on_its_batch(seen: Input) -> None:
    model, (dry, wet) = make(seen), spectrograms(5, 1, 16, 17)
    together = model.embed(dry, wet)
    alone = torch.cat([model.embed(dry[i : i + 1], wet[i : i + 1]) for i in range(5)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
    assert (together[0] - together[1]).abs().max() > 1e-3


@every_input
def test_embedding_is_the_mean_and_always_the_same(seen: Input) -> None:
    model, (dry, wet) = make(seen), spectrograms(2, 1, 16, 17)
    assert torch.equal(model.embed(dry, wet), model.embed(dry, wet))
    assert torch.equal(model.embed(dry, wet), model(dry, wet, torch.randn(2, 4))[1])


@every_input
def test_what_the_encoder_sees_is_what_the_input_says(seen: Input) -> None:
    model, (dry, wet) = make(seen), spectrograms(2, 1, 16, 17)
    shift = 1.0 + torch.arange(16.0)[:, None].expand(16, 17)
    embedding = model.embed(dry, wet)
    same_difference = torch.allclose(embedding, model.embed(dry + shift, wet + shift), atol=1e-4)
    same_wet = torch.allclose(embedding, model.embed(dry + shift, wet), atol=1e-4)
    assert (same_difference, same_wet) == {"difference": (True, False), "wet": (False, True), "pair": (False, False)}[seen]


@pytest.mark.parametrize("seen", ["difference", "pair"])
def test_an_untrained_conditional_decoder_copies_the_dry_clip(seen: Input) -> None:
    model, (dry, _) = make(seen), spectrograms(2, 1, 16, 17)
    assert torch.equal(model.decode(torch.randn(2, 4), dry), dry)


def test_the_plain_decoder_never_sees_the_dry_clip() -> None:
    model, (dry, wet) = make("wet"), spectrograms(2, 1, 16, 17)
    latent = torch.randn(2, 4)
    assert torch.equal(model.decode(latent, dry), model.decode(latent, wet))


@pytest.mark.parametrize("seen", ["difference", "pair"])
def test_a_trained_conditional_decoder_uses_dry_and_latent(seen: Input) -> None:
    model, (dry, wet) = make(seen), spectrograms(2, 1, 16, 17)
    for weight in model.decoder.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    change = model.decode(torch.ones(2, 4), dry) - dry
    assert (model.decode(torch.ones(2, 4), wet) - wet - change).abs().max() > 1e-3
    assert (model.decode(torch.zeros(2, 4), dry) - dry - change).abs().max() > 1e-3


@pytest.mark.parametrize("seen", ["difference", "pair"])
def test_statistics_over_frames_do_not_tell_when(seen: Input) -> None:
    model, (dry, wet) = make(seen), spectrograms(2, 1, 16, 17)
    channels = 2 if seen == "pair" else 1
    head = model.encoder.head
    with torch.no_grad():
        head.weight[:, 2 * channels * 16 :] = 0.0  # all but the statistics of the input itself
    torch.testing.assert_close(model.embed(dry, wet), model.embed(dry.flip(3), wet.flip(3)), atol=1e-5, rtol=1e-5)


def test_extreme_inputs_keep_the_variance_finite() -> None:
    model = make("difference")
    dry, wet = spectrograms(2, 1, 16, 17)
    _, log_variance = model.encode(dry, wet + 1e6 * torch.arange(17.0))
    assert log_variance.exp().isfinite().all()
