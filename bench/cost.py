"""Dollars per million requests, messages or imported items, from prices.json and the parts life and imports of bench/run.

Every assumption is a figure below. Monthly costs (relay, storage, recovery) assume a million requests a month.
"""

import json
from pathlib import Path
from statistics import median

from arms import BACKGROUND_TASKS, FASTAPI, FASTAPI_CREATE, FRAMEWORKS, MANAGED, OWN_RUNTIME, PLAIN_PYTHON, SNAPSHOT, TUTORIAL_JAVA
from backend import CHUNK_LINES, LINE, LINES

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())

ARM64 = PRICES["lambda_gb_second_arm64"] / PRICES["lambda_gb_second"]  # of the price of x86_64, which all times below have
MILLION = 1_000_000
GB = 1e9
TEXTS = 500, 4096  # bytes of a message, or of an item's description
OTHER = 300  # bytes of the other attributes of a row
KEYS = 50  # bytes of an index entry that holds only keys
# Bytes of a request's log lines without the function's own, plus 26 for each ("PutLogEvents"). All have a line of the access log, in the
# template's format. At the default level INFO, Lambda adds start and report lines in JSON; at WARN it does not ("Configuring advanced
# logging controls for Lambda functions").
ACCESS_LINE, LAMBDA_LINES = 490, 750
RELAY_RUNS = 43_200  # a month
# A month's receives of the empty queues. Lambda sends five concurrent ones to each queue ("Using Lambda with Amazon SQS"). Each waits for 20
# seconds, because the template sets no other wait.
QUEUES = 2  # each with a table
IDLE_RECEIVES = QUEUES * 5 * 3 * 60 * 24 * 30
SHARDS = 2
CHUNKS = LINES // CHUNK_LINES  # of an import
# 1 KB units of a chunk's row: its lines with line feeds, and other attributes
CHUNK_UNITS = -(-((LINE + 1) * CHUNK_LINES + OTHER) // 1024)
# The functions' metrics, if each hour calls every route with few errors (docs/decisions/0016), and the template's alarms without a canary's.
# An alarm on a rate or a sum costs as much as its metrics ("Amazon CloudWatch pricing").
METRICS, ALARMS, ALARM_METRICS = 32, 17, 34
LIVES = (100, 1_000)  # responses per environment
MEMORY = 1024  # MB of each function, as in the part life of bench/run

# Read and write units with each of TEXTS. WriteCostIT asserts them on DynamoDB Local. It measures the GET of an item as the read of a PUT.
# These are the rules ("DynamoDB throughput capacity"). A strongly consistent read of a row up to 4 KB is 1, an eventually consistent one 0.5.
# A write of a row up to 1 KB is 1, in a transaction 2. Each index entry that is put or removed is 1 more for each KB, in a transaction too.
# DynamoDB Local reports 2 for such an entry, DynamoDB 1 (github.com/nubo-db/dynoxide, pull request 188). An update takes the units of the
# larger of the old and the new row, and none in an index whose attributes stay the same.
GET_ITEM, LIST_ITEMS, POST_ITEM, KEYED_ITEM = "GET /items/{id}", "GET /items, 20 of them", "POST /items", "POST /items with Idempotency-Key"
PUT_ITEM, DELETE_ITEM = "PUT or PATCH /items/{id}", "DELETE /items/{id}"
SENT = "POST /notifications, and its task"
SEND, KEYED_SEND, LOG = "POST /notifications", "POST /notifications with Idempotency-Key", "a notification's task"
LIST_NOTIFICATIONS, DELETE_NOTIFICATION = "GET /notifications, 20 of them", "DELETE /notifications/{id}"
UNITS = {
    GET_ITEM: ((1, 0), (2, 0)),
    LIST_ITEMS: ((3, 0), (18, 0)),
    POST_ITEM: ((0, 3), (0, 15)),
    KEYED_ITEM: ((0, 5), (0, 25)),
    PUT_ITEM: ((1, 3), (2, 15)),
    DELETE_ITEM: ((0, 3), (0, 15)),
    SEND: ((0, 3), (0, 7)),
    KEYED_SEND: ((0, 6), (0, 22)),
    LOG: ((0, 2), (0, 6)),
    LIST_NOTIFICATIONS: ((11, 0), (21, 0)),
    DELETE_NOTIFICATION: ((0, 3), (0, 7)),
}


def step(name, size=0):
    """Returns what an operation takes with the text of this index in TEXTS, and the bytes that it leaves in tables and in indexes. An
    idempotency record expires after a day and is left out."""
    reads, writes = UNITS[name][size]
    row = TEXTS[size] + OTHER
    left = {POST_ITEM: (row, row), KEYED_ITEM: (row, row), SEND: (row, KEYS), KEYED_SEND: (row, KEYS)}.get(name, (0, 0))
    # one message; receive and delete, and no API
    more = {"sqs": 1} if name in (SEND, KEYED_SEND) else {"sqs": 2, "api": False} if name == LOG else {}
    return {"reads": reads, "writes": writes, "row": left[0], "entries": left[1], **more}


STEPS = {
    # A transaction of the import's row with its timeline entry, and of its chunks' rows with their outbox entries; ten messages a request.
    # Chunks keep no lines once they are done. DynamoDB Local reports the units for the rows of an import, its chunks and their items.
    "POST /imports": {"writes": 2 + 1 + CHUNKS * (2 * CHUNK_UNITS + 1), "sqs": CHUNKS // 10, "row": (1 + CHUNKS) * OTHER, "entries": OTHER},
    # receive and delete; a read of the chunk's row; a transaction that removes that row's outbox entry and adds the items with their
    # timeline entries; no API
    "a chunk": {
        "reads": -(-CHUNK_UNITS // 4), "writes": 2 * CHUNK_UNITS + 1 + CHUNK_LINES * (2 + 1), "sqs": 2,
        "row": CHUNK_LINES * (LINE + OTHER), "entries": CHUNK_LINES * (LINE + OTHER), "api": False,
    },
    # The same by Lambda durable functions (docs/decisions/0034), without outbox entries and messages. Each start, step, `map` and branch of
    # a `map` is an operation. The input is written and kept ("Durable execution SDK"). A chunk's row holds only its result.
    "POST /notifications, durable": {"writes": 1 + 1, "row": TEXTS[0] + OTHER, "entries": KEYS},
    "a notification's task, durable": {"writes": 1, "operations": 1 + 1, "written": TEXTS[0], "api": False},
    "POST /imports, durable": {"writes": 2 + 1, "row": OTHER, "entries": OTHER},
    "an import's chunks, durable": {
        "writes": CHUNKS * (2 + CHUNK_LINES * (2 + 1)), "operations": 1 + 1 + CHUNKS * (1 + 1), "written": LINES * (LINE + 1),
        "row": CHUNKS * OTHER + LINES * (LINE + OTHER), "entries": LINES * (LINE + OTHER), "api": False,
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
    stored = (step.get("row", 0) + step.get("entries", 0)) / GB * PRICES["dynamodb_gb_month"]  # for a month
    return (each + stored) * MILLION + recovery(step)


def recovery(step):
    """Returns the cost of a million for a month of point-in-time recovery. It covers tables but not their indexes ("Amazon DynamoDB pricing")."""
    return step.get("row", 0) / GB * PRICES["dynamodb_recovery_gb_month"] * MILLION


RESTORED_PEERS = PLAIN_PYTHON + SNAPSHOT, FASTAPI + SNAPSHOT  # pay for each restore; Java functions do not ("AWS Lambda Pricing")
IMPORTED = f"imported items, {LINES:,} lines of {LINE} bytes a file"
BY_DURABLE = "Lambda durable functions, not tried"


def rows(life, imports=None):
    """Returns rows of use case, implementation, dollars for services, and dollars for compute time by responses per environment (LIVES);
    None if it was not measured. `life`, `imports`: the arms of these parts; the second may not have been measured."""
    arms = {**(imports or {}), **life}

    def dollars(*steps, times=MILLION, restored=0):
        """Returns a row for (step, arm) pairs that run one after another. `restored`: the price of a restore for each GB."""

        def of_time(answers):
            billed = [arms[arm]["billed"].get(str(answers)) for _, arm in steps]  # seconds, with INIT
            if None in billed:
                return None
            return (sum(median(some) for some in billed) * PRICES["lambda_gb_second"] + restored / answers) * MEMORY / 1024 * times

        of_services = sum(services(step, arms[arm]["log_bytes"] + LAMBDA_LINES) for step, arm in steps) * times / MILLION
        return of_services, *map(of_time, LIVES)

    def total(*parts):
        """Returns the sum of rows."""
        return [None if None in some else sum(some) for some in zip(*parts)]

    def untimed(row):
        return row[0], *(None for _ in LIVES)

    one_row = {"writes": 1, "row": TEXTS[0] + OTHER}
    by_packaging = [(packaging, f", {packaging}") for packaging in (OWN_RUNTIME, MANAGED)]
    readers = [(way, f"GetItem, {way}") for way in (MANAGED + SNAPSHOT, OWN_RUNTIME, MANAGED)]
    readers += [(peer, peer) for peer in (PLAIN_PYTHON, FASTAPI, TUTORIAL_JAVA, *FRAMEWORKS) if peer in arms]
    for by, arm in readers:
        yield GET_ITEM, by, *dollars((step(GET_ITEM), arm))
    for peer in RESTORED_PEERS:
        if peer in arms:
            yield GET_ITEM, peer, *dollars((step(GET_ITEM), peer), restored=PRICES["snapshot_restored_gb"])
    for name, function in ((LIST_ITEMS, "ListItems"), (POST_ITEM, "CreateItem"), (KEYED_ITEM, "CreateItem with a key")):
        for by, suffix in by_packaging:
            yield name, by, *dollars((step(name), function + suffix))
        if name == POST_ITEM:
            yield name, FASTAPI, *dollars((one_row, FASTAPI_CREATE))
    # One message per batch, the most expensive case. At higher rates, SQS delivers up to ten.
    for by, suffix in by_packaging:
        yield SENT, by, *dollars((step(SEND), "SendNotification" + suffix), (step(LOG), "LogNotifications" + suffix))
    durable = ((STEPS["POST /notifications, durable"], f"SendNotification, {MANAGED}"), (STEPS["a notification's task, durable"], f"LogNotifications, {MANAGED}"))
    yield SENT, BY_DURABLE, *untimed(dollars(*durable))
    yield SENT, BACKGROUND_TASKS, *dollars((one_row, BACKGROUND_TASKS))
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
    cached = MEMORY / 1024 * PRICES["snapshot_gb_second"] * 60 * 60 * 24 * 30
    yield "a month: a stored snapshot of one version of a function", "Python", cached, 0, 0
    yield f"a month: {METRICS} metrics, {ALARMS} alarms", "either", METRICS * PRICES["metric_month"] + ALARM_METRICS * PRICES["alarm_month"], 0, 0


def by_text(life):
    """Returns rows of operation, bytes of its text, read units, write units, dollars at INFO and at WARN, dollars for recovery: of a million,
    without the functions' time. `life`: the arms of this part."""

    def logged(function):
        return life[f"{function}, {MANAGED}"]["log_bytes"]

    # A function that was not measured logs as much as the one that is named instead.
    operations = {
        GET_ITEM: [(GET_ITEM, "GetItem")], LIST_ITEMS: [(LIST_ITEMS, "ListItems")], POST_ITEM: [(POST_ITEM, "CreateItem")],
        KEYED_ITEM: [(KEYED_ITEM, "CreateItem with a key")], PUT_ITEM: [(PUT_ITEM, "CreateItem")], DELETE_ITEM: [(DELETE_ITEM, "CreateItem")],
        f"{SEND}, and its task": [(SEND, "SendNotification"), (LOG, "LogNotifications")],
        f"{KEYED_SEND}, and its task": [(KEYED_SEND, "SendNotification"), (LOG, "LogNotifications")],
        LIST_NOTIFICATIONS: [(LIST_NOTIFICATIONS, "ListItems")], DELETE_NOTIFICATION: [(DELETE_NOTIFICATION, "CreateItem")],
    }  # fmt: skip
    for name, parts in operations.items():
        for size, bytes in enumerate(TEXTS):
            steps = [(step(part, size), logged(function)) for part, function in parts]
            units = [sum(some[kind] for some, _ in steps) for kind in ("reads", "writes")]
            levels = [sum(services(some, log + lines) for some, log in steps) for lines in (LAMBDA_LINES, 0)]
            yield name, bytes, *units, *levels, sum(recovery(some) for some, _ in steps)
