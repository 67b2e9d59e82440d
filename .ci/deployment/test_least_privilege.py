"""
Each function's role allows what its calls need and nothing else: as it is, no call is refused, and without any one of its
actions on any one of its resources, a call is refused by IAM.
"""

import pytest
import stack
from stack import Invocation, event

# What Lambda itself does with a function's role. The emulator doesn't ask whether it may; AWS does.
MAPPING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
LAMBDAS_OWN = {
    (function, action)
    for function in stack.FUNCTIONS
    for action in {"logs:CreateLogStream", "logs:PutLogEvents"} | (MAPPING if function == "RecordNotifications" else set())
}
NAMES = stack.arns()
GRANTS = [
    pytest.param(function, action, resource, id=f"{function}-{action}-{NAMES.get(resource, 'log')}")
    for function in stack.FUNCTIONS
    for action, resource in stack.Role(function).grants()
    if (function, action) not in LAMBDAS_OWN
]


@pytest.fixture(autouse=True, scope="module")
def nobody_else_calls():
    """The messages and rows that are put in place are the calls' alone."""
    stack.consumer_rests(True)
    stack.relay_rests(True)
    yield
    stack.relay_rests(False)
    stack.consumer_rests(False)


def calls(function):
    """Calls of a function that together need all that its role allows."""
    match function:
        case "GetItem" | "ReplaceItem" | "PatchItem":
            name = {"GetItem": "get-item", "ReplaceItem": "replace-item", "PatchItem": "patch-item"}[function]
            return [Invocation(function, event(name, item=stack.create_item()))]
        case "DeleteItem":
            only = event("delete-item", item=stack.create_item())
            only["headers"]["if-match"] = '"1"'
            return [Invocation(function, only)]
        case "ListNotifications":
            queued = event("list-notifications")
            queued["rawQueryString"] = "status=queued"
            return [Invocation(function, event("list-notifications")), Invocation(function, queued)]
        case "GetNotification":
            return [Invocation(function, event("get-notification", notification=stack.create_notification()))]
        case "RecordNotifications":
            # the last of its messages has no row that is to be marked, and the store refuses the first
            return [Invocation(function, event("record-notifications", notification=stack.create_notification()))]
        case "RelayNotifications":
            stack.make_due(stack.create_notification())
            stack.make_due(stack.create_notification(), turns=12)
            return [Invocation(function, event("relay-notifications"))]
        case "UnmatchedRoute":
            return []
        case _:  # CreateItem: create-item
            name = "".join("-" + c.lower() if c.isupper() else c for c in function).lstrip("-")
            return [Invocation(function, event(name))]


@pytest.mark.parametrize("function", [f for f in stack.FUNCTIONS if f != "UnmatchedRoute"])
def test_every_call_works_with_the_role_as_it_is(function):
    for call in calls(function):
        assert call.succeeded, call
        assert "not authorized" not in call.log, call


@pytest.mark.parametrize("function, action, resource", GRANTS)
def test_a_call_is_refused_without(function, action, resource):
    with stack.Role(function).without((action, resource)):
        made = calls(function)

    assert any("403 AccessDenied" in call.log for call in made), [str(call) for call in made]
