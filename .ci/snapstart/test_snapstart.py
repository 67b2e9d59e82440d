"""Functions that are restored from a snapshot, in two machines at once."""

import contextlib
import json
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from backend import ROOT, Call
from conftest import Snapshot
from machine import Machine

TOLERANCE = 15  # seconds between two clocks, with the TLS handshake after the signing, which takes seconds on a busy machine
BATCH = 10
DELIVERY = 3  # the last one that is not suspected of killing its function; the backoff is 20 to 40 s
LATER, LONG_AGO = "2099-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"
RUNTIME_API = "0100007F:2329"  # 127.0.0.1:9001 in /proc/net/tcp


@dataclass(frozen=True)
class Restored:
    """Two machines that were restored from one snapshot at once, and what they did."""

    snapshot: Snapshot
    access_keys: list  # of each machine
    messages: list  # of each machine's guest
    calls: list  # all that the backend received meanwhile
    result: object  # of the scenario

    def calls_of(self, action):
        """Returns the calls of each machine."""
        return [[call for call in self.calls if (call.access_key, call.action) == (key, action)] for key in self.access_keys]


def restore(backend, snapshot, name, reseed=True, set_clock=True):
    """Restores two machines and plays the function's scenario on them."""
    access_keys, before = [f"{name}-{number}" for number in (1, 2)], len(backend.calls)
    with contextlib.ExitStack() as stack:
        machines = [
            stack.enter_context(Machine(snapshot.image, backend.port, snapshot.state.parent / key, snapshot.memory, True))
            for key in access_keys
        ]

        def go_on(machine, access_key):
            machine.load(snapshot.state)
            machine.release(access_key, reseed, set_clock)

        at_once(go_on, machines, access_keys)
        result = SCENARIOS[snapshot.function](backend, machines)
    return Restored(snapshot, access_keys, [machine.messages for machine in machines], backend.calls[before:], result)


def at_once(do, machines, arguments):
    with ThreadPoolExecutor(len(machines)) as pool:
        return list(pool.map(do, machines, arguments))


# The scenarios: each returns what the machines answered.


def sample(name):
    event = json.loads((ROOT / "events" / f"{name}.json").read_text())
    event.get("headers", {}).pop("idempotency-key", None)  # with it the second machine would answer what the first did
    return event


def unmatched_route(backend, machines):
    return at_once(Machine.invoke, machines, [sample("unmatched-route")] * 2)


def create_items(backend, machines):
    return at_once(Machine.invoke, machines, [sample("create-item")] * 2)


@dataclass(frozen=True)
class Logged:
    failing: list
    answers: list
    messages: list  # ids of each machine's messages


def log_notifications(backend, machines):
    """Delivers a batch to each machine twice. At first the rows can't be written."""
    batches = [delivered(backend, [queue_notification(backend, LATER) for _ in range(BATCH)]) for _ in machines]
    with backend.refusing("UpdateItem"):
        failing = at_once(Machine.invoke, machines, batches)
    answers = at_once(Machine.invoke, machines, batches)
    return Logged(failing, answers, [[record["messageId"] for record in batch["Records"]] for batch in batches])


@dataclass(frozen=True)
class Relayed:
    alone: list  # answers of one machine after the other
    together: list
    entries: list  # ids
    messages: list  # ids


def relay_outbox(backend, machines):
    """Lets one machine after the other find a due entry, and then both find the same entries."""
    event, alone, entries = sample("relay-outbox"), [], []
    for machine in machines:
        entries.append(queue_notification(backend, LONG_AGO))
        alone.append(machine.invoke(event))
    entries += [queue_notification(backend, LONG_AGO) for _ in range(BATCH)]
    together = at_once(Machine.invoke, machines, [event] * 2)
    return Relayed(alone, together, entries, [json.loads(message["Body"])["id"] for message in receive(backend)])


