from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from small_sweep import command

from tune.errors import InvalidInput
from tune.service.versions import SUBMITTED_FROM, check_versions, versions_here


def test_the_same_versions_pass_and_others_are_told_with_both() -> None:
    check_versions({})
    check_versions({SUBMITTED_FROM: versions_here()})
    with pytest.raises(InvalidInput, match=r"from Ray 2\.0\.0, Python 3\.8, and the cluster has Ray .*Submit from an"):
        check_versions({SUBMITTED_FROM: "Ray 2.0.0, Python 3.8"})


@pytest.mark.parametrize("verb", [["run", "no-such-sweep"], ["resume", "no-such-sweep", "--status-lines"]])
def test_they_are_compared_before_anything_else_is_looked_at(verb: list[str]) -> None:
    other = os.environ | {SUBMITTED_FROM: "Ray 1.0.0, Python 2.7"}
    done = subprocess.run(command(*verb), env=other, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "submitted from Ray 1.0.0, Python 2.7" in " ".join(done.stderr.split())


def test_asking_for_them_imports_nothing_heavy() -> None:
    program = "import json, sys, tune.service.versions; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
    assert {"ray", "pydantic", "numpy", "torch"}.isdisjoint(loaded)
