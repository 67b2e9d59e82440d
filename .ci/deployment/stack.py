"""The stack deployed by tools/deploy-without-aws, seen as an operator would."""

import base64
import json
import re
import time
import uuid
from pathlib import Path

import boto3
import yaml

STACK = "async-items"
ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
CONTRACT = yaml.safe_load((ROOT / "openapi.yaml").read_text())
BATCH = "sqs:SendMessageBatch"  # only on the emulator; see tools/deploy-without-aws
LONG_AGO = "2026-01-01T00:00:00.000Z"

_cloudformation = boto3.client("cloudformation")
_functions = boto3.client("lambda")
_iam = boto3.client("iam")
_dynamodb = boto3.client("dynamodb")
sqs = boto3.client("sqs")

_resources = _cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
PHYSICAL = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in _resources}
FUNCTIONS = sorted(r["LogicalResourceId"] for r in _resources if r["ResourceType"] == "AWS::Lambda::Function")


def arns():
    """Returns logical ids and index names, by ARN."""
    names = {}
    for resource in _resources:
        id, physical = resource["LogicalResourceId"], resource["PhysicalResourceId"]
        if resource["ResourceType"] == "AWS::DynamoDB::Table":
            table = _dynamodb.describe_table(TableName=physical)["Table"]
            names[table["TableArn"]] = id
            for index in table.get("GlobalSecondaryIndexes", []):
                names[f"{table['TableArn']}/index/{index['IndexName']}"] = f"{id}/{index['IndexName']}"
        elif resource["ResourceType"] == "AWS::SQS::Queue":
            names[queue_arn(id)] = id
    return names


class Role:
    """A function's role, whose policy can be changed temporarily."""

    def __init__(self, function):
        self.function = function
        self.name = PHYSICAL[function + "Role"]
        self.policy = _iam.get_role_policy(RoleName=self.name, PolicyName=function)["PolicyDocument"]

    def grants(self):
        """Returns the permissions of the template, as pairs of action and resource ARN."""
        return [(action, resource) for action, resource in self._all() if action != BATCH]

    def _all(self):
        return [
            (action, resource)
            for statement in self.policy["Statement"]
            for action in _list(statement["Action"])
            for resource in _list(statement["Resource"])
        ]

    def without(self, *grants):
        """Removes permissions until the block ends."""
        grants += tuple((BATCH, resource) for action, resource in grants if action == "sqs:SendMessage")
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": resource}
            for action, resource in self._all()
            if (action, resource) not in grants
        ]
        return _Changed(self, {"Version": "2012-10-17", "Statement": statements})

    def put(self, policy):
        _iam.put_role_policy(RoleName=self.name, PolicyName=self.function, PolicyDocument=json.dumps(policy))


class _Changed:
    def __init__(self, role, policy):
        self.role, self.policy = role, policy

    def __enter__(self):
        self.role.put(self.policy)

    def __exit__(self, *failure):
        self.role.put(self.role.policy)


def _list(value):
    return value if isinstance(value, list) else [value]


def delivered(id, delivery):
    """Sends a message; returns the consumer's event for it, with a receive count, and the message's body."""
    body = json.dumps({"id": id})
    sqs.send_message(QueueUrl=PHYSICAL["NotificationQueue"], MessageBody=body)
    message = eventually(15, lambda: [m for m in receive("NotificationQueue") if m["Body"] == body])[0]
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(delivery)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
    return {"Records": [record]}, body


def _kebab(function):
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", function).lower()


def sample_events():
    """Returns the sample events by function. A file has its function's name and perhaps a suffix."""
    events = {function: [] for function in FUNCTIONS}
    for file in sorted(EVENTS.glob("*.json")):
        function = max((f for f in FUNCTIONS if f"{file.stem}-".startswith(f"{_kebab(f)}-")), key=len)
        events[function].append(json.loads(file.read_text()))
    return events


def event_about(sample, ids):
    """Returns an event about the things with these ids, with a new idempotency key."""
    text = json.dumps(sample)
    for in_contract, id in ids.items():
        text = text.replace(in_contract, id)
        # The id of a chunk differs from its import's in the counter, the three digits after the version.
        chunks = in_contract[:15] + "([0-9a-f]{3})" + in_contract[18:]
        text = re.sub(chunks, lambda chunk, id=id: id[:15] + chunk[1] + id[18:], text)
    content = json.loads(text)
    if "idempotency-key" in content.get("headers", {}):
        content["headers"]["idempotency-key"] = str(uuid.uuid4())
    return content


