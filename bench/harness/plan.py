# SPDX-License-Identifier: MIT
"""What is run and how often, and the running of it with lines about its progress."""

import contextlib
import fnmatch
import sys
import time
from dataclasses import dataclass

from .measure import absence, measure, measure_idle
from .observers import Allocations, call_counter
from .processes import Failure
from .results import Row
from .servers import servers_for
from .workloads import WORKLOADS


@dataclass(frozen=True)
class Size:
    """How thorough a run is.

    seconds: of one measurement, 0 for the fewest operations that work; idle: connections of that
    workload; counted_ops: operations under strace.
    """

    runs: int
    driver_runs: int
    wine_runs: int
    seconds: float
    idle: int
    counted_ops: int
    quick: bool

    def runs_of(self, server):
        """How many of the interleaved runs the server takes part in."""
        if server.wine:
            return self.wine_runs
        return self.driver_runs if server.filters else self.runs


FULL = Size(runs=9, driver_runs=5, wine_runs=3, seconds=0.35, idle=10000, counted_ops=2000,
            quick=False)
QUICK = Size(runs=5, driver_runs=5, wine_runs=0, seconds=0.15, idle=2000, counted_ops=500,
             quick=True)
SMOKE = Size(runs=1, driver_runs=1, wine_runs=0, seconds=0, idle=50, counted_ops=20, quick=True)
OVERHEAD_SECONDS = 0.25  # to start and warm up, beside what is measured
COUNTING_SECONDS = 0.8  # both passes
FULL_SPEED_FACTOR = 10  # so many times the operations where counting does not slow down
IDLE_SECONDS = 2.5


def wanted(only, workload, server):
    """Whether --only lets the pair through; the twin stays with whatever it is the twin of."""
    if not only:
        return True
    names = (workload.name, f"{workload.name}/{server.key}")
    return any(fnmatch.fnmatch(name, only) or only in name for name in names)


def chosen(only, quick):
    """The workloads that --only lets through, each with its twin and the servers let through."""
    for workload in WORKLOADS:
        if quick and not workload.quick:
            continue
        twin, *others = servers_for(workload, quick)
        rows = [server for server in others if wanted(only, workload, server)]
        if rows or wanted(only, workload, twin):
            yield workload, twin, rows


