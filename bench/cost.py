"""Dollars a million requests or jobs, from prices.json and what bench/run measured. Prints a Markdown table.

    python3 bench/cost.py

Every assumption is a figure below. A million a month is taken for what is paid by the month: the relay, storage, recovery.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PRICES = json.loads((FOLDER / "prices.json").read_text())
RESULTS = json.loads((FOLDER.parent / "docs/benchmarks/results.json").read_text())

MILLION = 1_000_000
GB = 1e9
ROW = 500  # bytes of an item or a notification, with its index entries' overhead
# Bytes of a request's lines in the log: Lambda's start and report in JSON, one of the function's with its metrics, one of the access log.
LAMBDA_LINES, OWN_LINE, ACCESS_LINE = 700, 560, 460
RELAY_RUNS = 43_200  # a month
SHARDS = 2
MEMORY = 1024  # MB of each function, for which the part life of bench/run is measured

# Units, by AWS's "DynamoDB throughput capacity": a strongly consistent read of a row to 4 KB is one, an eventually consistent one
# half of that; a write of a row to 1 KB is one, in a transaction two, and one more for each index entry that is put or removed.
STEPS = {
    "GET /items/{id}": {"reads": 1},
    # 20 rows from each shard's index, eventually consistent, rounded up to 4 KB
    "GET /items, 20 of them": {"reads": SHARDS * -(-20 * ROW // 4096) * 0.5},
    # a transaction of one row, which the timeline has too
    "POST /items": {"writes": 2 + 1, "row": True},
    # and the record of its key
    "POST /items with Idempotency-Key": {"writes": 2 + 1 + 2, "row": True},
    # a transaction of the row, its entries in the timeline and in the attention index; the job
    "POST /notifications": {"writes": 2 + 2, "sqs": 1, "row": True},
    # received and deleted; the row, its timeline entry, and its attention entry, which goes; no API
    "a notification's job": {"writes": 1 + 1 + 1, "sqs": 2, "api": False},
}


def services(step, ours=True):
    """What a million of them cost besides the functions' time."""
    lines = LAMBDA_LINES + (OWN_LINE if ours else 0) + (ACCESS_LINE if step.get("api", True) else 0)
    each = (
        step.get("reads", 0) * PRICES["dynamodb_read_unit"]
        + step.get("writes", 0) * PRICES["dynamodb_write_unit"]
        + step.get("sqs", 0) * PRICES["sqs_request"]
        + (PRICES["http_api_request"] if step.get("api", True) else 0)
        + PRICES["lambda_request"]
        + lines / GB * PRICES["logs_gb"]
    )
    stored = 2 * ROW * MILLION / GB if step.get("row") else 0  # the row and its index entry, for one month
    return each * MILLION + stored * (PRICES["dynamodb_gb_month"] + PRICES["dynamodb_recovery_gb_month"])


def compute(arm):
    """What a function's time costs for a million, INIT included, of environments that live for a hundred answers."""
    return MILLION * RESULTS["life"]["arms"][arm]["each"]["median"] * MEMORY / 1024 * PRICES["lambda_gb_second"]


def main():
    print("| a million | services | time, provided.al2023 | time, java25 | the same in FastAPI + Mangum: services | time | in a tutorial's Java: time |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    get = STEPS["GET /items/{id}"]
    own = [compute("GetItem, provided.al2023"), compute("GetItem, java25")]
    print(row("`GET /items/{id}`", services(get), *own, services(get, False), compute("FastAPI + Mangum + boto3"), compute("tutorial Java")))
    # A batch of one job; SQS gives up to ten at once where they come faster.
    sent = [sum(compute(f"{function}, {packaging}") for function in ("SendNotification", "RecordNotifications"))
            for packaging in ("provided.al2023", "java25")]  # fmt: skip
    jobs = services(STEPS["POST /notifications"]) + services(STEPS["a notification's job"])
    background = {"writes": 1, "row": True}
    print(row("`POST /notifications`, and its job", jobs, *sent, services(background, False), compute("FastAPI BackgroundTasks")) + " |")
    for name in ("GET /items, 20 of them", "POST /items", "POST /items with Idempotency-Key"):
        method, _, rest = name.partition(" ")
        path, space, tail = rest.partition(" ")
        plain = f"`{method} {path.rstrip(',')}`" + ("," if path.endswith(",") else "") + space + tail
        print(f"| {plain} | ${services(STEPS[name]):.2f} | | | | | |")
    relay = RELAY_RUNS * (PRICES["lambda_request"] + SHARDS * 0.5 * PRICES["dynamodb_read_unit"] + (LAMBDA_LINES + OWN_LINE) / GB * PRICES["logs_gb"])
    ticks = compute("RecordNotifications, provided.al2023") / MILLION * RELAY_RUNS  # which is two queries, where that is one update
    print(f"| the relay, a month | ${relay:.2f} | ${ticks:.2f} | | | | |")


def row(name, *dollars):
    return f"| {name} | " + " | ".join(f"${dollar:.2f}" for dollar in dollars) + " |"


if __name__ == "__main__":
    main()
