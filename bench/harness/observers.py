# SPDX-License-Identifier: MIT
"""Counting what a server does between two moments: system calls, allocations."""

import mmap
import os
import shutil
import struct

from .processes import Child, Failure


class SystemCalls:
    """Counts with strace, attached only for the time that counts."""

    def __init__(self, scratch):
        self._output = os.path.join(scratch, "strace")
        self._strace = None

    @staticmethod
    def missing():
        """Why it cannot be done here, or None."""
        return None if shutil.which("strace") else "strace is not installed"

    def environment(self):
        """What the server needs in its environment."""
        return {}

    def begin(self, pid):
        """The server has warmed up."""
        self._strace = Child(["strace", "-f", "-c", "-o", self._output, "-p", str(pid)],
                             errors_as_output=True)
        try:
            said = self._strace.line(10)
            if "attached" not in said:
                raise Failure(said)
        except Failure:
            self._strace.kill()
            raise

    def end(self):
        """The operations are done; returns how often each call was made."""
        try:
            self._strace.interrupt()
        finally:
            self._strace.kill()
        return parse_summary(self._output)


def parse_summary(path):
    """The table of strace -c as {name: calls}.

    Columns: %, seconds, us per call, calls, errors if any, name.
    """
    calls = {}
    with open(path, encoding="utf-8") as table:
        for row in table:
            words = row.split()
            if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
                calls[words[-1]] = int(words[3])
    return calls


class Allocations:
    """Counts with a library for LD_PRELOAD, which keeps its counter in a file."""

    def __init__(self, scratch, library):
        self._path = os.path.join(scratch, "allocations")
        self._library = library
        self._page = None
        self._before = 0

    def environment(self):
        """What the server needs in its environment."""
        with open(self._path, "wb") as counter:
            counter.write(bytes(8))
        with open(self._path, "r+b") as counter:
            self._page = mmap.mmap(counter.fileno(), 8)
        return {"LD_PRELOAD": self._library, "BENCH_ALLOCATIONS": self._path}

    def _value(self):
        return struct.unpack("<Q", self._page[:8])[0]

    def begin(self, unused_pid):
        """The server has warmed up."""
        self._before = self._value()

    def end(self):
        """The operations are done; returns the number of allocations."""
        count = self._value() - self._before
        self._page.close()
        return {"allocations": count}


def memory_of(pid):
    """Bytes of the process: what is resident, and what is its own and written to."""
    result = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as table:
        for row in table:
            name, _, rest = row.partition(":")
            if name in ("Rss", "Private_Dirty"):
                result[name] = int(rest.split()[0]) * 1024
    return result
