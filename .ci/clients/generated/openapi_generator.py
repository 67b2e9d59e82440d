"""A session with the Python client of openapi-generator. The first argument is the API's address."""

import sys
import time
import uuid
from datetime import datetime

import openapi_client as generated

url = sys.argv[1]
with generated.ApiClient(generated.Configuration(host=url)) as client:
    items, notifications = generated.ItemsApi(client), generated.NotificationsApi(client)

    made = [
        items.create_item(generated.NewItem(name=f"Lamp {n}", description="Bright", price=1.15, tags=["b", "a"]))
        for n in range(5)
    ]
    read = items.get_item(made[0].id)
    assert read == made[0] and isinstance(read.created_at, datetime)
    assert (read.description, read.price, read.tags) == ("Bright", 1.15, ["b", "a"])

    patched = items.patch_item(read.id, generated.ItemPatch(description=None, price=2.30))
    assert (patched.description, patched.price, patched.version) == (None, 2.30, 2)

    listed, page = [], items.list_items(limit=3)
    listed += page.items
    while page.next_cursor:
        page = items.list_items(limit=3, cursor=page.next_cursor)
        listed += page.items
    ids = [item.id for item in listed]
    assert len(ids) == len(set(ids)) and {item.id for item in made} <= set(ids)

    try:
        items.create_item(generated.NewItem(name="Lamp", price=1.005))
        raise AssertionError("three decimals are taken")
    except generated.exceptions.UnprocessableEntityException as rejected:
        problem = rejected.data.actual_instance
        assert isinstance(problem, generated.InvalidContent), problem
        assert [violation.pointer for violation in problem.violations] == ["/price"]

    try:
        items.get_item(uuid.uuid4())
        raise AssertionError("an unknown id is found")
    except generated.exceptions.NotFoundException as rejected:
        assert rejected.data.type == "/problems/not-found" and rejected.data.status == 404

    notification = notifications.send_notification(generated.NewNotification(message="The parcel was sent."))
    end = time.monotonic() + 20
    while notification.status == generated.NotificationStatus.QUEUED:
        assert time.monotonic() < end, notification
        time.sleep(0.1)
        notification = notifications.get_notification(notification.id)
    assert notification.status == generated.NotificationStatus.LOGGED
    assert isinstance(notification.logged_at, datetime) and notification.failure is None