def _id_in_contract(route):
    """Returns the id in the contract's example of the answer to a POST, or None."""
    method, path = route.split()
    answer = next(iter(CONTRACT["paths"][path][method.lower()]["responses"].values()))
    for example in answer.get("content", {}).get("application/json", {}).get("examples", {}).values():
        return CONTRACT["components"]["examples"][example["$ref"].rsplit("/", 1)[1]]["value"].get("id")
    return None


def create():
    """Creates one thing by each event that does so; returns their ids, by the ids in the contract's examples."""
    ids = {}
    for function, events in sample_events().items():
        for sample in events:
            route = sample.get("routeKey", "")
            if route.startswith("POST ") and (id := _id_in_contract(route)):
                body = json.loads(Invocation(function, event_about(sample, {})).answer.get("body", "{}"))
                if "id" in body:  # a role without a permission creates nothing
                    ids[id] = body["id"]
    return ids


class Invocation:
    """The response of a function and the end of its log."""

    def __init__(self, function, event):
        response = _functions.invoke(FunctionName=PHYSICAL[function], Payload=json.dumps(event), LogType="Tail")
        self.threw = "FunctionError" in response
        self.answer = json.loads(response["Payload"].read())
        self.log = base64.b64decode(response.get("LogResult", "")).decode()

    @property
    def body(self):
        return json.loads(self.answer["body"])

    @property
    def succeeded(self):
        """Returns whether the response reports no failure."""
        failures = self.answer.get("batchItemFailures") or self.answer.get("notSent")
        return not self.threw and self.answer.get("statusCode", 200) < 400 and not failures

    def __str__(self):
        return f"{json.dumps(self.answer)}\n{self.log}"


def create_notification():
    [send] = [sample for sample in sample_events()["SendNotification"] if "body" in sample]
    return Invocation("SendNotification", event_about(send, {})).body["id"]


def row(id):
    table = PHYSICAL["Notifications"]
    return _dynamodb.get_item(TableName=table, Key={"id": {"S": id}}, ConsistentRead=True)["Item"]


def make_all_due():
    """Makes the queued tasks of every kind due. Every other one has used up its dispatches."""
    for table in (name.split("/")[0] for name in arns().values() if name.endswith("/outbox")):
        rows = _dynamodb.scan(TableName=PHYSICAL[table], ConsistentRead=True)["Items"]
        for number, row in enumerate(row for row in rows if row.get("status") == {"S": "queued"}):
            make_due(row["id"]["S"], dispatches=number % 2 * 12, table=table)


def make_due(id, dispatches=0, table="Notifications"):
    """Makes a queued task due, with this number of dispatches."""
    _dynamodb.update_item(
        TableName=PHYSICAL[table],
        Key={"id": {"S": id}},
        UpdateExpression="SET nextDispatchAt = :at, dispatches = :dispatches",
        ExpressionAttributeValues={":at": {"S": f"{LONG_AGO}#{id}"}, ":dispatches": {"N": str(dispatches)}},
    )


def queue_arn(queue):
    answer = sqs.get_queue_attributes(QueueUrl=PHYSICAL[queue], AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


def receive(queue):
    """Receives up to ten messages with their attributes."""
    answer = sqs.receive_message(
        QueueUrl=PHYSICAL[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=30
    )
    return answer.get("Messages", [])


def consumers():
    """Returns the functions that receive messages of queues, with their mappings."""
    mappings = _functions.list_event_source_mappings()["EventSourceMappings"]
    return {f: mapping for f in FUNCTIONS for mapping in mappings if f":{PHYSICAL[f]}" in mapping["FunctionArn"]}


def consumers_rest(rests):
    """Disables or enables the event source mappings."""
    for mapping in consumers().values():
        _functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not rests)


def relay_rests(rests):
    """Disables or enables the schedule of the relay."""
    rule = next(name for id, name in PHYSICAL.items() if id.startswith("RelayOutboxEveryMinute") and "Permission" not in id)
    change = boto3.client("events").disable_rule if rests else boto3.client("events").enable_rule
    change(Name=rule)


def eventually(seconds, ask):
    """Calls until the result is truthy, and returns it."""
    end = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
    return found
