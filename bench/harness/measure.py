# SPDX-License-Identifier: MIT
"""One measurement: a server on the first CPU, the load on the last one, one line of figures."""

import contextlib
import json
import os
import platform
import resource
import time

from .observers import memory_of
from .processes import Child, Failure
from .wine import Wine
from .workloads import WORKLOADS

START_SECONDS = 30
RUN_SECONDS = 120
HEAP_HEADER, HEAP_UNIT = 8, 16  # of glibc: what a block costs


class Place:
    """Where everything is: programs, CPUs, a folder for scratch files."""

    def __init__(self, build, scratch):
        self.bench = os.path.join(os.path.abspath(build), "bench")
        self.driver = os.path.join(os.path.abspath(build), "drivers", "passthrough.so")
        self.scratch = scratch
        cpus = sorted(os.sched_getaffinity(0))
        self.server_cpu, self.load_cpu = cpus[0], cpus[-1]
        self.cpu_count = len(cpus)
        self.wine = Wine(self.bench, self.server_cpu)
        self.descriptors = raise_descriptor_limit()
        self._uring = {}

    def program(self, name):
        """The path of a program."""
        return os.path.join(self.bench, name)

    def command(self, server, arguments):
        """The command line of a server."""
        if server.wine:
            return self.wine.command(arguments)
        return [self.program(server.program)] + arguments

    def environment(self, server):
        """The environment of a server."""
        result = server.environment(self.driver)
        if server.wine:
            result.update(self.wine.environment())
        return result

    def uring_absence(self, server):
        """Why ntsock's io_uring engine is not there, or None: tried once, with a connection."""
        if "answer" not in self._uring:
            self._uring["answer"] = try_uring(self, server)
        return self._uring["answer"]


def raise_descriptor_limit():
    """As many descriptors as are allowed; returns how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1 << 18 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def machine():
    """The machine in words: processor, number of CPUs, kernel."""
    model = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as facts:
            for row in facts:
                if row.startswith("model name"):
                    model = row.split(":", 1)[1].strip()
                    break
    except OSError:
        pass
    cpus = len(os.sched_getaffinity(0))
    return f"{model}, {cpus} {'CPU' if cpus == 1 else 'CPUs'}, Linux {platform.release()}"


def process_cpu_ns(pid):
    """CPU time of all threads of a process, as clock_getcpuclockid would find it."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def start_server(place, server, workload, extra_environment=None):
    """A running server: its process, its port, bytes of its own for a connection (0: unknown)."""
    environment = place.environment(server)
    environment.update(extra_environment or {})
    child = Child(place.command(server, server.arguments(workload)), place.server_cpu, environment)
    try:
        words = child.line(START_SECONDS).split()
        return child, words[0], int(words[1]) if len(words) > 1 else 0
    except (Failure, ValueError, IndexError):
        child.kill()
        raise


def measure(place, server, workload, ops, observer=None):
    """Runs ops operations; returns the sample, with what the observer counted as "counts"."""
    extra = observer.environment() if observer else {}
    warm = max(ops // 10, 1)
    if workload.kind == "micro":
        environment = place.environment(server)
        environment.update(extra)
        command = [place.program(server.program), server.load or workload.load, str(warm), str(ops)]
        with Child(command, place.server_cpu, environment) as child:
            return follow(child, child.pid, observer)
    running, port, _ = start_server(place, server, workload, extra)
    with running:
        command = [place.program("load"), workload.load, port, str(running.pid),
                   str(workload.slots), str(workload.size), str(warm), str(ops)]
        with Child(command, place.load_cpu) as load:
            helper = place.wine.server_pid() if server.wine else None
            return follow(load, running.pid, observer, helper)


def follow(child, pid, observer, helper=None):
    """Waits for the warm-up, lets the child go on and reads its line. helper also works for it."""
    if child.line(RUN_SECONDS) != "ready":
        raise Failure(f"{child.name} does not get ready")
    if observer:
        observer.begin(pid)
    helper_ns = process_cpu_ns(helper) if helper else 0
    child.go()
    try:
        sample = json.loads(child.line(RUN_SECONDS))
    finally:
        counts = observer.end() if observer else None
    if helper:
        sample["cpu_ns"] += process_cpu_ns(helper) - helper_ns
    sample["counts"] = counts
    return sample


def measure_idle(place, server, workload, connections):
    """Memory of the server before and after so many connections; bytes for each one.

    Several loads make them if there are many, because a process has only so many descriptors.
    """
    running, port, own = start_server(place, server, workload)
    with running, contextlib.ExitStack() as loads:
        each_load = min(connections, max(place.descriptors - 100, 1), 16000)
        started = []
        for first in range(0, connections, each_load):
            number = min(each_load, connections - first)
            command = [place.program("load"), "idle", port, str(running.pid), str(number),
                       "64", "0", "0"]
            started.append(loads.enter_context(Child(command, place.load_cpu)))
            if started[-1].line(RUN_SECONDS) != "ready":
                raise Failure("load does not get ready")
        before = memory_of(running.pid)
        for load in started:
            load.go()
            if load.line(RUN_SECONDS) != "ready":
                raise Failure("load does not connect")
        after = memory_of(running.pid)
        for load in started:
            load.go()
    block = (own + HEAP_HEADER + HEAP_UNIT - 1) // HEAP_UNIT * HEAP_UNIT if own else 0
    each = {name: (after[name] - before[name]) / connections for name in after}
    return {"connections": connections, "own": block, "private_dirty": each["Private_Dirty"],
            "rss": each["Rss"], "bytes": each["Private_Dirty"] - block}


def absence(place, server):
    """Why the server cannot be measured here, or None."""
    if server.wine:
        return place.wine.missing()
    if not os.path.exists(place.program(server.program)):
        return f"{server.program} was not built"
    if server.engine == "uring":
        return place.uring_absence(server)
    return None


def try_uring(place, server):
    """Starts the server and echoes on several connections, since a ring is made when it first
    pays; the server may have fallen back to another engine in silence."""
    workload = next(each for each in WORKLOADS if each.name == "echo_64")
    try:
        running, port, _ = start_server(place, server, workload)
        with running:
            command = [place.program("load"), "echo", port, str(running.pid), "64", "64", "2000", "1"]
            with Child(command, place.load_cpu) as load:
                load.line(RUN_SECONDS)
            return None if uses_uring(running.pid) else "the engine io_uring is not in use"
    except Failure as failure:
        return str(failure)


def uses_uring(pid):
    """Whether the process has an io_uring open."""
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            if "io_uring" in os.readlink(os.path.join(folder, name)):
                return True
        except OSError:
            continue
    return False
