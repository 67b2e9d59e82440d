"""tools/deploy up to the command that it runs: what it reads from the zip, samconfig.toml and the stack, and what it refuses."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
X86_64, AARCH64, RISCV = 0x3E, 0xB7, 0xF3


class Project:
    """A folder with the commands, samconfig.toml and zips."""

    def __init__(self, folder):
        self.folder = folder
        self.zip = folder / "functions/target/functions.zip"
        self.zip.parent.mkdir(parents=True)
        shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "samconfig.toml", folder)

    def build(self, machine=X86_64, java=False):
        with zipfile.ZipFile(self.zip, "w") as zip:
            zip.writestr("lib/libaws-crt-jni.so", b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<HH", 3, machine))
            if java:
                zip.writestr("jre/bin/java", "")
        self.zip.with_name("docs.zip").touch()

    def configure(self, overrides):
        (self.folder / "samconfig.toml").write_text(f'[prod.deploy.parameters]\nstack_name = "prod"\nparameter_overrides = {overrides}\n')

    def deploy(self, *arguments, **variables):
        return subprocess.run(
            [self.folder / "tools/deploy", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | variables
        )

    def command(self, *arguments):
        done = self.deploy("--dry-run", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self, *arguments):
        done = self.deploy(*arguments)
        assert done.returncode == 3
        return done.stderr


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.mark.parametrize("java, runtime", [(False, "java25"), (True, "provided.al2023")])
@pytest.mark.parametrize("machine, architecture", [(X86_64, "x86_64"), (AARCH64, "arm64")])
def test_it_passes_what_the_zip_was_built_for(project, java, runtime, machine, architecture):
    project.build(machine, java)

    assert f" Runtime={runtime} Architecture={architecture} " in project.command()


def test_it_reads_what_maven_built():
    done = subprocess.run([ROOT / "tools/deploy", "--dry-run"], capture_output=True, text=True, check=True)

    assert re.search(r" Runtime=(java25|provided\.al2023) Architecture=(x86_64|arm64) Release=\d{8}T\d{6}Z-[0-9a-f]{7,}(-dirty)?$", done.stdout)


def test_an_attempt_is_called_after_its_time_where_there_is_no_commit(project):
    project.build()

    assert re.search(r" Release=\d{8}T\d{6}Z$", project.command())


@pytest.mark.parametrize(
    "overrides",
    ['\'Access="open" MemorySize=2048\'', '["Access=open", "MemorySize=2048"]', '{Access = "open", MemorySize = 2048}'],
    ids=["text", "list", "table"],
)
def test_parameters_of_samconfig_come_before_those_of_the_command_line(project, overrides):
    project.build()
    project.configure(overrides)

    command = project.command("--config-env", "prod", "--parameter-overrides", "MemorySize=1769", "--no-confirm-changeset")

    assert re.search(r"Access=.*open.* .*MemorySize=.*2048.* MemorySize=1769 Runtime=", command)
    assert " --config-env prod " in command
    assert " --no-confirm-changeset " in command


@pytest.mark.parametrize("given", ["Runtime=java25", "Access=open Architecture=arm64", "ParameterKey=Release,ParameterValue=x"])
def test_what_it_sets_itself_must_not_be_given(project, given):
    project.build()

    done = project.deploy("--parameter-overrides", *given.split())

    assert done.returncode == 2
    assert "this command sets it" in done.stderr


def test_an_unknown_section_of_samconfig_is_refused(project):
    project.build()
    project.configure('""')

    assert project.refusal("--config-env", "test").endswith("samconfig.toml has no section 'test'. It has: prod.\n")


@pytest.mark.parametrize("zip", ["functions.zip", "docs.zip"])
def test_a_missing_zip_is_refused(project, zip):
    project.build()
    project.zip.with_name(zip).unlink()

    assert project.refusal().endswith(f"{zip} is missing. This makes it: mvn -q package -DskipTests\n")


def test_a_broken_zip_is_refused(project):
    project.build()
    project.zip.write_bytes(project.zip.read_bytes()[:-20])

    assert "functions.zip is not a whole zip of the functions" in project.refusal()


def test_a_zip_of_something_else_is_refused(project):
    project.build()
    with zipfile.ZipFile(project.zip, "w") as zip:
        zip.writestr("index.js", "")

    assert "functions.zip is not a whole zip of the functions" in project.refusal()


def test_a_zip_for_another_architecture_is_refused(project):
    project.build(RISCV)

    assert "is built for neither x86_64 nor arm64" in project.refusal()


@pytest.fixture(scope="module")
def prod():
    """A stack that uses existing tables."""
    cloudformation = boto3.client("cloudformation")
    template = {
        "Parameters": {"Tables": {"Type": "String"}},
        "Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
    }
    tables = [{"ParameterKey": "Tables", "ParameterValue": "existing"}]
    cloudformation.create_stack(StackName="prod", TemplateBody=json.dumps(template), Parameters=tables)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="prod", WaiterConfig={"Delay": 1})
    yield
    cloudformation.delete_stack(StackName="prod")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="prod", WaiterConfig={"Delay": 1})


CREATE = ["--parameter-overrides", "Tables=create"]


@pytest.mark.parametrize(
    "saved, arguments",
    [
        ("", CREATE),
        ("", ["--parameter-overrides", 'MemorySize=1769 Tables="create"']),
        ("", ["--parameter-overrides", "ParameterKey=Tables,ParameterValue=create"]),
        ("Tables=existing", CREATE),
        ('Tables=\\"create\\" ItemsTable=\\"Items\\"', []),
        ("", ["--guided"]),
        ("", ["--stack-name", "prod", "--region", "us-east-1", *CREATE]),
    ],
)
def test_existing_tables_are_not_replaced_by_new_ones(project, prod, saved, arguments):
    project.build()
    project.configure(f'"{saved}"')

    assert "The stack 'prod' uses existing tables (Tables=existing)." in project.refusal("--config-env", "prod", *arguments)
    assert project.command("--config-env", "prod", *arguments)


@pytest.mark.parametrize(
    "saved, arguments",
    [
        ("", []),
        ("Tables=create", ["--parameter-overrides", "Tables=existing"]),
        ("Tables=existing", ["--guided"]),
        ("", ["--stack-name", "nowhere", *CREATE]),
        ("", ["--stack-name=nowhere", "--guided"]),
    ],
)
def test_all_else_about_tables_is_left_to_cloudformation(project, prod, saved, arguments):
    project.build()
    project.configure(f'"{saved}"')

    done = project.deploy("--config-env", "prod", *arguments)

    assert done.stdout.startswith("Deploying release ")  # and sam fails, because the folder has no template
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("without, reason", [("credentials", "Unable to locate credentials"), ("programs", "The AWS CLI (aws) must be installed")])
def test_a_stack_that_it_cannot_read_is_left_to_cloudformation(project, prod, without, reason):
    project.build()
    project.configure('""')
    only_python = project.folder / "bin"
    only_python.mkdir()
    (only_python / "python3").symlink_to(sys.executable)
    credentials = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}

    done = project.deploy("--config-env", "prod", *CREATE, **(credentials if without == "credentials" else {"PATH": str(only_python)}))

    assert done.stdout.startswith("Deploying release ")
    assert "Warning: deploying without a look at the tables of 'prod'." in done.stderr
    assert reason in done.stderr
