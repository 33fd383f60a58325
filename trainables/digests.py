"""Short names for values: equal values have equal digests, on any machine."""

from __future__ import annotations

import hashlib
import json


def digest(value: object) -> str:
    """First 16 hex digits of the SHA-256 of a JSON value with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
