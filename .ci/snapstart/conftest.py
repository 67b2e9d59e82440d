"""Fixtures: the image, the backend and a snapshot of each function. After the tests, a table of the functions and their assertions.

Environment variables: WORK (a folder with task, runtime and classpath, which the lane makes) and JAVA_HOME.
"""

import contextlib
import os
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import image
import pytest
from backend import ROOT, Backend
from machine import Machine

FUNCTIONS = ("CreateItem", "LogNotifications", "RelayOutbox", "UnmatchedRoute")  # the slowest first
PRIMING_ANSWERS = "30"  # of 3,000 on Lambda
AT_ONCE = 2  # machines

WORK, JDK = Path(os.environ["WORK"]), Path(os.environ["JAVA_HOME"])


@dataclass(frozen=True)
class Snapshot:
    function: str
    image: image.Image
    state: Path
    memory: Path
    taken: float  # when
    sockets: list  # open at the checkpoint
    messages: list  # of the guest until then


@pytest.fixture(scope="session")
def backend():
    classpath = f"{ROOT}/local/target/classes:{(WORK / 'classpath').read_text()}"
    with Backend(WORK, JDK, classpath) as started:
        yield started


@pytest.fixture(scope="session")
def snapshots(backend, table):
    """Returns the snapshots by function."""
    (WORK / "image").mkdir()
    built = image.build(WORK / "image", WORK / "task", WORK / "runtime", backend.certificate, JDK)

    def snapshot(function):
        folder = WORK / "snapshots" / function
        state, memory = folder / "state", folder / "memory"
        with table.timed(function), Machine(built, backend.port, folder, memory, False) as machine:
            sockets = machine.start(function, {**backend.variables(function), "PRIMING_ANSWERS": PRIMING_ANSWERS})
            machine.save(state)
        return Snapshot(function, built, state, memory, time.time(), sockets, machine.messages)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(FUNCTIONS, pool.map(snapshot, FUNCTIONS)))


class Table:
    """Seconds and assertions by function or negative control."""

    def __init__(self):
        self._seconds, self._assertions = {}, {}

    @contextlib.contextmanager
    def timed(self, row):
        begin = time.monotonic()
        yield
        self._seconds[row] = self._seconds.get(row, 0) + time.monotonic() - begin

    def add(self, row, assertion):
        self._assertions.setdefault(row, []).append(assertion)

    def __str__(self):
        lines = [f"{'restored':<16} {'seconds':>7}  assertions"]
        for row, held in self._assertions.items():
            lines.append(textwrap.fill(f"{row:<16} {self._seconds[row]:>7.1f}  {', '.join(held)}", 120, subsequent_indent=" " * 26))
        return "\n".join(lines)


_table = Table()


@pytest.fixture(scope="session")
def table():
    return _table


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"\n{_table}")