class Progress:
    """Says what is being done, how much is done and about how long the rest takes."""

    def __init__(self, total):
        self._total = max(total, 0.001)
        self._done = 0.0
        self._began = time.monotonic()
        self._tty = sys.stderr.isatty()
        self._last = ""

    def say(self, text):
        """The text, after the part that is done."""
        spent = time.monotonic() - self._began
        share = min(self._done / self._total, 1.0)
        left = spent / share * (1 - share) if share > 0.02 else self._total - self._done
        rest = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        line = f"[{share:4.0%}] {text}, about {rest} left"
        if self._tty:
            print(f"\r\033[K{line[:110]}", end="", file=sys.stderr, flush=True)
        elif text != self._last:
            print(line, file=sys.stderr, flush=True)
        self._last = text

    def step(self, cost):
        """So many seconds of the estimate are over."""
        self._done += cost

    def clear(self):
        """Makes room for a table."""
        if self._tty:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Runner:
    """Runs the plan, workload by workload."""

    def __init__(self, place, size, only):
        self._place = place
        self._size = size
        self.notes = []
        self.failed = False
        self._call_counter, note = call_counter(place.scratch)
        self._note(note)
        self.plan = list(self._choose(only))
        self._progress = Progress(sum(self._cost(w, s) for w, rows in self.plan for s in rows))

    def _note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def _choose(self, only):
        """The workloads with the servers that are there."""
        for workload, twin, rows in chosen(only, self._size.quick):
            if workload.descriptors > self._place.descriptors:
                self._note(f"{workload.name}: left out, for want of descriptors (ulimit -n)")
                continue
            present = []
            for server in [twin] + rows:
                why = absence(self._place, server)
                if why is None:
                    present.append(server)
                else:
                    self._note(f"{server.title.strip()}: left out, {why}")
            if present and present[0] is twin:
                yield workload, present

    def _cost(self, workload, server):
        """Seconds that a row takes, about."""
        if workload.kind == "idle":
            return IDLE_SECONDS * max(1, self._connections(workload) / FULL.idle)
        each = self._size.seconds + OVERHEAD_SECONDS * (4 if server.wine else 1)
        counting = 0 if server.wine else COUNTING_SECONDS
        return each * self._size.runs_of(server) + counting

    def run(self, workload, servers):
        """Measures a workload; returns a row for each server that worked."""
        rows = [Row(workload, server) for server in servers]
        if workload.kind == "idle":
            self._measure_idle(workload, rows)
        else:
            self._measure_runs(workload, rows)
            self._count(workload, rows)
        self._progress.clear()
        good = [row for row in rows if row.samples or row.memory]
        for row in good:
            row.set_twin(rows[0])
        return good

    def _guard(self, row, action, *arguments):
        """Runs a measurement; one that fails takes its row out, the others go on."""
        if row.failure:
            return None
        try:
            return action(*arguments)
        except Failure as failure:
            row.failure = str(failure)
            self.failed = True
            self._note(f"{row.workload.name}, {row.server.title.strip()}: failed, {failure}")
            return None

    def _operations(self, workload, twin):
        """How many operations the twin does in the time of one measurement."""
        if not self._size.seconds:
            return max(workload.slots * 2, 20)
        self._progress.say(f"{workload.name}: a first look")
        sample = self._guard(twin, measure, self._place, twin.server, workload, workload.first_ops)
        if not sample:
            return workload.first_ops
        rate = sample["ops"] / max(sample["wall_ns"], 1)
        return max(int(rate * self._size.seconds * 1e9), 2 * workload.slots, 50)

    def _measure_runs(self, workload, rows):
        ops = self._operations(workload, rows[0])
        for run in range(self._size.runs):
            taking_part = [row for row in rows if run < self._size.runs_of(row.server)]
            # Each run begins with another server: nobody always has the same neighbour.
            first = run % len(taking_part)
            for row in taking_part[first:] + taking_part[:first]:
                self._progress.say(f"{workload.name}: run {run + 1} of {self._size.runs}")
                count = max(ops // row.server.slowness, 2 * workload.slots)
                sample = self._guard(row, measure, self._place, row.server, workload, count)
                if sample:
                    row.samples[run] = sample
                self._progress.step(self._size.seconds + OVERHEAD_SECONDS)

    def _count(self, workload, rows):
        ready = self._call_counter.ready() if self._call_counter else contextlib.nullcontext()
        try:
            with ready:
                self._count_rows(workload, rows)
        except Failure as failure:
            self._note(f"{workload.name}: not counted, {failure}")

    def _count_rows(self, workload, rows):
        fewest, few = 2 * workload.slots, self._size.counted_ops
        many = max(fewest, few * FULL_SPEED_FACTOR)
        library = self._place.program("count_alloc.so")
        for row in rows:
            if row.server.wine:
                continue
            self._progress.say(f"{workload.name}: counting system calls and allocations")
            if self._call_counter:
                ops = many if self._call_counter.full_speed else max(fewest, few)
                row.calls = self._observe(row, ops, self._call_counter)
            observer = Allocations(self._place.scratch, library)
            row.allocations = self._observe(row, many, observer)
            self._progress.step(COUNTING_SECONDS)

    def _observe(self, row, ops, observer):
        """What the observer counted, for each operation."""
        try:
            sample = measure(self._place, row.server, row.workload, ops, observer)
        except Failure as failure:
            self._note(f"{row.workload.name}, {row.server.title.strip()}: not counted, {failure}")
            if observer is self._call_counter and "strace" in str(failure):
                self._call_counter = None
            return None
        return {name: count / sample["ops"] for name, count in sample["counts"].items()}

    def _connections(self, workload):
        """How many idle connections it is to be; the workload's own number for a whole run only."""
        return workload.slots if workload.slots > 1 else self._size.idle

    def _measure_idle(self, workload, rows):
        wanted = self._connections(workload)
        connections = min(wanted, self._place.descriptors - 200)
        if connections < wanted:
            self._note(f"{workload.name}: {connections} connections, for want of descriptors "
                       "(ulimit -n)")
        for row in rows:
            self._progress.say(f"{workload.name}: {connections} connections")
            row.memory = self._guard(row, measure_idle, self._place, row.server, workload,
                                     connections)
            self._progress.step(IDLE_SECONDS)
