#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the benchmarks of a build folder, prints tables, writes bench.jsonl and bench.svg there.

Every server is measured beside its twin in the same run, pinned to the first CPU, with the load on
the last one; see docs/BENCHMARKS.md.
"""

import argparse
import os
import signal
import sys
import tempfile

sys.dont_write_bytecode = True

# The folder of this file is where Python looks first.
from harness import chart, goals, plan, report, training  # noqa: E402
from harness.measure import Place, machine  # noqa: E402


def arguments():
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__.splitlines()[0])
    parser.add_argument("build", help="the build folder")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="fewer of everything, under 2 minutes")
    size.add_argument("--smoke", action="store_true", help="whether it works; figures mean nothing")
    size.add_argument("--train", action="store_true",
                      help="only lets the servers work, for a build that counts (./dev does this)")
    parser.add_argument("--only", metavar="PATTERN",
                        help="workloads, or WORKLOAD/SERVER, with this in the name, or a glob")
    parser.add_argument("--check", action="store_true",
                        help="only looks at these arguments (./dev does this before it builds)")
    options = parser.parse_args()
    if not any(plan.chosen(options.only, options.quick)):
        names = ", ".join(workload.name for workload in plan.WORKLOADS)
        parser.error(f"--only {options.only}: no such workload; there are {names}")
    return options


def run(options, scratch):
    """Runs everything; returns the exit code."""
    place = Place(options.build, scratch)
    size = plan.QUICK if options.quick else plan.SMOKE if options.smoke else plan.FULL
    where = machine()
    rows = []
    try:
        runner = plan.Runner(place, size, options.only)
        print(f"{where}; servers on CPU {place.server_cpu}, load on CPU {place.load_cpu}, "
              f"{size.runs} interleaved runs.\nFigures are of one operation; the ratio is of CPU, "
              "to the twin in the same run.")
        if place.cpu_count == 1:
            runner.notes.append("one CPU only: servers and load take turns on it")
        for workload, servers in runner.plan:
            measured = runner.run(workload, servers)
            rows.extend(measured)
            if measured:
                print("\n" + "\n".join(report.table(measured)), flush=True)
    finally:
        place.wine.stop()
    lines = list(goals.goal_lines(rows))
    if lines and not options.smoke:
        print("\nGoals\n" + "\n".join(lines))
    if runner.notes:
        print("\nNotes\n" + "\n".join(f"  {note}" for note in runner.notes))
    target = scratch if options.smoke else options.build
    # A part does not replace the results of a whole run.
    base = os.path.join(target, "bench-part" if options.only else "bench")
    report.write_json(base + ".jsonl", rows, where)
    chart.write(base + ".svg", rows, where)
    if not options.smoke:
        print(f"\nAs JSON lines: {base}.jsonl; as a picture: {base}.svg")
    if not rows:
        print("bench: nothing was measured", file=sys.stderr)
    return 1 if runner.failed or not rows else 0


def train(options, scratch):
    """Trains; returns the exit code."""
    good, notes = training.train(Place(options.build, scratch))
    for note in notes:
        print(f"bench: not trained: {note}", file=sys.stderr)
    return 0 if good else 1


def main():
    """Runs with a folder for scratch files; whatever ends the program, its children are ended."""
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(143))
    options = arguments()
    if options.check:
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="ntsock-bench-") as scratch:
            return train(options, scratch) if options.train else run(options, scratch)
    except KeyboardInterrupt:
        print("\nbench: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
