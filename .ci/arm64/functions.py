"""Starts functions of the zip for arm64 in an emulated JVM, on the engines of the local run behind TLS. Checks each answer, and prints a table.

Arguments: the command that runs an arm64 program, ending with Java. The zip is unpacked in target/bench/java25, and bench/ is built.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import arms  # noqa: E402
from backend import Backend  # noqa: E402

# A read, a transaction, a transaction with a message, and the consumer of that message.
FUNCTIONS = ("GetItem", "CreateItem", "SendNotification", "LogNotifications")
ANSWERS = 5

with Backend() as backend:
    print(f"{'function':<18}{'first answer, s':>16}{'CPU, s':>8}{'later, ms':>11}{'peak MB':>9}  answer")
    for function in FUNCTIONS:
        arm = arms.ours(backend, arms.MANAGED, function)
        arm.command[:1] = sys.argv[1:]
        sample = arm.answers(ANSWERS, seconds=50)  # emulation is slow, and slower on a busy machine
        later = sorted(sample.later)[len(sample.later) // 2]
        print(
            f"{function:<18}{sample.first:>16.1f}{sample.first_cpu:>8.1f}{later * 1000:>11.0f}{sample.peak_rss / 1e6:>9.0f}"
            f"  {sample.answers[0].decode()[:70]}",
            flush=True,
        )
