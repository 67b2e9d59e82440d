"""Items and notifications as a user of FastAPI writes them, on Lambda by Mangum."""

import os
import uuid
from datetime import datetime, timezone
from decimal import Decimal

import boto3
from fastapi import BackgroundTasks, FastAPI, HTTPException, Response
from mangum import Mangum
from pydantic import BaseModel, Field


class NewItem(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2000)
    price: Decimal = Field(ge=0, le=Decimal("999999999.99"), decimal_places=2)
    tags: list[str] = Field(default=[], max_length=20)


class Item(NewItem):
    id: str
    createdAt: str
    updatedAt: str
    version: int


class NewNotification(BaseModel):
    message: str = Field(min_length=1, max_length=4096)


app = FastAPI()
dynamodb = boto3.resource("dynamodb", endpoint_url=os.environ.get("ENDPOINT_URL_DYNAMODB"))
items = dynamodb.Table(os.environ.get("ITEMS_TABLE", "Items"))
notifications = dynamodb.Table(os.environ.get("NOTIFICATIONS_TABLE", "Notifications"))


@app.get("/items/{id}", response_model=Item, response_model_exclude_none=True)
def get_item(id: str, response: Response):
    row = items.get_item(Key={"id": id}, ConsistentRead=True).get("Item")
    if row is None:
        raise HTTPException(404, "no such item")
    response.headers["ETag"] = f'"{row["version"]}"'
    return row


@app.post("/items", status_code=201)
def create_item(item: NewItem):
    row = {"id": str(uuid.uuid4()), **item.model_dump(exclude_none=True)}
    items.put_item(Item=row)
    return row


def log_notification(id: str, message: str):
    now = datetime.now(timezone.utc).isoformat()
    notifications.put_item(Item={"id": id, "message": message, "status": "logged", "loggedAt": now})


@app.post("/notifications", status_code=202)
async def send_notification(notification: NewNotification, background_tasks: BackgroundTasks):
    id = str(uuid.uuid4())
    background_tasks.add_task(log_notification, id, notification.message)
    return {"id": id, "message": "Notification sent in the background"}


handler = Mangum(app, lifespan="off")