SCENARIOS = {
    "UnmatchedRoute": unmatched_route,
    "CreateItem": create_items,
    "LogNotifications": log_notifications,
    "RelayOutbox": relay_outbox,
}


def queue_notification(backend, due):
    """Writes a queued notification, and returns its id."""
    id = f"{int(time.time() * 1000):012x}"
    id = f"{id[:8]}-{id[8:]}-7{str(uuid.uuid4())[15:]}"
    row = {"id": id, "message": "hello", "status": "queued", "outbox": "queued#0", "nextDispatchAt": f"{due}#{id}"}
    item = {name: {"S": value} for name, value in row.items()} | {"attempts": {"N": "0"}, "shard": {"N": "0"}}
    backend.dynamodb.put_item(TableName=backend.variables("LogNotifications")["NOTIFICATIONS_TABLE"], Item=item)
    return id


def receive(backend):
    """Receives all messages of the queue."""
    messages, url = [], backend.variables("LogNotifications")["NOTIFICATIONS_QUEUE_URL"]
    while received := backend.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        messages += received
    return messages


def delivered(backend, ids):
    """Sends a message for each id, receives them, and returns the consumer's event."""
    url = backend.variables("LogNotifications")["NOTIFICATIONS_QUEUE_URL"]
    entries = [{"Id": str(number), "MessageBody": json.dumps({"id": id})} for number, id in enumerate(ids)]
    assert "Failed" not in backend.sqs.send_message_batch(QueueUrl=url, Entries=entries)
    event = sample("log-notifications")
    event["Records"] = [
        event["Records"][0]
        | {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"ApproximateReceiveCount": str(DELIVERY)},
        }
        for message in receive(backend)
    ]
    assert len(event["Records"]) == len(ids)
    return event


# The assertions.


def answers_404(restored):
    for answer in restored.result:
        assert answer["statusCode"] == 404
        assert json.loads(answer["body"])["instance"] == "/lamps"


def each_creates_an_item(restored):
    for answer, calls in zip(restored.result, restored.calls_of("TransactWriteItems"), strict=True):
        assert answer["statusCode"] == 201
        item = json.loads(answer["body"])
        assert (item["name"], item["price"], item["version"]) == ("Lamp", 49.9, 1)
        assert {written(call) for call in calls if call.status == 200} == {item["id"]}


def written(call):
    return call.body["TransactItems"][0]["Put"]["Item"]["id"]["S"]


def ids_differ(restored):
    """Compares the random bits alone, because two machines seldom draw at the same millisecond."""
    first, second = [json.loads(answer["body"])["id"] for answer in restored.result]
    assert first[15:18] + first[20:] != second[15:18] + second[20:]


def ids_are_of_now(restored):
    for first, *_ in restored.calls_of("TransactWriteItems"):
        id = written(first)
        assert abs(int(id[:8] + id[9:13], 16) / 1000 - first.at) < TOLERANCE


def client_tokens_differ(restored):
    first, second = ({call.body["ClientRequestToken"] for call in calls} for calls in restored.calls_of("TransactWriteItems"))
    assert first and second and first.isdisjoint(second)


def each_notification_is_logged_at_the_second_delivery(restored):
    for answer, ids in zip(restored.result.failing, restored.result.messages, strict=True):
        assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ids
    assert restored.result.answers == [{"batchItemFailures": []}] * 2


def backoff_differs(restored):
    """Compares all delays of a batch, sorted, because the messages are processed concurrently."""
    calls = restored.calls_of("ChangeMessageVisibility")
    # A slow call is sent again.
    first, second = (sorted({call.body["ReceiptHandle"]: call.body["VisibilityTimeout"] for call in machine}.values()) for machine in calls)
    assert len(first) == len(second) == BATCH
    assert all(20 <= delay <= 40 for delay in first + second)
    assert first != second


