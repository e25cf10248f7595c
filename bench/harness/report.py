# SPDX-License-Identifier: MIT
"""Tables for people, JSON lines for programs, and how the goals stand."""

import json

from .results import quantile
from .workloads import PIECE

HEADINGS = ("CPU/op", "ratio", "half of the runs", "ops/s", "p50", "p99", "calls", "allocs")
WIDTHS = (9, 7, 18, 11, 10, 10, 8, 8)
TITLE_WIDTH = 40


def time_text(ns):
    """Nanoseconds in a unit that suits."""
    for limit, unit, divisor in ((1e4, "ns", 1), (1e7, "us", 1e3), (1e10, "ms", 1e6)):
        if ns < limit:
            value = ns / divisor
            return f"{value:.0f} {unit}" if divisor == 1 else f"{value:.1f} {unit}"
    return f"{ns / 1e9:.1f} s"


def count_text(value):
    """A count for each operation; what is nearly nothing still shows."""
    if value is None:
        return "-"
    return "0" if value == 0 else f"{value:.2f}" if value >= 0.005 else "<0.01"


def line(title, cells):
    """A line of a table."""
    return title.ljust(TITLE_WIDTH) + "".join(c.rjust(w) for c, w in zip(cells, WIDTHS))


def table(rows):
    """The table of a workload, as lines."""
    workload = rows[0].workload
    yield f"{workload.name} - {workload.about}"
    if workload.kind == "idle":
        yield from idle_table(rows)
        return
    headings = list(HEADINGS)
    streaming = workload.size == PIECE
    if streaming:
        headings[3] = "MB/CPU s"
    yield line("", headings)
    for row in rows:
        ratios = row.ratios()
        spread = f"{quantile(ratios, 0.25):.2f} .. {quantile(ratios, 0.75):.2f}" if ratios else "-"
        rate = PIECE * 1e3 / row.cpu_ns if streaming and row.cpu_ns else 1e9 / row.wall_ns
        yield line("  " + row.server.title, (
            time_text(row.cpu_ns), f"{row.ratio():.3f}" if ratios else "-", spread, f"{rate:,.0f}",
            time_text(row.p50_ns), time_text(row.p99_ns), count_text(row.calls_per_op()),
            count_text(row.allocations_per_op())))


def idle_table(rows):
    """Bytes for each connection: written by the process, of those the program's own, the rest."""
    yield f"{'':{TITLE_WIDTH}}{'private':>10}{'program':>10}{'rest':>10}{'resident':>10}   bytes"
    for row in rows:
        memory = row.memory
        yield (f"{'  ' + row.server.title:{TITLE_WIDTH}}{memory['private_dirty']:10.0f}"
               f"{memory['own']:10.0f}{memory['bytes']:10.0f}{memory['rss']:10.0f}")


def record(row, machine):
    """The row as an object of JSON. Times are nanoseconds for an operation."""
    workload, server = row.workload, row.server
    name = "_".join((workload.name, server.key.split("+")[0], str(workload.size)))
    result = {"name": name, "server": server.title.strip(),
              "workload": workload.name, "key": server.key, "filters": server.filters,
              "fast_io": server.fast_io, "machine": machine}
    if row.memory:
        result.update(n=row.memory["connections"], bytes=round(row.memory["bytes"], 1),
                      private_dirty=round(row.memory["private_dirty"], 1),
                      rss=round(row.memory["rss"], 1), own=row.memory["own"])
        return result
    ratios = row.ratios()
    result.update(n=row.ops, runs=len(row.samples), ns=round(row.wall_ns, 1),
                  p50=round(row.p50_ns), p99=round(row.p99_ns), cpu_ns=round(row.cpu_ns, 1))
    if ratios:
        result.update(ratio=round(row.ratio(), 4), ratio_q1=round(quantile(ratios, 0.25), 4),
                      ratio_q3=round(quantile(ratios, 0.75), 4), ratio_min=round(min(ratios), 4),
                      ratio_max=round(max(ratios), 4))
    calls = row.calls_per_op()
    allocations = row.allocations_per_op()
    result.update(syscalls=None if calls is None else round(calls, 4),
                  allocations=None if allocations is None else round(allocations, 4))
    if row.calls:
        result["calls"] = {name: round(count, 4) for name, count in
                           sorted(row.calls.items(), key=lambda each: -each[1]) if count >= 0.001}
    return result


def write_json(path, rows, machine):
    """All rows, one line each."""
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(record(row, machine)) + "\n")
