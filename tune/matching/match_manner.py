"""How `fxsweep match` searches: what it listens by, and how it goes on from its proposals."""

from __future__ import annotations

from trainables.matching.decision import Manner
from trainables.matching.ears import Ear, EmbeddingEar, MelEar, MetricEar
from trainables.matching.search import Refine, by_cma
from trainables.training.embedder import Embedder
from tune.errors import InvalidInput
from tune.models.loaded_model import LoadedModel
from tune.models.matcher_model import LoadedMatcher

DISTANCES = ("mel", "embedding", "metric")
SEARCHES = ("cma", "tpe")


def manner_of(
    distance: str, search: str, paired: bool, embedding: LoadedModel | None = None, model: LoadedMatcher | None = None
) -> Manner:
    """The words of the command line as values.

    Args:
        distance: one of DISTANCES.
        search: one of SEARCHES.
        paired: whether the reference is known before its effect.
        embedding: a VAE to listen by; else the matcher's own encoder is.

    Raises:
        InvalidInput: they do not go together.
    """
    if distance != "mel" and not paired:
        raise InvalidInput(
            f"--distance {distance}: it compares sounds of one content, and without --reference-dry there are none. "
            "Give it, or leave --distance out."
        )
    if embedding is not None and distance != "embedding":
        raise InvalidInput(f"--embedding: --distance {distance} listens by no model. Add --distance embedding.")
    return Manner(_ear(distance, embedding, model), _refine(search))


def _ear(distance: str, embedding: LoadedModel | None, model: LoadedMatcher | None) -> Ear:
    if distance == "mel":
        return MelEar()
    return MetricEar() if distance == "metric" else _embedding_ear(embedding, model)


def _embedding_ear(embedding: LoadedModel | None, model: LoadedMatcher | None) -> Ear:
    if embedding is not None:
        return _ear_of(embedding)
    if model is not None and (encoder := model.kept.matcher.hearing.encoder) is not None:
        return EmbeddingEar(encoder, model.kept.config.sample_rate, model.kept.config.clip_samples)
    raise InvalidInput(
        "--distance embedding: there is no model to listen by. Give --embedding MODEL, a VAE such as fx-vae, or a --model "
        "that was trained with an encoder."
    )


def _ear_of(embedding: LoadedModel) -> Ear:
    if embedding.whole is None:
        raise InvalidInput("--embedding: the model's folder holds no vae.safetensors. Pull it again, or give a newer one.")
    config, vae = embedding.whole
    if config.channels != 1:
        raise InvalidInput(f"--embedding: the model hears {config.channels} channels. Give one that was trained on mono.")
    return EmbeddingEar(Embedder(config, vae).eval(), config.sample_rate, config.clip_samples)


def _refine(search: str) -> Refine:
    if search == "cma":
        return by_cma
    from tune.search.knob_tpe import by_tpe  # Optuna, a second to import

    return by_tpe