def each_entry_is_dispatched_once(restored):
    result = restored.result
    assert [(answer["due"], answer["sent"], answer["notSent"]) for answer in result.alone] == [(1, 1, 0)] * 2
    assert sum(answer["sent"] for answer in result.together) == BATCH
    assert all(answer["notSent"] == 0 for answer in result.together)
    assert sorted(result.messages) == sorted(result.entries)


def tokens_of_updates_differ(restored):
    """An update with the token of another one would take that one's effect for its own."""
    first, second = ({token(call) for call in calls} for calls in restored.calls_of("UpdateItem"))
    assert first and second and first.isdisjoint(second)


def token(update: Call):
    name = re.search(r"#lastWrite = (:\w+)", update.body["UpdateExpression"])[1]
    return update.body["ExpressionAttributeValues"][name]["S"]


def signed_now(restored):
    assert restored.calls
    assert [call for call in restored.calls if abs(call.signed - call.at) > TOLERANCE] == []


def credentials_are_fetched_after_the_restore(restored):
    assert fetched_credentials(restored.snapshot.messages) == []
    assert [fetched_credentials(messages) for messages in restored.messages] == [[key] for key in restored.access_keys]
    assert {call.access_key for call in restored.calls} == set(restored.access_keys)


def no_credentials_are_fetched(restored):
    assert [fetched_credentials(messages) for messages in (restored.snapshot.messages, *restored.messages)] == [[]] * 3
    assert restored.calls == []


def fetched_credentials(messages):
    return [message["accessKey"] for message in messages if message["kind"] == "credentials"]


def one_connection_at_the_checkpoint(restored):
    """Both ends of the connection to the Runtime API are in the machine."""
    sockets = restored.snapshot.sockets
    assert len(sockets) == 2
    assert [remote for local, remote, _ in sockets if local != RUNTIME_API] == [RUNTIME_API]


COMMON = (credentials_are_fetched_after_the_restore, signed_now, one_connection_at_the_checkpoint)
ASSERTIONS = {
    "UnmatchedRoute": (answers_404, no_credentials_are_fetched, one_connection_at_the_checkpoint),
    "CreateItem": (each_creates_an_item, ids_differ, ids_are_of_now, client_tokens_differ, *COMMON),
    "LogNotifications": (each_notification_is_logged_at_the_second_delivery, backoff_differs, *COMMON),
    "RelayOutbox": (each_entry_is_dispatched_once, tokens_of_updates_differ, *COMMON),
}


@pytest.mark.parametrize("function", ASSERTIONS)
def test_a_function_restored_in_two_machines(function, backend, snapshots, table):
    with table.timed(function):
        restored = restore(backend, snapshots[function], function)
    for assertion in ASSERTIONS[function]:
        assertion(restored)
        table.add(function, words(assertion))


# The negative controls: without what Lambda does at a restore, assertions must fail.


def test_without_the_reseed_the_machines_draw_alike(backend, snapshots, table):
    with table.timed("not reseeded"):
        restored = restore(backend, snapshots["CreateItem"], "not-reseeded", reseed=False)
    assert_noticed(restored, (ids_differ, client_tokens_differ), "not reseeded", table)
    each_creates_an_item(restored)  # the second one with another token
    table.add("not reseeded", words(each_creates_an_item))


def test_with_a_stale_clock_the_times_are_wrong(backend, snapshots, table):
    snapshot = snapshots["CreateItem"]
    time.sleep(max(0, snapshot.taken + 2 * TOLERANCE - time.time()))
    with table.timed("stale clock"):
        restored = restore(backend, snapshot, "stale-clock", set_clock=False)
    assert_noticed(restored, (ids_are_of_now, signed_now), "stale clock", table)


def assert_noticed(restored, assertions, row, table):
    for assertion in assertions:
        with pytest.raises(AssertionError):
            assertion(restored)
        table.add(row, f"'{words(assertion)}' fails")


def words(assertion):
    return assertion.__name__.replace("_", " ")
