"""From an evaluation set to a page: settings in their units, PCA that is PCA, sounds beside their points."""

from __future__ import annotations

import numpy as np
import pytest
from signals import noise
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from trainables.maps.clip_sound import ClipPair
from trainables.maps.latent_page import PageMaterial, block_sounds, latent_page, shadow
from trainables.maps.map_page import PageSetting
from trainables.parameters import Parameter
from trainables.rendering.takes import Block, Take

KNOBS = {
    "delay": (
        Parameter("time_ms", 1.0, 2000.0, 100.0, "ms", "log", meaning="until the echo"),
        Parameter("mix", 0.0, 1.0, 0.5),
        Parameter("output_db", -20.0, 20.0, 0.0, "dB", frozen=True),
    )
}
TAKES = (
    Take("a.wav", 0, "delay", (("mix", 0.12345), ("output_db", 0.0), ("time_ms", 1234.5))),
    Take("b.wav", 9, "unheard of", (("knob", 0.5),)),
)
SOUNDS = (ClipPair(b"dry a", b"wet a"), ClipPair(b"dry b", b"wet b"))


def test_a_point_has_its_effects_free_knobs_in_their_units_and_order() -> None:
    points = np.zeros((2, 2))
    page = latent_page("t", "c", TAKES, ("delay",), points, shadow(points), PageMaterial(SOUNDS, KNOBS))
    first, second = page.items
    assert first.settings == (
        PageSetting("time_ms", 1234.5, "1234 ms", "ms", True, "until the echo"),
        PageSetting("mix", 0.12345, "0.123"),
    )
    assert (first.effect, first.held_out, first.recording, first.sound) == ("delay", True, "a.wav", SOUNDS[0])
    assert second.settings == (PageSetting("knob", 0.5, "0.5"),) and not second.held_out
    assert list(page.projections) == ["UMAP", "PCA"] and "UMAP" in page.note


def test_every_point_needs_a_sound() -> None:
    points = np.zeros((2, 2))
    with pytest.raises(ValueError):
        latent_page("t", "c", TAKES, (), points, shadow(points), PageMaterial(SOUNDS[:1], KNOBS))


def test_a_shadow_is_pca_of_the_standardised_embedding() -> None:
    random = np.random.default_rng(0)
    embeddings = random.standard_normal((200, 8)) @ random.standard_normal((8, 8)) * np.geomspace(1.0, 1000.0, 8)
    pca, cast = PCA(2), shadow(embeddings)
    expected = pca.fit_transform(StandardScaler().fit_transform(embeddings))
    assert np.allclose(np.abs(cast.points), np.abs(expected), atol=1e-4)
    assert cast.share == pytest.approx(pca.explained_variance_ratio_.sum())


def test_a_shadows_sign_does_not_depend_on_the_order_of_items() -> None:
    embeddings, order = np.random.default_rng(1).standard_normal((30, 5)), np.random.default_rng(2).permutation(30)
    assert np.allclose(shadow(embeddings[order]).points, shadow(embeddings).points[order], atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (2, 4), (7, 1)])
def test_small_embeddings_have_a_shadow(shape: tuple[int, int]) -> None:
    cast = shadow(np.random.default_rng(0).standard_normal(shape))
    assert cast.points.shape == (shape[0], 2) and np.isfinite(cast.points).all() and 0.0 <= cast.share <= 1.0 + 1e-9


def test_a_constant_embedding_stays_at_one_point() -> None:
    cast = shadow(np.full((5, 3), 2.0))
    assert not cast.points.any() and cast.share == 0.0


def test_a_block_of_audio_becomes_a_pair_of_sounds_a_take() -> None:
    dry = np.stack([noise(seed=n) for n in range(2)])
    block = Block("delay", dry, np.tanh(9 * dry), np.zeros((2, 0), np.float32), np.zeros(2, np.int64), TAKES)
    first, second = block_sounds(block, 44100)
    assert len({first.dry, first.wet, second.dry, second.wet}) == 4
