"""Which addresses a process and its descendants listen on, from /proc."""

from __future__ import annotations

from pathlib import Path

LISTEN = "0A"
LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")


def listeners(process_id: int) -> dict[str, bool]:
    """`hex address:port` -> whether it is on loopback."""
    ours = set().union(*(_sockets(process) for process in _family(process_id)))
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            local, state, inode = (line.split()[i] for i in (1, 3, 9))
            if state == LISTEN and inode in ours:
                found[local] = local.partition(":")[0] in LOOPBACK
    return found


def _family(process_id: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {process_id}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _sockets(process_id: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{process_id}/fd").glob("*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found
