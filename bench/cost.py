"""Dollars a million requests or jobs, from prices.json and what the part life of bench/run measured.

Every assumption is a figure below. A million a month is taken for what is paid by the month: the relay, storage, recovery.
"""

import json
from pathlib import Path

from arms import BACKGROUND_TASKS, FASTAPI, FASTAPI_CREATE, FRAMEWORKS, MANAGED, OWN_RUNTIME, PLAIN_PYTHON, TUTORIAL_JAVA

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())

MILLION = 1_000_000
GB = 1e9
ROW = 500  # bytes of an item or a notification; an index entry has all of it
# Bytes of a request's lines in the log besides the function's own, 26 more for each ("PutLogEvents"): one in the template's format of
# the access log; and for the peers Lambda's start and report in JSON, the system logs of the default level, INFO, which the template
# sets to WARN ("Configuring advanced logging controls for Lambda functions").
ACCESS_LINE, LAMBDA_LINES = 490, 750
RELAY_RUNS = 43_200  # a month
# A month's receives of a queue that has nothing: five at once, each of which waits 20 seconds ("Using Lambda with Amazon SQS" tells
# of the five; the template sets no other wait).
IDLE_RECEIVES = 5 * 3 * 60 * 24 * 30
SHARDS = 2
# Of the functions, if every route is called in every hour with few errors (docs/decisions/0016), and of the template.
METRICS, ALARMS = 25, 8
LIVES = (100, 1_000)  # answers that an environment gives
MEMORY = 1024  # MB of each function, for which the part life of bench/run is measured

# Units, by AWS's "DynamoDB throughput capacity": a strongly consistent read of a row to 4 KB is one, an eventually consistent one
# half of that; a write of a row to 1 KB is one, in a transaction two, and one more for each index entry that is put or removed.
STEPS = {
    "GET /items/{id}": {"reads": 1},
    # as many as a page has from each shard's index at most, eventually consistent, rounded up to 4 KB
    "GET /items, 20 of them": {"reads": SHARDS * -(-20 * ROW // 4096) * 0.5},
    # a transaction of one row, which the timeline has too
    "POST /items": {"writes": 2 + 1, "row": 1, "entries": 1},
    # and the record of its key, which is gone after a day
    "POST /items with Idempotency-Key": {"writes": 2 + 1 + 2, "row": 1, "entries": 1},
    # a transaction of the row, its entries in the timeline and in the outbox index; the job
    "POST /notifications": {"writes": 2 + 2, "sqs": 1, "row": 1, "entries": 1},
    # received and deleted; the row, its timeline entry, and its outbox entry, which goes; no API
    "a notification's job": {"writes": 1 + 1 + 1, "sqs": 2, "api": False},
}


def services(step, log_bytes):
    """What a million of them cost besides the functions' time; `log_bytes`: in the function's log, each time."""
    api = step.get("api", True)
    each = (
        step.get("reads", 0) * PRICES["dynamodb_read_unit"]
        + step.get("writes", 0) * PRICES["dynamodb_write_unit"]
        + step.get("sqs", 0) * PRICES["sqs_request"]
        + (PRICES["http_api_request"] if api else 0)
        + PRICES["lambda_request"]
        # taken in, and kept for a month, though AWS counts them compressed then
        + (log_bytes + (ACCESS_LINE if api else 0)) / GB * (PRICES["logs_gb"] + PRICES["logs_gb_month"])
    )
    # For a month; recovery is of tables alone, not of their indexes ("Amazon DynamoDB pricing").
    row, entries = step.get("row", 0), step.get("entries", 0)
    stored = (row + entries) * ROW / GB * PRICES["dynamodb_gb_month"] + row * ROW / GB * PRICES["dynamodb_recovery_gb_month"]
    return (each + stored) * MILLION


def rows(life):
    """What is done a million times, by whom, dollars of services, and dollars of the time of environments that give as many answers as
    LIVES says, None where that wasn't measured. `life`: what the part life measured."""
    arms = life["arms"]

    def dollars(*steps, lambda_lines=0, times=MILLION):
        """Of (step, arm) one after another."""

        def of_time(answers):
            billed = [arms[arm]["billed"].get(str(answers)) for _, arm in steps]  # seconds, INIT included
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
    # Each job alone, the dearest case; SQS gives up to ten at once where they come faster.
    for by, suffix in by_packaging:
        yield "POST /notifications, and its job", by, *dollars((sent, "SendNotification" + suffix), (job, "LogNotifications" + suffix))
    yield "POST /notifications, and its job", BACKGROUND_TASKS, *of_peer({"writes": 1, "row": 1}, BACKGROUND_TASKS)
    tick = {"reads": SHARDS * 0.5, "api": False}
    for by, suffix in by_packaging:
        of_services, *of_time = dollars((tick, "RelayOutbox" + suffix), times=RELAY_RUNS)
        yield "a month: the relay, and receiving from an empty queue", by, of_services + IDLE_RECEIVES * PRICES["sqs_request"], *of_time
    yield f"a month: {METRICS} metrics, {ALARMS} alarms", "either", METRICS * PRICES["metric_month"] + ALARMS * PRICES["alarm_month"], 0, 0
