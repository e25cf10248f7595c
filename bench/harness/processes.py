# SPDX-License-Identifier: MIT
"""Child processes: started on one CPU, talked to line by line, always ended."""

import os
import select
import signal
import subprocess
import tempfile
import time


class Failure(Exception):
    """One measurement did not work; the text says why."""


class Child:
    """A program that prints lines. Use as a context manager: it is killed at the end."""

    def __init__(self, command, cpu=None, environment=None, errors_as_output=False):
        self.name = os.path.basename(command[0])
        self._errors = tempfile.TemporaryFile()
        self._pending = b""

        def pin():
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})

        try:
            self.process = subprocess.Popen(
                command, env=environment, preexec_fn=pin, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if errors_as_output else self._errors)
        except OSError as error:
            raise Failure(f"{self.name}: {error.strerror}") from error
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()

    def line(self, timeout):
        """The next line that it prints."""
        deadline = time.monotonic() + timeout
        out = self.process.stdout.fileno()
        while b"\n" not in self._pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                raise Failure(f"{self.name}: no answer for {timeout} s")
            piece = os.read(out, 65536)
            if not piece:
                raise Failure(self._last_words())
            self._pending += piece
        text, self._pending = self._pending.split(b"\n", 1)
        return text.decode(errors="replace").strip()

    def go(self, word="go"):
        """Gives it the line that it waits for."""
        try:
            self.process.stdin.write(word.encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Failure(self._last_words()) from error

    def interrupt(self, timeout=10):
        """Ends it with SIGINT and waits until it is gone."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{self.name} does not end") from error

    def kill(self):
        """Ends it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._errors):
            try:
                stream.close()
            except OSError:
                pass

    def _last_words(self):
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            code = None
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        return said[-1] if said else f"{self.name} ended with code {code}"
