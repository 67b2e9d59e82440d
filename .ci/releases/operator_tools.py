"""Runs the commands of tools/ as an operator does, and calls the API as a client does."""

import json
import os
import subprocess
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import boto3
import stack

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def tool(name, *arguments, status=0):
    """Runs a command that must end with this exit status; returns its output, or the reason why it refused."""
    done = subprocess.run([TOOLS / name, *arguments], capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="\n")  # for pytest to show after a failure
    assert done.returncode == status, done.stderr
    return done.stderr if status else done.stdout


def named_by(name):
    """Returns the release that a stack names."""
    [described] = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return next(p["ParameterValue"] for p in described["Parameters"] if p["ParameterKey"] == "Release")


def request(path, content=None, method=None):
    """Sends a request as a client should: it repeats one that a busy machine did not answer in time."""
    call = urllib.request.Request(os.environ["API_URL"] + path, json.dumps(content).encode() if content else None, method=method)
    call.add_header("Content-Type", "application/json")
    if content:
        call.add_header("Idempotency-Key", str(uuid.uuid4()))

    def answered():
        try:
            with urllib.request.urlopen(call, timeout=30) as answer:
                return [answer.read()]  # true even if it is empty
        except urllib.error.HTTPError as error:
            if error.code not in (503, 504):
                raise
            return None

    return stack.eventually(60, answered)[0]
