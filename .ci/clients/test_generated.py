"""
Runs generated clients of the served contract against the local run. Each creates, reads, patches and lists items, reads two problems and
follows a notification. Prism, a proxy in between, compares each request and response with the contract.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT, free_port

SESSIONS = Path(__file__).parent / "generated"
MODULES = Path(os.environ["NODE_MODULES"])


@pytest.fixture(scope="session")
def folder(document):
    return document.parent


def execute(*command, folder=None, **environment):
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | {name: str(value) for name, value in environment.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@dataclass
class Proxy:
    url: str
    log: Path


@pytest.fixture(scope="session")
def proxy(run, document, folder):
    """Prism, which returns an error if a request or a response violates the contract."""
    port, log = free_port(), folder / "prism.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [MODULES / ".bin" / "prism", "proxy", document, run.api, "--errors", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        end = time.monotonic() + 60
        while "Prism is listening" not in log.read_text():
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield Proxy(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def session(proxy):
    """Runs a session with a command, and fails if Prism saw a violation of the contract."""
    before = len(proxy.log.read_text())

    def call(*command, **environment):
        execute(*command, proxy.url, **environment)
        seen = proxy.log.read_text()[before:]
        assert seen.count("Received forward response") >= 12, f"the session passed Prism by:\n{seen}"
        faults = [line for line in seen.splitlines() if "info" not in line and line.strip()]
        assert not faults, "\n".join(faults)

    return call


def openapi_generator(document, folder, generator, *options):
    output = folder / generator
    execute(
        Path(sys.executable).with_name("openapi-generator-cli"), "generate",
        "--input-spec", document, "--generator-name", generator, "--output", output, *options,
        "--global-property", "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false",
    )  # fmt: skip
    return output


def compiled(folder, name, source):
    """Compiles a TypeScript session beside the client in a folder."""
    shutil.copy(SESSIONS / source, folder / name)
    (folder / "node_modules").symlink_to(MODULES)
    strict = ("--strict", "--noUncheckedSideEffectImports", "--skipLibCheck")
    execute(MODULES / ".bin" / "tsc", *strict, "--module", "node16", "--target", "es2022", name, folder=folder)
    return (folder / name).with_suffix(".js")


def test_openapi_generator_makes_a_python_client(document, folder, session):
    client = openapi_generator(document, folder, "python")

    session(sys.executable, SESSIONS / "openapi_generator.py", PYTHONPATH=client)


def test_openapi_generator_makes_a_java_client(document, folder, session):
    client = openapi_generator(document, folder, "java", "--library", "native")
    execute("mvn", "-B", "-ntp", "-q", "compile", "dependency:build-classpath", "-Dmdep.outputFile=jars", folder=client)

    session("java", "-cp", f"{client / 'target/classes'}:{(client / 'jars').read_text()}", SESSIONS / "Session.java")


def test_openapi_generator_makes_a_typescript_client(document, folder, session):
    client = openapi_generator(document, folder / "typescript", "typescript-fetch")
    client = client.rename(client.with_name("client"))

    session("node", compiled(client.parent, "session.ts", "typescript_fetch.ts"))


def test_openapi_python_client_makes_a_client(document, folder, session):
    output = folder / "openapi-python-client"
    tool = Path(sys.executable).with_name("openapi-python-client")
    made = execute(tool, "generate", "--path", document, "--output-path", output, "--config", SESSIONS / "quiet.yaml")
    assert "Warning" not in made, made

    session(sys.executable, SESSIONS / "openapi_python_client.py", PYTHONPATH=output)


def test_openapi_typescript_makes_types_for_openapi_fetch(document, folder, session):
    output = folder / "openapi-fetch"
    execute(MODULES / ".bin" / "openapi-typescript", document, "--output", output / "schema.d.ts")

    session("node", compiled(output, "session.ts", "openapi_fetch.ts"))


def test_names_of_generated_models_are_the_contracts(document, folder):
    """A schema without a name would become a class such as InlineObject1."""
    client = folder / "python"
    if not client.exists():
        client = openapi_generator(document, folder, "python")
    models = {path.stem.replace("_", "") for path in (client / "openapi_client" / "models").glob("[a-z]*.py")}
    named = {name.lower() for name in json.loads(document.read_text())["components"]["schemas"]}

    assert models - named == {"summaryresult"}


def test_prism_finds_what_is_off(proxy):
    request = urllib.request.Request(
        proxy.url + "/items", data=b'{"name": "Lamp", "price": -1}', headers={"Content-Type": "application/json"}
    )

    with pytest.raises(urllib.error.HTTPError) as rejected:
        urllib.request.urlopen(request, timeout=30)

    assert "prism" in json.load(rejected.value)["type"]


def test_ajv_takes_all_prices(document):
    script = SESSIONS / "prices.cjs"

    found = json.loads(execute("node", script, document, NODE_PATH=MODULES))

    assert found == {"rejected": 0, "examples": [], "taken": []}
