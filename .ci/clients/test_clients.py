"""
The functions read rows and messages that boto3 and the AWS CLI write, and the other way round. Rows follow
docs/data-model.md.
"""

import datetime
import json
import secrets
import uuid

import pytest

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
SHARDS = 2


def uuid7():
    """Returns an id like those of the functions: a UUIDv7."""
    milliseconds = int(datetime.datetime.now().timestamp() * 1000)
    bits = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return uuid.UUID(int=bits)


def shard(id):
    """Returns the floor modulus of the id's low half, as a signed number."""
    low = uuid.UUID(str(id)).int & (1 << 64) - 1
    return (low - (1 << 64) if low >> 63 else low) % SHARDS


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def is_time(value):
    datetime.datetime.strptime(value["S"], TIME)
    return len(value["S"]) == len("2026-01-02T03:04:05.678Z")


def queued_row(id, message="by hand"):
    time = now()
    return {
        "id": {"S": str(id)},
        "shard": {"N": str(shard(id))},
        "message": {"S": message},
        "status": {"S": "queued"},
        "attempts": {"N": "0"},
        "dispatches": {"N": "0"},
        "outbox": {"S": f"queued#{shard(id)}"},
        "nextDispatchAt": {"S": f"{time}#{id}"},
    }


def logged(api, id):
    notification = api("GET", f"/notifications/{id}").body
    return notification["status"] == "logged" and notification


def test_an_item_of_the_api_is_read_by_boto3(run, api, dynamodb):
    item = {"name": "Lampe \u00e0 p\u00e9trole", "price": 12.50, "tags": ["b", "a"], "description": "old"}
    made = api("POST", "/items", item)
    assert made.status == 201

    row = dynamodb.get_item(TableName=run.table("Items"), Key={"id": {"S": made.body["id"]}})["Item"]

    assert is_time(row["createdAt"])
    assert row == {
        "id": {"S": made.body["id"]},
        "shard": {"N": str(shard(made.body["id"]))},
        "name": {"S": item["name"]},
        "description": {"S": "old"},
        "price": {"N": "12.5"},
        "tags": {"L": [{"S": "b"}, {"S": "a"}]},
        "createdAt": {"S": made.body["createdAt"]},
        "updatedAt": {"S": made.body["createdAt"]},
        "version": {"N": "1"},
    }


def test_a_notification_of_the_api_and_its_key_are_read_by_the_cli(run, api, aws, eventually):
    key = str(uuid.uuid4())
    id = api("POST", "/notifications", {"message": "hello"}, Idempotency_Key=key).body["id"]
    eventually(lambda: logged(api, id))

    table, name = run.table("Notifications"), json.dumps({"id": {"S": id}})
    row = aws("dynamodb", "get-item", "--consistent-read", "--table-name", table, "--key", name)["Item"]
    records = aws("dynamodb", "scan", "--table-name", run.table("Idempotency"))["Items"]

    assert is_time(row.pop("doneAt"))
    assert row.pop("lastWrite")["S"].endswith(" 1 done")
    assert row.pop("requestId")["S"] and row.pop("traceHeader")["S"].startswith("Root=1-")
    assert row == {
        "id": {"S": id},
        "shard": {"N": str(shard(id))},
        "message": {"S": "hello"},
        "status": {"S": "done"},
        "attempts": {"N": "1"},
    }
    [record] = [record for record in records if record["result"]["M"]["id"] == {"S": id}]
    assert record.keys() == {"key", "fingerprint", "expiresAt", "result"}
    assert key in record["key"]["S"]
    day = int(record["expiresAt"]["N"]) - datetime.datetime.now().timestamp()
    assert 86_400 - 120 < day <= 86_400


def test_the_indexes_are_read_by_the_cli(run, api, aws):
    id = api("POST", "/items", {"name": "newest", "price": 1}).body["id"]

    newest = aws(
        "dynamodb", "query", "--table-name", run.table("Items"), "--index-name", "timeline",
        "--key-condition-expression", "#s = :s", "--no-scan-index-forward", "--max-items", "1",
        "--expression-attribute-names", json.dumps({"#s": "shard"}),
        "--expression-attribute-values", json.dumps({":s": {"N": str(shard(id))}}),
    )  # fmt: skip

    assert newest["Items"][0]["id"] == {"S": id}


