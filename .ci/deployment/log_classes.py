"""Lets a deployed function log each class that it loads, and calls it once.

    python log_classes.py FUNCTION EVENT JVM_OPTION
"""

import sys
from pathlib import Path

import boto3

function, event, option = sys.argv[1:]
functions = boto3.client("lambda")
name = next(f["FunctionName"] for f in functions.list_functions()["Functions"] if f["Handler"].endswith(f".{function}"))
variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
variables["JAVA_TOOL_OPTIONS"] += " " + option
functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
functions.get_waiter("function_updated_v2").wait(FunctionName=name)
answer = functions.invoke(FunctionName=name, Payload=Path(event).read_bytes())
if "FunctionError" in answer:
    sys.exit(answer["Payload"].read().decode())
