"""The files of a model's card, card.json and card.md: as they are registered with it, and as they are completed later."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainables.configs import TrialConfig
from tune.models.card import card_json, card_markdown, model_metadata
from tune.models.card_promotion import promotion_told
from tune.models.checksums import SUMS, as_tag, from_tag, sums_of
from tune.models.matcher_model import matcher_card, matcher_metadata
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking


def metadata_of(config: TrialConfig, card: Mapping[str, Any]) -> dict[str, Any]:
    """What a program must know in order to call the model, of either kind."""
    return matcher_metadata(config, card) if config.matcher else model_metadata(config, card)


def write_card_files(folder: Path, reference: str, config: TrialConfig, card: Mapping[str, Any]) -> None:
    """Into the model's folder, which is there.

    Args:
        reference: `NAME/VERSION`; an alias may be another version's tomorrow.
    """
    metadata, name = metadata_of(config, card), reference.partition("/")[0]
    page = matcher_card(name, reference, card, config) if config.matcher else card_markdown(name, reference, card, metadata)
    (folder / "card.json").write_text(card_json(card, metadata), encoding="utf-8")
    (folder / "card.md").write_text(page, encoding="utf-8")


def replace_card(tracking: Tracking, model_name: str, version: str, config: TrialConfig, card: Mapping[str, Any]) -> None:
    """Of a registered version, whose other files stay as they are; so does what its tags tell of its promotion.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    client = connect(tracking)
    with reaching(tracking), tempfile.TemporaryDirectory() as temporary:
        registered, folder = client.get_model_version(model_name, version), Path(temporary)
        made = client.get_run(registered.run_id).outputs.model_outputs  # a local store does not tell a version's model_id
        write_card_files(folder, f"{model_name}/{version}", config, dict(card) | promotion_told(registered.tags))
        for output in made:
            if output.model_id in registered.source:
                client.log_model_artifacts(output.model_id, temporary)
        if known := from_tag(registered.tags.get(SUMS)):
            client.set_model_version_tag(model_name, version, SUMS, as_tag(known | sums_of(folder)))
