"""`fxsweep promote` of sweeps that were really trained, by the command line alone: real rendering, real training, real scores."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow
NAME = "fx-trained"
