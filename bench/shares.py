"""A share of a core for functions, as Lambda gives it by memory size ("Configure Lambda function memory")."""

import contextlib
import functools
import os
import tempfile
import time
from pathlib import Path

CORE = 1769  # MB for which Lambda gives one core
_PERIOD = 20_000  # microseconds in which a share is used up or left
_MOUNT = Path("/sys/fs/cgroup")
_V1 = _MOUNT / "cpu"

MISSING = (
    "A share of a core can't be limited here, because this user may write no cpu controller of cgroup v2 or v1. Run bench/run as root, or as "
    "a user to whom systemd delegates the controller cpu (the default since systemd 252)."
)


def _v2():
    """Returns the cgroup v2 in which this process may limit others, or None.

    Groups with processes have no children with limits, except for the root. So this process first moves into a group of its own if it
    is in a delegated group ("Control Group v2", "No Internal Process Constraint")."""
    if not (_MOUNT / "cgroup.controllers").exists():
        return None
    own = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    for base, delegated in ((_MOUNT, False), (_MOUNT / own[4:], True)):
        try:
            if delegated:
                driver = base / "driver"
                driver.mkdir(exist_ok=True)
                for process in (base / "cgroup.procs").read_text().split():
                    (driver / "cgroup.procs").write_text(process)
            (base / "cgroup.subtree_control").write_text("+cpu")
            return base
        except OSError:
            continue
    return None


@functools.cache
def _find():
    """Returns the parent of limited groups, the settings of a quota, and the method's name for the results."""
    if base := _v2():
        return base, lambda quota: {"cpu.max": f"{quota} {_PERIOD}"}, "cgroup v2"
    if os.access(_V1 / "cpu.cfs_quota_us", os.W_OK):
        return _V1, lambda quota: {"cpu.cfs_period_us": str(_PERIOD), "cpu.cfs_quota_us": str(quota)}, "cgroup v1"
    return None, None, None


def method():
    """Returns the name of the method for the results, or None if shares can't be limited. It may move this process to another group."""
    return _find()[2]


@contextlib.contextmanager
def limited(megabytes, command):
    """Yields a command that runs with the share of a core for this memory. All of its processes must have ended at the end."""
    base, settings, _ = _find()
    group = Path(tempfile.mkdtemp(prefix="async-items-bench-", dir=base))
    for file, value in settings(_PERIOD * megabytes // CORE).items():
        (group / file).write_text(value)
    try:
        yield ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh", *command]
    finally:
        while (group / "cgroup.procs").read_text():
            time.sleep(0.01)
        group.rmdir()
