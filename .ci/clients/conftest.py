"""The local run as users start it, and third-party clients."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 20  # seconds; a message is handled within two
START = 300  # seconds: a fresh clone is compiled first


@dataclass
class Run:
    """A local run, with the addresses that it prints when it is ready."""

    text: str

    @property
    def api(self):
        return self.find(r"Listening on (\S+)")

    @property
    def dynamodb(self):
        return self.find(r"DynamoDB  (\S+)")

    @property
    def sqs(self):
        return self.find(r"SQS  +(\S+)")

    def table(self, name):
        return self.find(rf"table (\S+-{name})$")

    def queue(self, name):
        return self.find(rf"queue (\S+-{name})$")

    def find(self, pattern):
        match = re.search(pattern, self.text, re.MULTILINE)
        assert match, f"the run doesn't print {pattern}:\n{self.text}"
        return match[1]


def readme_command():
    """Returns the README's command that runs everything."""
    found = re.search(r"^<!-- command run -->\n```sh\n(mvn .*)\n```$", (PROJECT / "README.md").read_text(), re.MULTILINE)
    assert found, "README.md has no command after '<!-- command run -->'"
    return found[1]


@pytest.fixture(scope="session")
def run():
    process = subprocess.Popen(
        f'exec {readme_command()} -Dlocal="--port 0"',
        shell=True,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    # otherwise it would continue when a test hangs
    killer = threading.Timer(START, process.terminate)
    killer.start()
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("Stop with"):
            break
    killer.cancel()
    # keeps reading, so that its output never blocks
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield Run("\n".join(lines))
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture(scope="session")
def document(run):
    """The contract as served by the API, in a file. Generated clients are stored beside it."""
    folder = PROJECT / "target" / "clients"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with urllib.request.urlopen(run.api + "/openapi.json", timeout=30) as response:
        (folder / "openapi.json").write_bytes(response.read())
    return folder / "openapi.json"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# The README promises that any credentials work.
REGION, KEY, SECRET = "us-east-1", "any", "any"


@pytest.fixture(scope="session")
def dynamodb(run):
    return boto3.client("dynamodb", REGION, **credentials(), endpoint_url=run.dynamodb)


@pytest.fixture(scope="session")
def sqs(run):
    return boto3.client("sqs", REGION, **credentials(), endpoint_url=run.sqs)


def credentials():
    return {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}


@pytest.fixture(scope="session")
def aws(run):
    """The AWS CLI as a function from a service and its arguments to the printed JSON, if any."""
    # an option, because version 1 ignores AWS_ENDPOINT_URL_SQS
    endpoints = {"dynamodb": run.dynamodb, "sqs": run.sqs}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }

    def call(service, *arguments):
        command = [str(Path(sys.executable).with_name("aws")), service, *arguments]
        command += ["--output", "json", "--endpoint-url", endpoints[service]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    return call


@dataclass
class Answer:
    status: int
    headers: dict
    body: dict


@pytest.fixture(scope="session")
def api(run):
    """The HTTP API as a function from method, path and optional body to a response."""

    def call(method, path, body=None, **headers):
        request = urllib.request.Request(
            run.api + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return Answer(response.status, response.headers, json.load(response))

    return call


@pytest.fixture(scope="session")
def eventually():
    """Calls until the result is truthy, and returns it."""

    def call(what):
        end = time.monotonic() + PATIENCE
        while True:
            given = what()
            if given:
                return given
            assert time.monotonic() < end, f"not within {PATIENCE} s"
            time.sleep(0.1)

    return call
