"""The files of a model's card, card.json and card.md: as they are registered with it, and as they are completed later."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainables.configs import TrialConfig
from tune.models.aliases import CHAMPION
from tune.models.card import card_json, card_markdown, model_metadata
from tune.models.matcher_model import matcher_card, matcher_metadata
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking


def metadata_of(config: TrialConfig, card: Mapping[str, Any]) -> dict[str, Any]:
    """What a program must know in order to call the model, of either kind."""
    return matcher_metadata(config, card) if config.matcher else model_metadata(config, card)


def write_card_files(folder: Path, model_name: str, config: TrialConfig, card: Mapping[str, Any]) -> None:
    """Into the model's folder, which is there."""
    metadata, hint = metadata_of(config, card), f"{model_name}@{CHAMPION}"
    page = matcher_card(model_name, hint, card, config) if config.matcher else card_markdown(model_name, hint, card, metadata)
    (folder / "card.json").write_text(card_json(card, metadata), encoding="utf-8")
    (folder / "card.md").write_text(page, encoding="utf-8")


def replace_card(tracking: Tracking, model_name: str, version: str, config: TrialConfig, card: Mapping[str, Any]) -> None:
    """Of a registered version, whose other files stay as they are.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    client = connect(tracking)
    with reaching(tracking), tempfile.TemporaryDirectory() as temporary:
        registered = client.get_model_version(model_name, version)
        made = client.get_run(registered.run_id).outputs.model_outputs  # a local store does not tell a version's model_id
        write_card_files(Path(temporary), model_name, config, card)
        for output in made:
            if output.model_id in registered.source:
                client.log_model_artifacts(output.model_id, temporary)
