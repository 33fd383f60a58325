from __future__ import annotations

import os
import subprocess
import sys

from tune.process_groups import children_in_groups_of_their_own

SAY_GROUP = [sys.executable, "-c", "import os; print(os.getpgrp(), os.getpid())"]


def group_and_id() -> tuple[int, int]:
    group, process_id = subprocess.run(SAY_GROUP, capture_output=True, text=True, check=True).stdout.split()
    return int(group), int(process_id)


def test_a_child_heads_its_own_group_within_the_block_only() -> None:
    with children_in_groups_of_their_own():
        group, process_id = group_and_id()
    assert group == process_id
    assert group_and_id()[0] == os.getpgrp()


def test_options_are_passed_on() -> None:
    with children_in_groups_of_their_own():
        done = subprocess.run([sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE, process_group=os.getpgrp(), check=True)
    assert done.stdout == b"1\n"
