"""The handlers with SnapStart: primed before the snapshot as their users would do it, by some answers to a sample event.

They have resolved their credentials by then. A connection does not outlive a snapshot, so each closes its own."""

import json
from pathlib import Path

from snapshot_restore_py import register_before_snapshot

EVENT = json.loads((Path(__file__).parents[3] / "events/get-item.json").read_text())
ANSWERS = 20


def _primed(handler, client):
    @register_before_snapshot
    def prime():
        for _ in range(ANSWERS):
            assert handler(EVENT, None)["statusCode"] == 200
        client.close()

    return handler


def __getattr__(name):
    """Imports only the handler that a function names."""
    if name == "fastapi":
        import fastapi_app

        return _primed(fastapi_app.handler, fastapi_app.dynamodb.meta.client)
    if name == "plain":
        import plain_handler

        return _primed(plain_handler.handler, plain_handler._client)
    raise AttributeError(name)
