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
    that one measurement may take.
    """

    name: str
    about: str
    family: str
    load: str
    slots: int = 1
    size: int = 64
    mode: str = "echo"
    buffer: int = 4096
    first_ops: int = 500
    kind: str = "load"
    quick: bool = False
    quick_drivers: bool = False


def micro(name, about, quick=False):
    """A workload of the program micro and its twin."""
    return Workload(name, about, "micro", name, size=0, first_ops=2000, kind="micro", quick=quick)


WORKLOADS = (
    Workload("echo_1", "echo of 64 bytes on 1 connection", "port", "echo", quick=True),
    Workload("echo_64", "echo of 64 bytes on 64 connections", "port", "echo", 64,
             first_ops=2000, quick=True, quick_drivers=True),
    Workload("echo_1000", "echo of 64 bytes on 1,000 connections", "port", "echo", 1000,
             first_ops=4000),
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
             "idle", 10000, buffer=64, kind="idle", quick=True),
    micro("port", "post a packet to a completion port and take it, one thread "
          "(twin: eventfd in epoll)", quick=True),
    micro("port_handoff", "a packet to another thread and one back (twin: eventfd in epoll)",
          quick=True),
    micro("event", "set an event and wait for it, one thread (twin: flag, mutex, condition)"),
    micro("event_life", "create, set, wait for and close an event (twin: eventfd)"),
    micro("event_handoff", "an event set for another thread and one back (twin: futex)",
          quick=True),
)
