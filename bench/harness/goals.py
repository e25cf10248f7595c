# SPDX-License-Identifier: MIT
"""The goals that the project has set itself, and what a run reached of them."""

ECHOES = ("echo_1", "echo_64", "echo_1000")
MANY = "echo_10000"
CONNECTIONS = ("accept", "short")
STREAMS = ("sink", "stream")


class Reached:
    """Finds figures in the rows of a run."""

    def __init__(self, rows):
        self._rows = {(row.workload.name, row.server.key): row for row in rows}

    def row(self, workload, key):
        """The row, or None."""
        return self._rows.get((workload, key))

    def ratio(self, workload, key, base=None):
        """CPU for an operation beside the twin, or beside another server."""
        row = self.row(workload, key)
        other = self.row(workload, base) if base else None
        return row.ratio(other) if row and (other or not base) else None

    def calls(self, workload, key):
        """System calls for an operation."""
        row = self.row(workload, key)
        return row.calls_per_op() if row else None


def goals(rows):
    """(text, figure, limit, is it a lower limit) of each goal that the run has a figure for."""
    reached = Reached(rows)
    found = []

    def add(text, figure, limit, at_least=False):
        if figure is not None:
            found.append((text, figure, limit, at_least))

    for key, engine, echo, connection in (("ntsock", "epoll", 1.05, 1.05),
                                          ("ntsock-uring", "io_uring", 0.90, 0.95)):
        for name in ECHOES:
            add(f"{name}: CPU beside the twin, {engine}", reached.ratio(name, key), echo)
        for name in CONNECTIONS:
            add(f"{name}: CPU beside the twin, {engine}", reached.ratio(name, key), connection)
    for name in STREAMS:
        ratio = reached.ratio(name, "ntsock")
        add(f"{name}: MB per CPU second beside the twin", 1 / ratio if ratio else None, 0.97, True)
    for name in ("echo_64", "accept"):
        twin = reached.calls(name, "epoll")
        add(f"{name}: system calls, epoll (limit: the twin's, + 2 %)",
            reached.calls(name, "ntsock"), twin and twin * 1.02)
    add("echo_64: system calls, io_uring", reached.calls("echo_64", "ntsock-uring"), 0.1)
    for key, text, limit in (("ntsock+1", "1 driver with fast I/O", 1.02),
                             ("ntsock+1i", "1 driver without", 1.06),
                             ("ntsock+16i", "16 drivers without", 1.40)):
        for name in ("echo_64", "blocking_1"):
            add(f"{name}: {text}, beside none", reached.ratio(name, key, "ntsock"), limit)
    few, many = reached.ratio("echo_64", "ntsock"), reached.ratio(MANY, "ntsock")
    add(f"{MANY}: ratio beside echo_64's", many / few if few and many else None, 1.10)
    one, two = reached.ratio("echo_64", "ntsock"), reached.ratio("echo_64_2", "ntsock")
    add("echo_64_2: ratio beside one thread's", two / one if one and two else None, 1.20)
    few, many = reached.ratio("poll_100", "ntsock"), reached.ratio("poll_4000", "ntsock")
    add("poll_4000: ratio beside poll_100's", many / few if few and many else None, 1.10)
    for name in ("idle", "idle_100000"):
        idle = reached.row(name, "ntsock")
        add(f"{name}: bytes of a connection", idle.memory["bytes"] if idle else None, 512)
    port = reached.row("port", "ntsock")
    add("port: ns to post and take a packet", port.cpu_ns if port else None, 100)
    for name in ECHOES:
        row = reached.row(name, "ntsock")
        add(f"{name}: allocations", row.allocations_per_op() if row else None, 0.005)
    wine = reached.ratio("echo_64", "wine", "ntsock")
    add("echo_64: CPU under Wine beside ntsock", wine, 15, True)
    return [goal for goal in found if goal[2] is not None]


def goal_lines(rows):
    """The goals as lines of text."""
    for text, figure, limit, at_least in goals(rows):
        met = figure >= limit if at_least else figure <= limit
        words = "at least" if at_least else "at most"
        yield f"  {text:58}{figure:9.3f}   {words} {limit:<8.4g} {'reached' if met else 'missed'}"
