"""A share of a core for functions, as Lambda gives it by memory size ("Configure Lambda function memory")."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

CORE = 1769  # MB for which Lambda gives one core
_PERIOD = 20_000  # microseconds in which a share is used up or left
_MOUNT = Path("/sys/fs/cgroup")
_V1 = _MOUNT / "cpu"

MISSING = (
    "A share of a core can't be limited on this machine. It takes a cpu controller of cgroup v2 or v1 that this user may write: "
    "run bench/run as root, or as a user with a session of systemd."
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


def _find():
    """Returns the parent of limited groups, the settings of a quota, and the method's name for the results."""
    if base := _v2():
        return base, lambda quota: {"cpu.max": f"{quota} {_PERIOD}"}, "cgroup v2"
    if os.access(_V1 / "cpu.cfs_quota_us", os.W_OK):
        return _V1, lambda quota: {"cpu.cfs_period_us": str(_PERIOD), "cpu.cfs_quota_us": str(quota)}, "cgroup v1"
    return None, None, None


_BASE, _settings, METHOD = _find()  # METHOD is None if shares can't be limited


@contextlib.contextmanager
def limited(megabytes, command):
    """Yields a command that runs with the share of a core for this memory. All of its processes must have ended at the end."""
    group = Path(tempfile.mkdtemp(prefix="async-items-bench-", dir=_BASE))
    for file, value in _settings(_PERIOD * megabytes // CORE).items():
        (group / file).write_text(value)
    try:
        yield ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh", *command]
    finally:
        while (group / "cgroup.procs").read_text():
            time.sleep(0.01)
        group.rmdir()
