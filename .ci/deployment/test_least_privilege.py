"""
Each function's role allows exactly the calls of the function. With the whole role, no call is denied. Without any one action on any one
resource, IAM denies a call.
"""

from datetime import datetime

import pytest
import stack
from stack import Invocation

# Lambda's own calls with a function's role. Unlike AWS, the emulator does not check them.
MAPPING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
DENIED = "403 AccessDenied"  # the functions' text for "not authorized" from DynamoDB and SQS
DELAY = "sqs:ChangeMessageVisibility"
EVENTS = stack.sample_events()
CONSUMERS = stack.consumers()
# The functions whose requests send messages.
SENDERS = {f for f in stack.FUNCTIONS if any("routeKey" in e for e in EVENTS[f]) and "sqs:SendMessage" in dict(stack.Role(f).grants())}
# Calls after a failure, best effort, whose own failure is not logged. Each has a test of its own.
BEST_EFFORT = {(function, DELAY) for function in CONSUMERS} | {(function, "dynamodb:UpdateItem") for function in SENDERS}
LAMBDAS_OWN = {
    (function, action)
    for function in stack.FUNCTIONS
    for action in {"logs:CreateLogStream", "logs:PutLogEvents"} | (MAPPING if function in CONSUMERS else set())
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
    stack.consumers_rest(True)
    stack.relay_rests(True)
    yield
    stack.relay_rests(False)
    stack.consumers_rest(False)


def calls(function):
    """Calls of a function that together need its whole role: its sample events, each twice where it may be repeated."""
    made = []
    for sample in EVENTS[function]:
        event = stack.event_about(sample, stack.create())
        if "routeKey" not in event and "Records" not in event:
            stack.create()
            stack.make_all_due()
        if event.get("routeKey", "").split(" ")[0] in {"PUT", "PATCH", "DELETE"}:
            event["headers"].setdefault("if-match", '"1"')  # reads the row first
        made.append(Invocation(function, event))
        if "idempotency-key" in event.get("headers", {}):
            made.append(Invocation(function, event))  # sends the message again
    return made


@pytest.mark.parametrize("function", [f for f in stack.FUNCTIONS if "$default" not in str(EVENTS[f][0].get("routeKey"))])
def test_every_call_works_with_the_role_as_it_is(function):
    for call in calls(function):
        assert call.succeeded, call
        assert DENIED not in str(call), call


@pytest.mark.parametrize("function, action, resource", GRANTS)
def test_a_call_is_denied_without(function, action, resource):
    with stack.Role(function).without((action, resource)):
        # the end of a log is sometimes late
        stack.eventually(15, lambda: any(DENIED in str(call) for call in calls(function)))


@pytest.mark.parametrize("allowed", [True, False])
def test_a_failed_message_is_not_handed_back_without(allowed):
    """After its last delivery, a failed message becomes visible immediately, if the consumer's role allows it."""
    role = stack.Role("LogNotifications")
    taken = [grant for grant in role.grants() if grant[0] == "dynamodb:UpdateItem" or grant[0] == DELAY and not allowed]
    assert len(taken) == (1 if allowed else 2)
    batch, body = stack.delivered(stack.create_notification(), delivery=30)

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

    created = int(row["id"]["S"].replace("-", "")[:12], 16) / 1_000  # seconds since 1970, in every UUIDv7
    due = datetime.fromisoformat(row["nextDispatchAt"]["S"].split("#")[0])
    assert (due.timestamp() - created < 300) == allowed
