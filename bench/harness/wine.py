# SPDX-License-Identifier: MIT
"""The row of Wine: iocp_server.c, compiled with MinGW, where both are installed."""

import os
import shutil
import subprocess

from .processes import Child

COMPILER = "x86_64-w64-mingw32-gcc"
# The programs themselves before the scripts around them; Debian keeps them apart.
LOADERS = ("/usr/lib/wine/wine64", "wine64", "wine")
SERVERS = ("/usr/lib/wine/wineserver64", "wineserver", "/usr/lib/wine/wineserver")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers", "iocp_server.c")


def find(candidates):
    """The first program that is there."""
    return next((found for found in map(shutil.which, candidates) if found), None)


class Wine:
    """Wine with a folder of its own, prepared when it is first needed."""

    def __init__(self, folder, cpu):
        self._loader, self._server = find(LOADERS), find(SERVERS)
        self._prefix = os.path.join(folder, "wine")
        self._program = os.path.join(folder, "iocp_server.exe")
        self._cpu = cpu
        self._running = None
        self._problem = None
        self._ready = False

    def missing(self):
        """Why there is no column of Wine, or None; prepares everything."""
        if not self._ready:
            self._ready = True
            self._problem = self._prepare()
        return self._problem

    def _prepare(self):
        if not self._loader or not self._server:
            return "Wine is not installed"
        if not shutil.which(COMPILER):
            return f"{COMPILER} is not installed"
        command = [COMPILER, "-O2", "-o", self._program, SOURCE, "-lws2_32", "-lmswsock"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            return "MinGW: " + (built.stderr.strip().splitlines() or ["failed"])[-1]
        os.makedirs(self._prefix, exist_ok=True)
        environment = {**os.environ, **self.environment()}
        self._running = Child([self._server, "-f", "-p"], self._cpu, environment)
        if not os.path.exists(os.path.join(self._prefix, "system.reg")):
            try:
                subprocess.run([self._loader, "wineboot", "-i"], env=environment, timeout=180,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            except (subprocess.SubprocessError, OSError) as error:
                return f"wineboot: {error}"
        return None

    def command(self, arguments):
        """The command line of the server."""
        return [self._loader, self._program] + arguments

    def environment(self):
        """Says where its folder is, and keeps it quiet."""
        return {"WINEPREFIX": self._prefix, "WINEDEBUG": "-all", "WINESERVER": self._server or ""}

    def server_pid(self):
        """The process of wineserver: what it does for the program is the program's cost."""
        return self._running.pid if self._running else None

    def stop(self):
        """Ends everything of Wine's that runs in our folder."""
        if self._running:
            subprocess.run([self._server, "-k"], env={**os.environ, **self.environment()},
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            self._running.kill()
