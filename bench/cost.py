"""Dollars per million requests, messages or imported items, from prices.json and the parts life and imports of bench/run.

Every assumption is a figure below. Monthly costs (relay, storage, recovery) assume a million requests a month.
"""

import json
from pathlib import Path
from statistics import median

from arms import BACKGROUND_TASKS, FASTAPI, FASTAPI_CREATE, FRAMEWORKS, MANAGED, OWN_RUNTIME, PLAIN_PYTHON, TUTORIAL_JAVA
from backend import CHUNK_LINES, LINE, LINES

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())

ARM64_SAVES = 1 - PRICES["lambda_gb_second_arm64"] / PRICES["lambda_gb_second"]  # of the price of x86_64, which all times below have
MILLION = 1_000_000
GB = 1e9
ROW = 500  # bytes of an item or a notification; an index entry has the same size
# Bytes of a request's log lines without the function's own, plus 26 for each ("PutLogEvents"). All have a line of the access log, in the
# template's format. At the default level INFO, Lambda adds start and report lines in JSON; at WARN it does not ("Configuring advanced
# logging controls for Lambda functions").
ACCESS_LINE, LAMBDA_LINES = 490, 750
RELAY_RUNS = 43_200  # a month
# A month's receives of the empty queues: five concurrent ones of each ("Using Lambda with Amazon SQS"), each of which waits 20 seconds, because
# the template sets no other wait.
QUEUES = 2  # each with a table
IDLE_RECEIVES = QUEUES * 5 * 3 * 60 * 24 * 30
SHARDS = 2
CHUNKS = LINES // CHUNK_LINES  # of an import
# 1 KB units of a chunk's row: its lines with line feeds, and at most 500 bytes of other attributes
CHUNK_UNITS = -(-((LINE + 1) * CHUNK_LINES + ROW) // 1024)
# The functions' metrics, if each hour calls every route with few errors (docs/decisions/0016), and the template's alarms without a canary's.
# An alarm on a rate or a sum costs as much as its metrics ("Amazon CloudWatch pricing").
METRICS, ALARMS, ALARM_METRICS = 32, 17, 34
LIVES = (100, 1_000)  # responses per environment
MEMORY = 1024  # MB of each function, as in the part life of bench/run

# Units ("DynamoDB throughput capacity"). A strongly consistent read of a row up to 4 KB is 1, an eventually consistent one 0.5. A write
# of a row up to 1 KB is 1, in a transaction 2. Each index entry that is put or removed is 1 more, in a transaction too. DynamoDB Local
# reports 2 for it, DynamoDB 1 (github.com/nubo-db/dynoxide, pull request 188). An update takes the units of the larger of the old and the
# new row. DynamoDB Local reports the units below for the rows of an import, its chunks and their items.
STEPS = {
    "GET /items/{id}": {"reads": 1},
    # at most a page from each shard, eventually consistent, rounded up to 4 KB
    "GET /items, 20 of them": {"reads": SHARDS * -(-20 * ROW // 4096) * 0.5},
    # a transaction of one row, and its timeline entry
    "POST /items": {"writes": 2 + 1, "row": 1, "entries": 1},
    # and the idempotency record, which expires after a day
    "POST /items with Idempotency-Key": {"writes": 2 + 1 + 2, "row": 1, "entries": 1},
    # a transaction of the row with its entries in the timeline and the outbox index; the message
    "POST /notifications": {"writes": 2 + 2, "sqs": 1, "row": 1, "entries": 1},
    # receive and delete; the row, its timeline entry, and its outbox entry, which is removed; no API
    "a notification's job": {"writes": 1 + 1 + 1, "sqs": 2, "api": False},
    # a transaction of the import's row with its timeline entry, and of its chunks' rows with their outbox entries; ten messages a request.
    # Chunks keep no lines once they are done.
    "POST /imports": {"writes": 2 + 1 + CHUNKS * (2 * CHUNK_UNITS + 1), "sqs": CHUNKS // 10, "row": 1 + CHUNKS, "entries": 1},
    # receive and delete; a read of the chunk's row; a transaction that removes that row's outbox entry and adds the items with their
    # timeline entries; no API
    "a chunk": {
        "reads": -(-CHUNK_UNITS // 4), "writes": 2 * CHUNK_UNITS + 1 + CHUNK_LINES * (2 + 1), "sqs": 2,
        "row": CHUNK_LINES, "entries": CHUNK_LINES, "api": False,
    },
    # The same by Lambda durable functions (docs/decisions/0034), without outbox entries and messages. Each start, step, `map` and branch of
    # a `map` is an operation. The input is written and kept ("Durable execution SDK"). A chunk's row holds only its result.
    "POST /notifications, durable": {"writes": 2 + 1, "row": 1, "entries": 1},
    "a notification's job, durable": {"writes": 1 + 1, "operations": 1 + 1, "written": ROW, "api": False},
    "POST /imports, durable": {"writes": 2 + 1, "row": 1, "entries": 1},
    "an import's chunks, durable": {
        "writes": CHUNKS * (2 + CHUNK_LINES * (2 + 1)), "operations": 1 + 1 + CHUNKS * (1 + 1), "written": LINES * (LINE + 1),
        "row": CHUNKS + LINES, "entries": LINES, "api": False,
    },
}  # fmt: skip


def services(step, log_bytes):
    """Returns the cost of a million, without the functions' time. `log_bytes`: bytes in the function's log per request."""
    api = step.get("api", True)
    each = (
        step.get("reads", 0) * PRICES["dynamodb_read_unit"]
        + step.get("writes", 0) * PRICES["dynamodb_write_unit"]
        + step.get("sqs", 0) * PRICES["sqs_request"]
        + step.get("operations", 0) * PRICES["durable_operation"]
        + step.get("written", 0) / GB * (PRICES["durable_written_gb"] + PRICES["durable_gb_month"])
        + (PRICES["http_api_request"] if api else 0)
        + PRICES["lambda_request"]
        # ingestion, and storage for a month; AWS bills storage by compressed size
        + (log_bytes + (ACCESS_LINE if api else 0)) / GB * (PRICES["logs_gb"] + PRICES["logs_gb_month"])
    )
    # For a month. Recovery covers tables but not their indexes ("Amazon DynamoDB pricing").
    row, entries = step.get("row", 0), step.get("entries", 0)
    stored = (row + entries) * ROW / GB * PRICES["dynamodb_gb_month"] + row * ROW / GB * PRICES["dynamodb_recovery_gb_month"]
    return (each + stored) * MILLION


IMPORTED = f"imported items, {LINES:,} lines of {LINE} bytes a file"
BY_DURABLE = "Lambda durable functions, not tried"


def rows(life, imports=None):
    """Returns rows of use case, implementation, dollars for services, and dollars for compute time by responses per environment (LIVES);
    None if it was not measured. `life`, `imports`: the arms of these parts; the second may not have been measured."""
    arms = {**(imports or {}), **life}

    def dollars(*steps, lambda_lines=LAMBDA_LINES, times=MILLION):
        """Returns a row for (step, arm) pairs that run one after another."""

        def of_time(answers):
            billed = [arms[arm]["billed"].get(str(answers)) for _, arm in steps]  # seconds, with INIT
            return None if None in billed else sum(median(some) for some in billed) * MEMORY / 1024 * PRICES["lambda_gb_second"] * times

        of_services = sum(services(step, arms[arm]["log_bytes"] + lambda_lines) for step, arm in steps) * times / MILLION
        return of_services, *map(of_time, LIVES)

    def total(*parts):
        """Returns the sum of rows."""
        return [None if None in some else sum(some) for some in zip(*parts)]

    def untimed(row):
        return row[0], *(None for _ in LIVES)

    get, sent, job = STEPS["GET /items/{id}"], STEPS["POST /notifications"], STEPS["a notification's job"]
    by_packaging = [(packaging, f", {packaging}") for packaging in (OWN_RUNTIME, MANAGED)]
    snapshot = f"{MANAGED}, from a snapshot"
    readers = [(snapshot, "GetItem, " + snapshot), *((packaging, "GetItem" + suffix) for packaging, suffix in by_packaging)]
    readers += [(peer, peer) for peer in (PLAIN_PYTHON, FASTAPI, TUTORIAL_JAVA, *FRAMEWORKS) if peer in arms]
    for by, arm in readers:
        yield "GET /items/{id}", by, *dollars((get, arm))
    for by, arm in readers:
        if by not in (TUTORIAL_JAVA, *FRAMEWORKS):
            yield "GET /items/{id} without Lambda's own log lines (WARN)", by, *dollars((get, arm), lambda_lines=0)
    for name, function in (("GET /items, 20 of them", "ListItems"), ("POST /items", "CreateItem"), ("POST /items with Idempotency-Key", "CreateItem with a key")):
        for by, suffix in by_packaging:
            yield name, by, *dollars((STEPS[name], function + suffix))
        if name == "POST /items":
            yield name, FASTAPI, *dollars(({"writes": 1, "row": 1}, FASTAPI_CREATE))
    # One message per batch, the most expensive case. At higher rates, SQS delivers up to ten.
    for by, suffix in by_packaging:
        yield "POST /notifications, and its job", by, *dollars((sent, "SendNotification" + suffix), (job, "LogNotifications" + suffix))
    durable = ((STEPS["POST /notifications, durable"], f"SendNotification, {MANAGED}"), (STEPS["a notification's job, durable"], f"LogNotifications, {MANAGED}"))
    yield "POST /notifications, and its job", BY_DURABLE, *untimed(dollars(*durable))
    yield "POST /notifications, and its job", BACKGROUND_TASKS, *dollars(({"writes": 1, "row": 1}, BACKGROUND_TASKS))
    if imports:
        for by, suffix in by_packaging:
            accepted = dollars((STEPS["POST /imports"], "CreateImport" + suffix), times=MILLION / LINES)
            chunks = dollars((STEPS["a chunk"], "ImportItems" + suffix), times=MILLION / CHUNK_LINES)
            yield IMPORTED, by, *total(accepted, chunks)
        durable = ((STEPS["POST /imports, durable"], f"CreateImport, {MANAGED}"), (STEPS["an import's chunks, durable"], f"ImportItems, {MANAGED}"))
        yield IMPORTED, BY_DURABLE, *untimed(dollars(*durable, times=MILLION / LINES))
    tick = {"reads": QUEUES * SHARDS * 0.5, "api": False}
    for by, suffix in by_packaging:
        of_services, *of_time = dollars((tick, "RelayOutbox" + suffix), times=RELAY_RUNS)
        yield f"a month: the relay, and receiving from {QUEUES} empty queues", by, of_services + IDLE_RECEIVES * PRICES["sqs_request"], *of_time
    yield f"a month: {METRICS} metrics, {ALARMS} alarms", "either", METRICS * PRICES["metric_month"] + ALARM_METRICS * PRICES["alarm_month"], 0, 0
