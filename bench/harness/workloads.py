# SPDX-License-Identifier: MIT
"""What is measured: one line for each workload."""

from dataclasses import dataclass

PIECE = 65536


@dataclass(frozen=True)
class Workload:
    """One workload.

    kind is "load" (a server under bench/load), "idle" (memory of idle connections) or "micro" (a
    program that measures itself). family says which servers it runs on. first_ops is how many
    operations the first, rough look at the twin makes; afterwards the number follows from the time
    that one measurement may take. slots are connections; threads those of the server; descriptors
    what one process needs at least.
    """

    name: str
    about: str
    family: str
    load: str
    slots: int = 1
    threads: int = 1
    size: int = 64
    mode: str = "echo"
    buffer: int = 4096
    first_ops: int = 500
    kind: str = "load"
    quick: bool = False
    quick_drivers: bool = False
    own_descriptors: int = 0

    @property
    def descriptors(self):
        """What one process needs at least; idle connections are as many as there can be."""
        return self.own_descriptors or (self.slots + 100 if self.kind == "load" else 0)


def micro(name, about, quick=False):
    """A workload of the program micro and its twin."""
    return Workload(name, about, "micro", name, size=0, first_ops=2000, kind="micro", quick=quick)


def polls(sockets, waiting=False, quick=False):
    """A poll over so many sockets, of which one has a datagram."""
    about = f"WSAPoll over {sockets:,} sockets, one of which has a datagram"
    name = f"poll_{sockets}"
    if waiting:
        name, about = name + "_wait", about + " that comes while it waits"
    return Workload(name, about + " (twin: poll)", "poll", name, size=0, first_ops=200,
                    kind="micro", quick=quick, own_descriptors=sockets + 100)


WORKLOADS = (
    Workload("echo_1", "echo of 64 bytes on 1 connection", "port", "echo", quick=True),
    Workload("echo_64", "echo of 64 bytes on 64 connections", "port", "echo", 64,
             first_ops=2000, quick=True, quick_drivers=True),
    Workload("echo_1000", "echo of 64 bytes on 1,000 connections", "port", "echo", 1000,
             first_ops=4000),
    Workload("echo_10000", "echo of 64 bytes on 10,000 connections", "scale", "echo", 10000,
             first_ops=20000),
    Workload("echo_64_2", "echo of 64 bytes on 64 connections, two threads on one port (twin: a "
             "set for each)", "scale", "echo", 64, threads=2, first_ops=2000),
    Workload("accept", "the server accepts and closes, 16 at a time", "port", "accept", 16,
             mode="accept", quick=True),
    Workload("short", "connect, one echo of 64 bytes, close, 16 at a time", "port", "short", 16,
             quick=True),
    Workload("sink", "stream to the server, 4 connections, an operation is 64 KiB", "port", "sink",
             4, size=PIECE, mode="sink", buffer=PIECE),
    Workload("stream", "stream to the server and back, 4 connections, an operation is 64 KiB",
             "port", "stream", 4, size=PIECE, buffer=PIECE, quick=True),
    Workload("udp", "echo of datagrams of 64 bytes, 16 at a time", "port", "udp", 16, mode="udp",
             quick=True),
    Workload("blocking_1", "echo of 64 bytes, blocking calls, 1 connection and its thread",
             "blocking", "echo", quick=True, quick_drivers=True),
    Workload("blocking_16", "echo of 64 bytes, blocking calls, 16 connections and threads",
             "blocking", "echo", 16),
    Workload("select_16", "echo of 64 bytes, select() over 16 connections", "select", "echo", 16,
             quick=True),
    Workload("event_16", "echo of 64 bytes, WSAEventSelect on 16 connections (twin: epoll)",
             "event", "echo", 16),
    Workload("idle", "user-space memory of an idle connection with a receive pending", "port",
             "idle", buffer=64, kind="idle", quick=True),
    Workload("idle_100000", "the same for 100,000 of them, or as many as there can be", "scale",
             "idle", 100000, buffer=64, kind="idle"),
    polls(100),
    polls(1000, quick=True),
    polls(4000),
    polls(100, waiting=True),
    polls(1000, waiting=True),
    polls(4000, waiting=True),
    micro("port", "post a packet to a completion port and take it, one thread "
          "(twin: eventfd in epoll)", quick=True),
    micro("port_handoff", "a packet to another thread and one back (twin: eventfd in epoll)",
          quick=True),
    micro("event", "set an event and wait for it, one thread (twin: flag, mutex, condition)"),
    micro("event_life", "create, set, wait for and close an event (twin: eventfd)"),
    micro("event_handoff", "an event set for another thread and one back (twin: futex)",
          quick=True),
)