def test_an_item_that_boto3_puts_is_read_and_changed_by_the_api(run, api, dynamodb):
    id, time = str(uuid7()), now()
    row = {
        "id": {"S": id},
        "shard": {"N": str(shard(id))},
        "name": {"S": "by hand"},
        "price": {"N": "999999999.99"},
        "tags": {"L": [{"S": "x"}]},
        "createdAt": {"S": time},
        "updatedAt": {"S": time},
        "version": {"N": "7"},
    }
    dynamodb.put_item(TableName=run.table("Items"), Item=row)

    read = api("GET", f"/items/{id}")

    assert read.headers["ETag"] == '"7"'
    assert read.body == {
        "id": id, "name": "by hand", "price": 999999999.99, "tags": ["x"],
        "createdAt": time, "updatedAt": time, "version": 7,
    }  # fmt: skip
    assert id in [item["id"] for item in api("GET", "/items").body["items"]]
    assert api("PATCH", f"/items/{id}", {"price": 1}, If_Match='"7"').body["version"] == 8
    changed = dynamodb.get_item(TableName=run.table("Items"), Key={"id": {"S": id}})["Item"]
    assert changed.items() >= {"price": {"N": "1"}, "version": {"N": "8"}, "shard": row["shard"]}.items()


def test_notifications_that_boto3_puts_are_listed_by_their_status(run, api, dynamodb):
    id, other = uuid7(), uuid7()
    failed = queued_row(id) | {
        "status": {"S": "failed"},
        "attempts": {"N": "8"},
        "failure": {"S": "by hand"},
        "outbox": {"S": f"failed#{shard(id)}"},
    }
    for row in failed, queued_row(other):
        dynamodb.put_item(TableName=run.table("Notifications"), Item=row)

    lists = {
        status: api("GET", f"/notifications?status={status}").body["notifications"]
        for status in ("failed", "queued", "logged")
    }

    [read] = [row for row in lists["failed"] if row["id"] == str(id)]
    assert (read["failure"], read["attempts"]) == ("by hand", 8)
    assert str(other) in [row["id"] for row in lists["queued"]]
    assert not {str(id), str(other)} & {row["id"] for row in lists["logged"]}


@pytest.mark.parametrize("client", ["boto3", "aws"])
def test_a_job_that_another_client_sends_is_consumed(run, api, aws, dynamodb, sqs, eventually, client):
    id = uuid7()
    dynamodb.put_item(TableName=run.table("Notifications"), Item=queued_row(id))
    queue, body = run.queue("NotificationQueue"), json.dumps({"id": str(id)})

    if client == "aws":
        aws("sqs", "send-message", "--queue-url", queue, "--message-body", body)
    else:
        sqs.send_message(QueueUrl=queue, MessageBody=body)

    assert eventually(lambda: logged(api, id))["attempts"] == 1


def dead_letters(run, aws):
    received = aws(
        "sqs", "receive-message", "--queue-url", run.queue("NotificationDeadLetterQueue"),
        "--message-attribute-names", "All", "--visibility-timeout", "0", "--max-number-of-messages", "10",
    )  # fmt: skip
    return {letter["Body"]: letter for letter in (received or {}).get("Messages", [])}


def arn(aws, queue):
    attributes = ("get-queue-attributes", "--queue-url", queue, "--attribute-names", "QueueArn")
    return aws("sqs", *attributes)["Attributes"]["QueueArn"]


def test_a_malformed_job_is_read_with_its_reason(run, aws, eventually):
    aws("sqs", "send-message", "--queue-url", run.queue("NotificationQueue"), "--message-body", "nonsense")

    letter = eventually(lambda: dead_letters(run, aws).get("nonsense"))

    assert letter["MessageAttributes"]["reason"] == {
        "StringValue": "the message is malformed",
        "DataType": "String",
    }


def test_dead_letters_are_replayed_once_their_cause_is_gone(run, api, aws, dynamodb, eventually):
    id, queue = uuid7(), run.queue("NotificationQueue")
    body = json.dumps({"id": str(id)})
    aws("sqs", "send-message", "--queue-url", queue, "--message-body", body)
    letter = eventually(lambda: dead_letters(run, aws).get(body))
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "no row has the message's id"
    dynamodb.put_item(TableName=run.table("Notifications"), Item=queued_row(id))

    source = arn(aws, run.queue("NotificationDeadLetterQueue"))
    move = ("--source-arn", source, "--destination-arn", arn(aws, queue))
    assert aws("sqs", "start-message-move-task", *move)["TaskHandle"]

    assert eventually(lambda: logged(api, id))["attempts"] == 1
    eventually(lambda: body not in dead_letters(run, aws))
    tasks = aws("sqs", "list-message-move-tasks", "--source-arn", source)["Results"]
    assert tasks[0]["ApproximateNumberOfMessagesMoved"] >= 1
