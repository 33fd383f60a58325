"""No key of the driver's goes with its trials."""

from __future__ import annotations

from typing import Any

import pytest
import ray
from ray.tune.execution import class_cache

from tune.driver.unsent_secrets import secrets_unsent

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The environment that Ray Tune gives a trial's actor."""
    made: list[dict[str, Any]] = []

    def remote(**options: Any) -> Any:
        made.append(options)
        return lambda cls: cls

    monkeypatch.setattr(ray, "remote", remote)
    class_cache._ActorClassCache().get(object)
    found: dict[str, Any] = made[0]["runtime_env"]["env_vars"]
    return found


def test_within_the_block_no_key_is_sent_and_all_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.setenv(name, "planted")
    before = sent(monkeypatch)
    with secrets_unsent():
        within = sent(monkeypatch)
    assert set(KEYS) <= set(before), "Ray Tune sends them no more: unsent_secrets.py can go"
    assert within == {name: value for name, value in before.items() if name not in KEYS}
    assert sent(monkeypatch) == before
