"""Types the commands of docs/operate.md on the emulator: those of each alarm, and the drills that restore tables and bring them back."""

import datetime
import json
import os
import re
import subprocess
import urllib.error
import uuid
from pathlib import Path

import boto3
import pytest
import stack
from mend import mend
from operator_tools import request

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs/operate.md").read_text()

# Commands of alarms that the emulator cannot run, by their beginning.
NOT_HERE = {
    "lines ": "MiniStack's Logs Insights knows neither SOURCE nor stats",
    "dead-letters ": "MiniStack's SQS does not have ListDeadLetterSourceQueues; the command has tests of its own",
    "aws logs tail ": "version 1 of the AWS CLI, which the lane installs, does not have it",
}
RESTORED = ["Items", "Notifications"]

cloudformation = boto3.client("cloudformation")
dynamodb = boto3.client("dynamodb")
functions = boto3.client("lambda")


def section(title):
    """Returns the text of a section, up to the next title of its level or a higher one."""
    level = title.split()[0]
    return re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)[1]


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(block):
    """Returns the commands of a block. A command goes on in lines that are indented, or close its first one."""
    return re.findall(r"^\S.*\n(?:(?: .*|done.*|\})\n)*", block, re.MULTILINE)


class Shell:
    """One bash, in which an operator types one block after the other."""

    def __init__(self):
        self.bash = subprocess.Popen(
            ["bash"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def type(self, text):
        """Types a text; returns what it prints. An error of the AWS CLI is a failure, and so is the exit status of the last command."""
        end = uuid.uuid4().hex
        self.bash.stdin.write(f"{text}\necho {end} $?\n")
        self.bash.stdin.flush()
        printed = ""
        for line in self.bash.stdout:
            if line.startswith(end):
                assert line.split()[1] == "0", f"{text}\n{printed}"
                assert not re.search(r"error occurred|error: |command not found|usage: |rror parsing", printed), f"{text}\n{printed}"
                print(text, printed, sep="\n")  # for pytest to show after a failure
                return printed
            printed += line
        raise AssertionError(f"the shell ended\n{text}\n{printed}")


@pytest.fixture(scope="module")
def shell():
    shell = Shell()
    [once] = blocks(RUNBOOK[: RUNBOOK.index("\n## ")])
    shell.type(once)
    # The emulator has its own region. Its API has only an address with a path.
    shell.type(f"""
        export STACK={stack.STACK} AWS_REGION={os.environ["AWS_REGION"]} AWS_DEFAULT_REGION={os.environ["AWS_REGION"]}
        eval "of_aws_$(declare -f output)"
        # Without the option, "aws sqs" of version 1 calls queue.amazonaws.com.
        aws() {{ if [[ $1 == sqs ]]; then command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; else command aws "$@"; fi; }}
        output() {{ if [[ $1 == ApiUrl ]]; then echo "$API_URL"; else of_aws_output "$1"; fi; }}""")
    yield shell
    shell.bash.stdin.close()
    shell.bash.wait(timeout=10)


def deployed(shell, command, *parameters):
    """Types a deployment with the options that the emulator needs, and mends the stack."""
    options = "--no-confirm-changeset --no-progressbar --parameter-overrides Access=open Emulator=ministack SnapStart=false"
    assert command.count("--parameter-overrides") == 1
    shell.type(command.replace("--parameter-overrides", " ".join([options, *parameters])))
    api = mend(stack.STACK)
    os.environ["API_URL"] = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api}/$default"
    shell.type(f"export API_URL='{os.environ['API_URL']}'")


def resources(kind):
    """Returns the physical ids of the stack's resources of a type, by their logical ids."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.STACK)
    all = [r for page in pages for r in page["StackResourceSummaries"] if r["ResourceType"] == kind and "DELETE" not in r["ResourceStatus"]]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in all}


def tables():
    return set(dynamodb.list_tables()["TableNames"])


def read(table, id):
    return dynamodb.get_item(TableName=table, Key={"id": {"S": id}}, ConsistentRead=True).get("Item")


def create_item():
    return json.loads(request("/items", {"name": "Lamp", "price": 12.5}))


def log_notification():
    id = json.loads(request("/notifications", {"message": "hello"}))["id"]
    is_logged(id)
    return id


def delete_notification(id):
    try:
        request(f"/notifications/{id}", method="DELETE")
    except urllib.error.HTTPError as error:
        if error.code != 404:  # the answer of a repeated request
            raise


def is_logged(id):
    stack.eventually(90, lambda: json.loads(request(f"/notifications/{id}"))["status"] == "logged")


def test_each_alarm(shell):
    [names] = blocks(section("## Alarms").split("\n### ")[0])
    notifications, imports, export = commands(names)
    shell.type(notifications + export)
    sections = re.findall(r"^### \w+Alarm$", RUNBOOK, re.MULTILINE)
    assert len(sections) > 9
    left_out, typed = set(), set()
    for title in sections:
        found = [command for block in blocks(section(title)) for command in commands(block)]
        assert found, title
        for command in found:
            why = [beginning for beginning in NOT_HERE if command.startswith(beginning)]
            left_out.update(why)
            if not why and command not in typed:
                shell.type(command)
                typed.add(command)
    assert left_out == NOT_HERE.keys()
    shell.type(imports + export)
    of_a_task = [command for command in typed if re.search(r"\$\{?(CONSUMER|QUEUE)", command)]
    assert of_a_task
    for command in of_a_task:
        shell.type(command)


def test_restored_tables_take_over(shell):
    choose, stop, stopped, restore, give_back, compare, delete_again, switch, start, delete = blocks(section("## Restoring a table"))
    item, notification, erased = create_item(), log_notification(), log_notification()
    old = {table: f"{stack.STACK}-{table}" for table in RESTORED}
    others = tables() - set(old.values())
    # The emulator's CloudFormation leaves these out.
    dynamodb.update_time_to_live(TableName=old["Notifications"], TimeToLiveSpecification={"Enabled": True, "AttributeName": "expiresAt"})
    for table in old.values():
        dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamodb.tag_resource(ResourceArn=dynamodb.describe_table(TableName=old["Items"])["Table"]["TableArn"], Tags=[{"Key": "service", "Value": "a b"}])

    # The emulator restores the present rows, whatever the moment is.
    now = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    chosen = re.sub(r"TABLES=\(.*\) AT=\S+", f"TABLES=({' '.join(RESTORED)}) AT={now}", choose)
    assert chosen != choose
    choices = [re.fullmatch(r"(\S+) should be \1, and becomes (\1-\d{8})", line) for line in shell.type(chosen).splitlines()]
    new = dict(zip(RESTORED, (choice[2] for choice in choices), strict=True))
    shell.type(stop)
    # The emulator bounds the concurrency of $LATEST alone, so its API answers all the same.
    *states, status = shell.type(stopped).split()
    assert states == ["Disabled", "Disabled"] and re.fullmatch(r"\d{3}", status)
    for id, function in resources("AWS::Lambda::Function").items():
        limit = functions.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions")
        assert limit == (None if id in ("LogNotifications", "ImportItems") else 0), id
    assert shell.type(restore).splitlines()[-len(new) :] == [f"{name}: ACTIVE" for name in new.values()]
    assert tables() == {*old.values(), *new.values(), *others}
    # Between the moment and the stop: the item and a notification were deleted, a task was done, and another was accepted.
    delete_notification(erased)
    dynamodb.delete_item(TableName=old["Items"], Key={"id": {"S": item["id"]}})
    dynamodb.update_item(
        TableName=new["Notifications"],
        Key={"id": {"S": notification}},
        UpdateExpression="SET #status = :queued, outbox = :outbox, nextDispatchAt = :at REMOVE doneAt",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":queued": {"S": "queued"}, ":outbox": {"S": "queued#0"}, ":at": {"S": f"{stack.LONG_AGO}#{notification}"},
        },
    )  # fmt: skip
    lost = notification[:-12] + "000000000000"
    stack.sqs.send_message(QueueUrl=resources("AWS::SQS::Queue")["NotificationQueue"], MessageBody=json.dumps({"id": lost}))

    # The comparison sees what a restore leaves out.
    *definitions, _ = commands(give_back)
    settings, loop = commands(compare)
    shell.type("".join(definitions) + settings)
    assert "no difference" not in shell.type(loop.replace('"${TABLES[@]}"', "Notifications") + "true")
    shell.type(give_back)
    assert shell.type(compare) == "".join(f"{table}: no difference\n" for table in RESTORED)
    assert read(new["Notifications"], erased)["message"]
    assert shell.type(delete_again).split() == [item["id"]]
    assert read(new["Notifications"], erased) == read(old["Notifications"], erased)
    assert "message" not in read(new["Notifications"], erased)
    deployed(shell, switch)
    assert not resources("AWS::DynamoDB::Table")
    assert tables() == {*old.values(), *new.values(), *others}
    shown = shell.type(start)
    assert all(shown.count(name) == 2 for name in new.values()), shown

    assert json.loads(request(f"/items/{item['id']}")) == item
    created = create_item()
    assert read(new["Items"], created["id"])
    assert not read(old["Items"], created["id"])
    is_logged(notification)
    assert log_notification()
    body = json.dumps({"id": lost})
    letter = stack.eventually(60, lambda: next((m for m in stack.receive("NotificationDeadLetterQueue") if m["Body"] == body), None))
    assert f'--reason "{letter["MessageAttributes"]["reason"]["StringValue"]}" --yes' in section("## Restoring a table")
    # In a new shell FROM or TO may be wrong: neither the tables in use nor their predecessors may go then.
    for mistake in "FROM=$TO", "TO=-01010000":
        kept = shell.type(f"({mistake}\n{delete})")
        assert kept.count(" stays: the stack uses ") == len(new), kept
        assert tables() == {*old.values(), *new.values(), *others}
    shell.type(delete)
    assert tables() == {*new.values(), *others}


def test_retained_tables_come_back(shell):
    item, notification, before = create_item(), log_notification(), tables()
    queues = {url.rsplit("/", 1)[1] for url in resources("AWS::SQS::Queue").values()}
    cloudformation.delete_stack(StackName=stack.STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})
    assert tables() == before

    # Those of another stack, whose name begins like this one's, are not named.
    dynamodb.create_table(
        TableName=f"{stack.STACK}-prod-Items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    stack.sqs.create_queue(QueueName=f"{stack.STACK}-prod-NotificationQueue-1")
    deploy, queues_left = blocks(section("## Bringing retained tables back"))
    shown, command = commands(deploy)
    assert set(shell.type(shown).split()) == before
    dynamodb.delete_table(TableName=f"{stack.STACK}-prod-Items")
    deployed(shell, command, *(f"{table}Table={name.removeprefix(stack.STACK + '-')}" for name in before for table in RESTORED if f"-{table}-" in name))

    assert tables() == before
    assert json.loads(request(f"/items/{item['id']}")) == item
    assert json.loads(request(f"/notifications/{notification}"))["status"] == "logged"
    assert create_item()
    assert log_notification()
    # On the emulator a new stack's queues have the old ones' names.
    listed, used = ({url.rsplit("/", 1)[1] for url in shell.type(command).split()} for command in commands(queues_left))
    assert listed == used == queues
