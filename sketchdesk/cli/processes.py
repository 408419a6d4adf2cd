"""Starting one command in several processes that work together, and bringing all of them to an end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

import psutil

from sketchdesk.cli.follow import STOP_SIGNALS
from sketchdesk.library.program import program_command, program_environment

GRACE_S = 60.0
"""How long the first process has to save what was done after another has died, before it is ended too."""
LOOK_S = 0.5
HERE = "127.0.0.1"
"""This machine, as its own processes find it."""


@dataclass(frozen=True)
class Launch:
    """Which processes are to work together, and which of them are this machine's."""

    here: int
    """So many are started on this machine."""
    count: int
    """So many there are on all machines."""
    first: int = 0
    """The number of the first of those here, from 0."""
    address: str = HERE
    """Where the first of all is found."""
    port: int | None = None
    """None takes one that is free here."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for those here."""


def run_together(arguments: Sequence[str], launch: Launch) -> int:
    """Run `sketchdesk ARGUMENTS` in this machine's processes of a launch; return the exit status of its first.

    They find each other by the variables that torch and accelerate read. What asks this process to stop is handed to
    the very first, which decides; the others end when it does, and when one of them dies it is told by the silence. On
    a machine that has not the very first, those here are ended: it then saves what was done.
    """
    command, environment = program_command(arguments), program_environment()
    common = {
        "WORLD_SIZE": str(launch.count), "LOCAL_WORLD_SIZE": str(launch.here), "MASTER_ADDR": launch.address,
        "MASTER_PORT": str(launch.port or _free_port()),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // launch.here))),
        **launch.environment,
    }  # fmt: skip
    ranks: list[psutil.Popen] = []
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def hand_on(number: int, _frame: FrameType | None) -> None:
        for rank in ranks[:1] if launch.first == 0 else ranks:
            rank.send_signal(number if launch.first == 0 else signal.SIGTERM)

    try:
        if threading.current_thread() is threading.main_thread():
            for number in STOP_SIGNALS:
                signal.signal(number, hand_on)
        for number in range(launch.here):
            own = {"RANK": str(launch.first + number), "LOCAL_RANK": str(number)}
            ranks.append(psutil.Popen(command, env={**environment, **common, **own}, **_in_a_group_of_its_own()))
        _wait(ranks)
    finally:
        for rank in ranks:
            if rank.is_running():
                rank.kill()
        psutil.wait_procs(ranks)
        for number, handler in before.items():
            signal.signal(number, handler)
    return int(ranks[0].returncode)


def _wait(ranks: Sequence[psutil.Popen]) -> None:
    """Wait until the first has ended; once another has died, for a while only."""
    alive: Sequence[psutil.Popen] = ranks
    while ranks[0] in alive:
        gone, alive = psutil.wait_procs(ranks, timeout=LOOK_S)
        if any(rank.returncode for rank in gone):
            psutil.wait_procs(ranks[:1], timeout=GRACE_S)
            return


def _in_a_group_of_its_own() -> dict[str, object]:
    """Return what keeps a terminal's Ctrl+C from a child: it comes through us."""
    if os.name == "nt":
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HERE, 0))
        port: int = found.getsockname()[1]
        return port
