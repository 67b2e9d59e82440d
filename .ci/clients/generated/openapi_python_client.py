"""A session with the client of openapi-python-client. The first argument is the API's address."""

import sys
import time
import uuid
from datetime import datetime

from items_client import Client
from items_client.api.items import create_item, get_item, list_items, patch_item
from items_client.api.notifications import get_notification, send_notification
from items_client.models import Item, ItemPatch, NewItem, NewNotification, NotificationStatus, Problem
from items_client.types import UNSET

url = sys.argv[1]
with Client(base_url=url, raise_on_unexpected_status=True) as client:
    made = [
        create_item.sync(
            client=client, body=NewItem(name=f"Lamp {n}", description="Bright", price=1.15, tags=["b", "a"])
        )
        for n in range(5)
    ]
    read = get_item.sync(made[0].id, client=client)
    assert isinstance(read, Item) and read == made[0] and isinstance(read.created_at, datetime)
    assert (read.description, read.price, read.tags) == ("Bright", 1.15, ["b", "a"])

    patched = patch_item.sync(read.id, client=client, body=ItemPatch(description=None, price=2.30))
    assert (patched.description, patched.price, patched.version) == (UNSET, 2.30, 2)

    listed, page = [], list_items.sync(client=client, limit=3)
    listed += page.items
    while page.next_cursor:
        page = list_items.sync(client=client, limit=3, cursor=page.next_cursor)
        listed += page.items
    ids = [item.id for item in listed]
    assert len(ids) == len(set(ids)) and {item.id for item in made} <= set(ids)

    rejected = create_item.sync_detailed(client=client, body=NewItem(name="Lamp", price=1.005))
    assert rejected.status_code == 422 and isinstance(rejected.parsed, Problem)
    assert rejected.parsed.type_ == "/problems/invalid-content"
    assert [violation.pointer for violation in rejected.parsed.violations] == ["/price"]

    missing = get_item.sync_detailed(uuid.uuid4(), client=client)
    assert missing.status_code == 404 and missing.parsed.type_ == "/problems/not-found"

    notification = send_notification.sync(client=client, body=NewNotification(message="The parcel was sent."))
    end = time.monotonic() + 20
    while notification.status == NotificationStatus.QUEUED:
        assert time.monotonic() < end, notification
        time.sleep(0.1)
        notification = get_notification.sync(notification.id, client=client)
    assert notification.status == NotificationStatus.LOGGED
    assert isinstance(notification.logged_at, datetime) and notification.failure is UNSET
