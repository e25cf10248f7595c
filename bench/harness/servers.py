# SPDX-License-Identifier: MIT
"""What is measured against what: the servers of each family, the twin first."""

import os
from dataclasses import dataclass, replace

DEPTHS = (1, 4, 16)


@dataclass(frozen=True)
class Server:
    """One row of a table.

    key is its short, stable name; program is a file in the folder of the benchmarks; classic
    servers get one more argument. filters drivers are layered, with or without fast I/O. slowness
    says by how much fewer operations are enough.
    """

    key: str
    title: str
    program: str
    engine: str = ""
    classic: bool = False
    filters: int = 0
    fast_io: bool = True
    wine: bool = False
    slowness: int = 1
    load: str = ""  # of a micro program, where it differs from the workload's
    quick: bool = True

    def arguments(self, workload):
        """The command line behind the program's name, for a server."""
        common = [workload.mode, str(workload.threads), str(workload.buffer)]
        if workload.family not in ("port", "scale"):
            return common if self.key == "epoll" else []
        return common + (["classic"] if self.classic else [])

    def environment(self, driver):
        """The environment; nothing of the caller's configuration gets in."""
        result = {k: v for k, v in os.environ.items() if not k.startswith(("NTSOCK_", "BENCH_"))}
        if self.engine:
            result["NTSOCK_ENGINE"] = self.engine
        if self.filters:
            spec = driver if self.fast_io else driver + ":fastio=0"
            result["NTSOCK_DRIVERS"] = ";".join([spec] * self.filters)
        return result


EPOLL = Server("epoll", "plain epoll (the twin)", "epoll_server")
PORT = Server("ntsock", "ntsock, completion port, epoll engine", "iocp_server", engine="epoll")
URING = replace(PORT, key="ntsock-uring", title="ntsock, completion port, io_uring engine",
                engine="uring")
WINE = Server("wine", "the same source under Wine", "iocp_server.exe", wine=True, slowness=10,
              quick=False)

FAMILIES = {
    "port": (
        EPOLL,
        PORT,
        URING,
        replace(PORT, key="ntsock-classic", title="ntsock, one packet per operation", classic=True,
                quick=False),
        Server("uring", "plain io_uring", "uring_server"),
        Server("libuv", "libuv", "uv_server", quick=False),
        WINE,
    ),
    "scale": (EPOLL, PORT),
    "blocking": (
        Server("posix", "POSIX sockets (the twin)", "echo_server_posix"),
        Server("ntsock", "ntsock, same source", "echo_server", engine="epoll"),
    ),
    "select": (
        Server("posix", "POSIX select (the twin)", "select_server_posix"),
        Server("ntsock", "ntsock, same source", "select_server", engine="epoll"),
    ),
    "event": (
        EPOLL,
        Server("ntsock", "ntsock, WSAEventSelect", "event_server", engine="epoll"),
    ),
    "poll": (
        Server("posix", "POSIX poll (the twin)", "poll_sockets_posix"),
        Server("ntsock", "ntsock, same source", "poll_sockets", engine="epoll"),
    ),
    "micro": (
        Server("posix", "Linux calls (the twin)", "micro_posix"),
        Server("ntsock", "ntsock", "micro", engine="epoll"),
        Server("cond", "mutex and condition variable", "micro_posix", load="cond_handoff"),
    ),
}


def layered(server):
    """The server with drivers above AFD: each depth, with fast I/O and without."""
    for fast_io in (True, False):
        for depth in DEPTHS:
            plural = "driver" if depth == 1 else "drivers"
            how = "fast I/O" if fast_io else "IRPs only"
            yield replace(server, key=f"{server.key}+{depth}{'' if fast_io else 'i'}",
                          title=f"  {depth} {plural}, {how}", filters=depth, fast_io=fast_io,
                          quick=depth == 1 or (depth == 16 and not fast_io))


def servers_for(workload, quick):
    """Every server of the workload, the twin first; those that are not there come out later."""
    rows = []
    for server in FAMILIES[workload.family]:
        if server.load == "cond_handoff" and workload.name != "event_handoff":
            continue
        if server.wine and workload.kind != "load":
            continue
        rows.append(server)
        if server.key == "ntsock" and workload.kind != "micro" and workload.family != "scale":
            if not quick or workload.quick_drivers:
                rows.extend(layered(server))
    return [row for row in rows if row.quick or not quick]
