"""One item by a plain function: no framework, a low-level client made at the import, and no regional or profile look-ups."""

import json
import os

import botocore.session

_client = botocore.session.Session(include_builtin_handlers=False).create_client(
    "dynamodb",
    region_name=os.environ.get("AWS_REGION"),
    endpoint_url=os.environ.get("ENDPOINT_URL_DYNAMODB"),
    aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID"),
    aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY"),
    aws_session_token=os.environ.get("AWS_SESSION_TOKEN"),
)
_table = os.environ.get("ITEMS_TABLE", "Items")


def handler(event, context):
    answer = _client.get_item(TableName=_table, Key={"id": {"S": event["pathParameters"]["id"]}}, ConsistentRead=True)
    row = answer.get("Item")
    if row is None:
        return {"statusCode": 404, "headers": {"content-type": "application/json"}, "body": '{"detail": "no such item"}'}
    item = {
        "id": row["id"]["S"],
        "name": row["name"]["S"],
        "price": float(row["price"]["N"]),
        "tags": [tag["S"] for tag in row["tags"]["L"]],
        "createdAt": row["createdAt"]["S"],
        "updatedAt": row["updatedAt"]["S"],
        "version": int(row["version"]["N"]),
    }
    headers = {"content-type": "application/json", "etag": f'"{item["version"]}"'}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(item)}


def empty(event, context):
    return {"statusCode": 200}
