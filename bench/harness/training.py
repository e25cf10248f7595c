# SPDX-License-Identifier: MIT
"""Lets every server of ntsock work for a while, so that a build that counts learns what is used often.

The counts are written when a program ends by exit(), which end_orderly.c makes it do.
"""

import os
import signal
import sys
import time

from .measure import absence, measure
from .processes import Failure
from .servers import servers_for
from .workloads import PIECE, WORKLOADS

OPS = {"load": 20000, "micro": 2000}
END_SECONDS = 20


class OrderlyEnd:
    """Makes the program end, and waits until it has written its counts."""

    def __init__(self, library):
        self._library = library
        self._pid = 0

    def environment(self):
        """What the program needs in its environment."""
        return {"LD_PRELOAD": self._library}

    def begin(self, pid):
        """The program has warmed up."""
        self._pid = pid

    def end(self):
        """The operations are done."""
        os.kill(self._pid, signal.SIGINT)
        deadline = time.monotonic() + END_SECONDS
        while os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            if time.monotonic() > deadline:
                raise Failure(f"does not end within {END_SECONDS} s")
            time.sleep(0.01)
        return {}


def pairs():
    """The workloads with the servers that train: without a driver, and with one of each kind."""
    for workload in WORKLOADS:
        if workload.kind == "idle" or workload.slots > 1000:
            continue
        for server in servers_for(workload, False):
            if server.engine and server.filters <= 1:
                yield workload, server


def train(place):
    """Runs all; returns how many pairs worked, and lines about those that did not."""
    good, notes = 0, []
    todo = [pair for pair in pairs() if absence(place, pair[1]) is None]
    for number, (workload, server) in enumerate(todo):
        print(f"[{number / len(todo):4.0%}] training: {workload.name}, {server.key}", file=sys.stderr,
              flush=True)
        ops = OPS[workload.kind] // (20 if workload.size == PIECE or workload.family == "poll" else 1)
        try:
            measure(place, server, workload, max(ops, 2 * workload.slots),
                    OrderlyEnd(place.program("end_orderly.so")))
            good += 1
        except Failure as failure:
            notes.append(f"{workload.name}, {server.title.strip()}: {failure}")
    return good, notes
