"""Calls each deployed function with its own Java runtime, and checks in its log group that each of its starts used the AOT cache."""

import json
import re
import sys
from pathlib import Path

import boto3

functions, logs = boto3.client("lambda"), boto3.client("logs")
starts = {}
for function in functions.list_functions()["Functions"]:
    if function["Runtime"].startswith("java"):
        continue
    name = function["Handler"].rpartition(".")[2]
    event = Path("events", re.sub(r"(?<=.)(?=[A-Z])", "-", name).lower()).with_suffix(".json")
    functions.invoke(FunctionName=function["FunctionName"], Payload=event.read_bytes())
    events = logs.filter_log_events(logGroupName=function["LoggingConfig"]["LogGroup"])["events"]
    lines = [json.loads(event["message"]) for event in events if '"message":"start"' in event["message"]]
    starts[name] = [line["aotCache"] for line in lines]
for name, caches in starts.items():
    print(f"{name:20} {len(caches)} starts: {', '.join(sorted(set(caches)))}")
if not starts or any(set(caches) != {"used"} for caches in starts.values()):
    sys.exit("Each function must start, and use the cache at each start.")
