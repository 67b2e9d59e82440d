"""Dollars per million requests or messages, from prices.json and the part life of bench/run.

Every assumption is a figure below. Monthly costs (relay, storage, recovery) assume a million requests a month.
"""

import json
from pathlib import Path

from arms import BACKGROUND_TASKS, FASTAPI, FASTAPI_CREATE, FRAMEWORKS, MANAGED, OWN_RUNTIME, PLAIN_PYTHON, TUTORIAL_JAVA

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())

MILLION = 1_000_000
GB = 1e9
ROW = 500  # bytes of an item or a notification; an index entry has the same size
# Bytes of a request's log lines without the function's own, plus 26 for each ("PutLogEvents"). All have a line of the access log, in the
# template's format. The peers also have Lambda's start and report lines in JSON, at the default level INFO; the template sets WARN
# ("Configuring advanced logging controls for Lambda functions").
ACCESS_LINE, LAMBDA_LINES = 490, 750
RELAY_RUNS = 43_200  # a month
# A month's receives of an empty queue: five concurrent ones ("Using Lambda with Amazon SQS"), each of which waits 20 seconds, because
# the template sets no other wait.
IDLE_RECEIVES = 5 * 3 * 60 * 24 * 30
SHARDS = 2
# The functions' metrics, if each hour calls every route with few errors (docs/decisions/0016), and the template's.
METRICS, ALARMS = 25, 8
LIVES = (100, 1_000)  # responses per environment
MEMORY = 1024  # MB of each function, as in the part life of bench/run

# Units ("DynamoDB throughput capacity"). A strongly consistent read of a row up to 4 KB is 1, an eventually consistent one 0.5. A write
# of a row up to 1 KB is 1, in a transaction 2. Each index entry that is put or removed is 1 more.
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
}


def services(step, log_bytes):
    """Returns the cost of a million, without the functions' time. `log_bytes`: bytes in the function's log per request."""
    api = step.get("api", True)
    each = (
        step.get("reads", 0) * PRICES["dynamodb_read_unit"]
        + step.get("writes", 0) * PRICES["dynamodb_write_unit"]
        + step.get("sqs", 0) * PRICES["sqs_request"]
        + (PRICES["http_api_request"] if api else 0)
        + PRICES["lambda_request"]
        # ingestion, and storage for a month; AWS bills storage by compressed size
        + (log_bytes + (ACCESS_LINE if api else 0)) / GB * (PRICES["logs_gb"] + PRICES["logs_gb_month"])
    )
    # For a month. Recovery covers tables but not their indexes ("Amazon DynamoDB pricing").
    row, entries = step.get("row", 0), step.get("entries", 0)
    stored = (row + entries) * ROW / GB * PRICES["dynamodb_gb_month"] + row * ROW / GB * PRICES["dynamodb_recovery_gb_month"]
    return (each + stored) * MILLION


def rows(life):
    """Returns rows of use case, implementation, dollars for services, and dollars for compute time by responses per environment (LIVES);
    None if it was not measured. `life`: the results of the part life."""
    arms = life["arms"]

    def dollars(*steps, lambda_lines=0, times=MILLION):
        """Returns a row for (step, arm) pairs that run one after another."""

        def of_time(answers):
            billed = [arms[arm]["billed"].get(str(answers)) for _, arm in steps]  # seconds, with INIT
            return None if None in billed else sum(some["median"] for some in billed) * MEMORY / 1024 * PRICES["lambda_gb_second"] * times

        of_services = sum(services(step, arms[arm]["log_bytes"] + lambda_lines) for step, arm in steps) * times / MILLION
        return of_services, *map(of_time, LIVES)

    def of_peer(step, arm):
        return dollars((step, arm), lambda_lines=LAMBDA_LINES)

    get, sent, job = STEPS["GET /items/{id}"], STEPS["POST /notifications"], STEPS["a notification's job"]
    by_packaging = [(packaging, f", {packaging}") for packaging in (OWN_RUNTIME, MANAGED)]
    for by, suffix in (*by_packaging, (f"{MANAGED} from a snapshot", f", {MANAGED}, from a snapshot")):
        yield "GET /items/{id}", by, *dollars((get, "GetItem" + suffix))
    for peer in (PLAIN_PYTHON, FASTAPI, TUTORIAL_JAVA, *FRAMEWORKS):
        if peer in arms:
            yield "GET /items/{id}", peer, *of_peer(get, peer)
    for name, function in (("GET /items, 20 of them", "ListItems"), ("POST /items", "CreateItem"), ("POST /items with Idempotency-Key", "CreateItem with a key")):
        for by, suffix in by_packaging:
            yield name, by, *dollars((STEPS[name], function + suffix))
        if name == "POST /items":
            yield name, FASTAPI, *of_peer({"writes": 1, "row": 1}, FASTAPI_CREATE)
    # One message per batch, the most expensive case. At higher rates, SQS delivers up to ten.
    for by, suffix in by_packaging:
        yield "POST /notifications, and its job", by, *dollars((sent, "SendNotification" + suffix), (job, "LogNotifications" + suffix))
    yield "POST /notifications, and its job", BACKGROUND_TASKS, *of_peer({"writes": 1, "row": 1}, BACKGROUND_TASKS)
    tick = {"reads": SHARDS * 0.5, "api": False}
    for by, suffix in by_packaging:
        of_services, *of_time = dollars((tick, "RelayOutbox" + suffix), times=RELAY_RUNS)
        yield "a month: the relay, and receiving from an empty queue", by, of_services + IDLE_RECEIVES * PRICES["sqs_request"], *of_time
    yield f"a month: {METRICS} metrics, {ALARMS} alarms", "either", METRICS * PRICES["metric_month"] + ALARMS * PRICES["alarm_month"], 0, 0
