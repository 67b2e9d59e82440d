"""
Each function's role allows exactly the calls of the function. With the whole role, no call is denied. Without any one action on any one
resource, IAM denies a call.
"""

import uuid
from datetime import datetime

import pytest
import stack
from stack import Invocation, event

# Lambda's own calls with a function's role. Unlike AWS, the emulator does not check them.
MAPPING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
REFUSED = "403 AccessDenied"  # the functions' text for "not authorized" from DynamoDB and SQS
DELAY = "sqs:ChangeMessageVisibility"
# Calls after a failure, best effort, whose own failure is not logged. Each has a test of its own.
BEST_EFFORT = {("LogNotifications", DELAY), ("SendNotification", "dynamodb:UpdateItem")}
LAMBDAS_OWN = {
    (function, action)
    for function in stack.FUNCTIONS
    for action in {"logs:CreateLogStream", "logs:PutLogEvents"} | (MAPPING if function == "LogNotifications" else set())
}
NAMES = stack.arns()
GRANTS = [
    pytest.param(function, action, resource, id=f"{function}-{action}-{NAMES.get(resource, 'log')}")
    for function in stack.FUNCTIONS
    for action, resource in stack.Role(function).grants()
    if (function, action) not in LAMBDAS_OWN | BEST_EFFORT
]


@pytest.fixture(autouse=True, scope="module")
def nobody_else_calls():
    """Disables the triggers, so that only the tests' calls handle the prepared messages and rows."""
    stack.consumer_rests(True)
    stack.relay_rests(True)
    yield
    stack.relay_rests(False)
    stack.consumer_rests(False)


def calls(function):
    """Calls of a function that together need its whole role."""
    match function:
        case "GetItem" | "ReplaceItem" | "PatchItem":
            name = {"GetItem": "get-item", "ReplaceItem": "replace-item", "PatchItem": "patch-item"}[function]
            return [Invocation(function, event(name, item=stack.create_item()))]
        case "DeleteItem":
            only = event("delete-item", item=stack.create_item())
            only["headers"]["if-match"] = '"1"'
            return [Invocation(function, only)]
        case "ListNotifications":
            every = event("list-notifications")  # filters by status
            every["rawQueryString"] = ""
            return [Invocation(function, event("list-notifications")), Invocation(function, every)]
        case "GetNotification":
            return [Invocation(function, event("get-notification", notification=stack.create_notification()))]
        case "SendNotification":
            keyed = event("send-notification")
            keyed["headers"]["idempotency-key"] = str(uuid.uuid4())
            return [Invocation(function, keyed), Invocation(function, keyed)]  # the second sends the message again
        case "LogNotifications":
            return [Invocation(function, event("log-notifications", notification=stack.create_notification()))]
        case "RelayOutbox":
            stack.make_due(stack.create_notification())
            stack.make_due(stack.create_notification(), dispatches=12)
            return [Invocation(function, event("relay-outbox"))]
        case "UnmatchedRoute":
            return []
        case _:  # CreateItem: create-item
            name = "".join("-" + c.lower() if c.isupper() else c for c in function).lstrip("-")
            return [Invocation(function, event(name))]


@pytest.mark.parametrize("function", [f for f in stack.FUNCTIONS if f != "UnmatchedRoute"])
def test_every_call_works_with_the_role_as_it_is(function):
    for call in calls(function):
        assert call.succeeded, call
        assert REFUSED not in str(call), call


@pytest.mark.parametrize("function, action, resource", GRANTS)
def test_a_call_is_refused_without(function, action, resource):
    with stack.Role(function).without((action, resource)):
        # the end of a log is sometimes late
        stack.eventually(15, lambda: any(REFUSED in str(call) for call in calls(function)))


@pytest.mark.parametrize("allowed", [True, False])
def test_a_failed_job_is_not_handed_back_without(allowed):
    """After its last delivery, a failed message becomes visible immediately, if the consumer's role allows it."""
    role = stack.Role("LogNotifications")
    taken = [grant for grant in role.grants() if grant[0] == "dynamodb:UpdateItem" or grant[0] == DELAY and not allowed]
    assert len(taken) == (1 if allowed else 2)
    batch, body = stack.job(stack.create_notification(), delivery=8)

    with role.without(*taken):
        call = Invocation("LogNotifications", batch)

    assert call.answer["batchItemFailures"], call
    assert (body in [message["Body"] for message in stack.receive("NotificationQueue")]) == allowed


@pytest.mark.parametrize("allowed", [True, False])
def test_an_entry_whose_message_was_not_sent_is_not_due_soon_without(allowed):
    role = stack.Role("SendNotification")
    taken = [grant for grant in role.grants() if grant[0] == "sqs:SendMessage" or grant[0] == "dynamodb:UpdateItem" and not allowed]
    assert len(taken) == (1 if allowed else 2)

    with role.without(*taken):
        row = stack.row(stack.create_notification())

    created, due = (datetime.fromisoformat(text) for text in (row["createdAt"]["S"], row["nextDispatchAt"]["S"].split("#")[0]))
    assert ((due - created).total_seconds() < 300) == allowed
