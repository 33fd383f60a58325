"""An embedder as files: an MLflow model that loads without this project, and the whole VAE beside it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import mlflow.pytorch
import numpy as np
from mlflow.models import Model, ModelSignature
from mlflow.types import Schema, TensorSpec

from trainables.configs import TrialConfig
from trainables.training.embedder import build_embedder, build_vae, example_input, kept_weights
from trainables.training.model_file import write_model

WHOLE_MODEL = "vae.safetensors"  # decoder and all, for fxsweep itself
REQUIREMENTS = ("torch", "mlflow", "numpy")


def save_embedder(
    folder: Path, config: TrialConfig, state: Mapping[str, Any], metadata: Mapping[str, Any], model: Model | None = None
) -> None:
    """Writes the embedder as an MLflow model that needs torch, numpy and mlflow only; beside it the whole VAE."""
    example = np.clip(np.round(10 * example_input(config)), -1, 1)  # MLflow keeps it as JSON: no long fractions
    inputs = TensorSpec(np.dtype(np.float32), (-1, *example.shape[1:]))
    outputs = TensorSpec(np.dtype(np.float32), (-1, config.model.latent_size))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No complete tensor found", UserWarning)  # about weights on a GPU; these are not
        mlflow.pytorch.save_model(
            build_embedder(config, state),
            str(folder),
            mlflow_model=model,
            input_example=example,
            signature=ModelSignature(Schema([inputs]), Schema([outputs])),
            pip_requirements=[f"{name}=={installed_version(name).partition('+')[0]}" for name in REQUIREMENTS],
            metadata=dict(metadata),
            serialization_format="pt2",
        )
    write_model(folder / WHOLE_MODEL, config, build_vae(config, kept_weights(state)))
