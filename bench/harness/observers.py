# SPDX-License-Identifier: MIT
"""Counting what a server does between two moments: system calls, allocations."""

import contextlib
import mmap
import os
import shutil
import struct

from .processes import Child, Failure

TRACING = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
# What a server may call often; the rest is counted together.
NAMES = ("accept", "accept4", "bind", "close", "connect", "epoll_ctl", "epoll_pwait",
         "epoll_pwait2", "epoll_wait", "eventfd2", "fcntl", "futex", "getsockname", "getsockopt",
         "io_uring_enter", "ioctl", "listen", "madvise", "mmap", "mprotect", "munmap", "poll",
         "ppoll", "pselect6", "read", "readv", "recvfrom", "recvmmsg", "recvmsg", "sched_yield",
         "select", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socket", "write",
         "writev")
OTHER = "other"


class Tracepoints:
    """Counts with the kernel's tracepoints, by perf stat: the server runs at full speed.

    perf opens them for each thread of the process, and threads that those start inherit them.
    """

    full_speed = True

    def __init__(self, scratch):
        self._output = os.path.join(scratch, "perf")
        folder = next((each for each in TRACING if os.access(each + "/events/syscalls", os.R_OK)),
                      "")
        self._names = [name for name in NAMES
                       if os.path.exists(f"{folder}/events/syscalls/sys_enter_{name}")]
        self._perf = None

    def missing(self):
        """Why it cannot be done here, or None: tried once, with this process."""
        if not shutil.which("perf"):
            return "perf is not installed"
        if not self._names:
            return "the tracepoints of system calls are not there, or only for root"
        try:
            self.begin(os.getpid())
            return None if sum(self.end().values()) else "perf finds no system calls"
        except Failure:
            return "perf does not count system calls here"

    def environment(self):
        """What the server needs in its environment."""
        return {}

    def _open(self, pid, output):
        """A perf that has the tracepoints open, and counts when it is told to."""
        command = ["perf", "stat", "-x,", "-o", output, "--control", "fd:0,1", "-D", "-1",
                   "-p", str(pid), "-e", "raw_syscalls:sys_enter"]
        for name in self._names:
            command += ["-e", "syscalls:sys_enter_" + name]
        perf = Child(command)
        try:
            order(perf, "disable")
        except Failure:
            perf.kill()
            raise
        return perf

    @contextlib.contextmanager
    def ready(self):
        """What is open already is opened and closed quickly; else the kernel waits each time.

        Not while anything is timed: system calls are a little slower then.
        """
        with self._open(os.getpid(), os.devnull):
            yield

    def begin(self, pid):
        """The server has warmed up."""
        self._perf = self._open(pid, self._output)
        try:
            order(self._perf, "enable")
        except Failure:
            self._perf.kill()
            raise

    def end(self):
        """The operations are done; returns how often each call was made."""
        try:
            self._perf.interrupt() # the load keeps its connections: nothing is called meanwhile
        finally:
            self._perf.kill()
        return parse_stat(self._output)


def order(perf, word):
    """Gives perf an order and waits until it is carried out."""
    perf.go(word)
    if "ack" not in perf.line(20):
        raise Failure(f"perf does not {word}")


def parse_stat(path):
    """The output of perf stat -x, as {name: calls}; what has no name of its own is "other".

    Columns: count, unit, event, and more. "<not counted>" are events of a thread that never ran.
    """
    calls = {}
    total = 0
    try:
        with open(path, encoding="utf-8") as table:
            rows = [row.strip().split(",") for row in table]
    except OSError as error:
        raise Failure(f"perf has counted nothing: {error.strerror}") from error
    for words in rows:
        if len(words) < 3 or not words[0].isdigit():
            continue
        count, event = int(words[0]), words[2]
        if event.startswith("raw_syscalls:"):
            total = count
        elif count:
            calls[event.partition("sys_enter_")[2]] = count
    if not total:
        raise Failure("perf has counted nothing")
    rest = total - sum(calls.values())
    if rest > 0:
        calls[OTHER] = rest
    return calls


class Strace:
    """Counts with strace, attached only for the time that counts; it slows the server down."""

    full_speed = False

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

    def ready(self):
        """Nothing to prepare."""
        return contextlib.nullcontext()

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


def call_counter(scratch):
    """What counts system calls here, or None, and a note about it."""
    tracepoints, strace = Tracepoints(scratch), Strace(scratch)
    why = tracepoints.missing()
    if why is None:
        return tracepoints, "system calls are counted at full speed, by perf"
    if strace.missing() is None:
        return strace, ("system calls are counted with strace, under which a server is slow and "
                        f"finds more at each look: {why}")
    return None, f"no system calls are counted: {why}; {strace.missing()}"


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
