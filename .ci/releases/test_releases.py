"""One release, another, the first again, pruning and a rollback, on the emulator. Each test goes on where the one before it ended."""

import json
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import boto3
import pytest
import stack
from operator_tools import named_by, request, tool

ROOT = Path(__file__).resolve().parents[2]
ANOTHER = "another release"
NAMES = []  # of the releases, in the order of their deployments

functions = boto3.client("lambda")


def deploy(project):
    subprocess.run(
        [project / "tools/deploy", "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides", "Access=open", "Emulator=ministack"],
        check=True,
    )
    NAMES.append(named_by(stack.STACK))


def versions(function):
    """Returns the published versions of a function, by release."""
    listed = functions.list_versions_by_function(FunctionName=stack.PHYSICAL[function])["Versions"]
    return {v["Description"].split()[0]: v["Version"] for v in listed if v["Version"] != "$LATEST"}


def alias(function):
    return functions.get_alias(FunctionName=stack.PHYSICAL[function], Name="live")


def assert_live(release, another):
    """Checks that the aliases name a release and that it works."""
    for function in stack.FUNCTIONS:
        assert alias(function)["FunctionVersion"] == versions(function)[release], function
        assert "RoutingConfig" not in alias(function)
        variables = functions.get_function_configuration(FunctionName=stack.PHYSICAL[function], Qualifier="live")["Environment"]["Variables"]
        assert variables["RELEASE"].split()[0] == release

    assert (ANOTHER.encode() in request("/docs")) == another
    item = json.loads(request("/items", {"name": "Lamp", "price": 12.5}))
    assert json.loads(request(f"/items/{item['id']}")) == item
    notification = json.loads(request("/notifications", {"message": release}))
    stack.eventually(60, lambda: json.loads(request(f"/notifications/{notification['id']}"))["status"] == "logged")


@pytest.fixture(scope="module")
def another_project(tmp_path_factory):
    """A copy of the project, built with other contents."""
    folder = tmp_path_factory.mktemp("another")
    for file in ["template.yaml", "samconfig.toml", "functions/target/functions.zip"]:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    for part in ["tools", "functions/sam-build"]:
        shutil.copytree(ROOT / part, folder / part)
    # As `tools/deploy --guided` saves them.
    config = folder / "samconfig.toml"
    saved = '[default.deploy.parameters]\nparameter_overrides = "Runtime=\\"provided.al2023\\" Release=\\"saved\\" MemorySize=\\"1088\\""\n'
    config.write_text(config.read_text().replace("[default.deploy.parameters]\n", saved))
    with zipfile.ZipFile(folder / "functions/target/functions.zip", "a") as zip:
        zip.writestr("another", ANOTHER)
    with zipfile.ZipFile(ROOT / "functions/target/docs.zip") as docs, zipfile.ZipFile(folder / "functions/target/docs.zip", "w") as zip:
        for entry in docs.infolist():
            content = docs.read(entry)
            zip.writestr(entry, content + f"<!-- {ANOTHER} -->".encode() if entry.filename == "docs/index.html" else content)
    return folder


def test_one_release():
    NAMES.append(named_by(stack.STACK))

    assert_live(NAMES[0], another=False)


def test_another_release(another_project):
    deploy(another_project)

    assert NAMES[1] != "saved"
    live = functions.get_function_configuration(FunctionName=stack.PHYSICAL["GetItem"], Qualifier="live")
    assert (live["Runtime"], live["MemorySize"]) == ("java25", 1088)
    assert_live(NAMES[1], another=True)


def test_the_first_again():
    time.sleep(1)  # a release's name has seconds
    deploy(ROOT)

    assert len(set(NAMES)) == 3
    assert_live(NAMES[2], another=False)


def test_the_oldest_release_is_pruned():
    shown = tool("prune-versions", "--keep", "2", "--yes")

    assert f"Deleted {len(stack.FUNCTIONS)} versions of 1 release," in shown
    for function in stack.FUNCTIONS:
        assert sorted(versions(function)) == NAMES[1:]


def test_a_rollback_moves_all_aliases_and_clears_their_weights():
    weights = {versions("GetItem")[NAMES[2]]: 0.1}
    functions.update_alias(FunctionName=stack.PHYSICAL["GetItem"], Name="live", RoutingConfig={"AdditionalVersionWeights": weights})

    printed = tool("rollback", NAMES[1])

    for function in stack.FUNCTIONS:
        assert f"{function}:{versions(function)[NAMES[1]]} is active" in printed
    assert f"The stack itself still names {NAMES[2]}." in printed
    assert_live(NAMES[1], another=True)
