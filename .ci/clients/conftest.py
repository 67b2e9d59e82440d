"""The local run as its users start it, and the clients of it that aren't ours."""

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
PATIENCE = 20  # seconds: a job is done within two
START = 300  # seconds: a fresh clone is compiled first


@dataclass
class Run:
    """A local run, by what it prints when it is ready."""

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
    """The first line of the README's first code block."""
    block = re.search(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)[1]
    command = block.splitlines()[0].split("#")[0].strip()
    assert command.startswith("mvn "), command
    return command


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
    # or else it would go on if a test hung
    killer = threading.Timer(START, process.terminate)
    killer.start()
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("Stop with"):
            break
    killer.cancel()
    # what it prints later is read, so that it never waits for us
    threading.Thread(target=process.stdout.read, daemon=True).start()
    yield Run("\n".join(lines))
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture(scope="session")
def document(run):
    """The contract as the API serves it, in a file; what is made of it is kept beside it."""
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


# As the README says: any credentials do.
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
    """The AWS CLI: a service and its arguments to the JSON that it prints, if it prints any."""
    # by option: version 1 doesn't look at AWS_ENDPOINT_URL_SQS
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
    """The HTTP API: method, path and perhaps a body to an answer."""

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
    """Calls until it gives something, which it returns."""

    def call(what):
        end = time.monotonic() + PATIENCE
        while True:
            given = what()
            if given:
                return given
            assert time.monotonic() < end, f"not within {PATIENCE} s"
            time.sleep(0.1)

    return call
