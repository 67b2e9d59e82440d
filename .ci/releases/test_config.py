"""Which region, and which file, the commands work with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from releases import run  # noqa: E402


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """No region from elsewhere; what the command sets is undone."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    return monkeypatch


def region_of_botocore():
    """Returns the region in which the SAM CLI would work."""
    seen = []
    run(lambda: seen.append(botocore.session.Session().get_config_variable("region")))
    return seen[0]


@pytest.mark.parametrize("default", [None, "us-east-1"])
def test_the_sam_cli_works_in_the_region_of_the_aws_cli(environment, default):
    environment.setenv("AWS_REGION", "eu-west-1")
    if default:
        environment.setenv("AWS_DEFAULT_REGION", default)

    assert region_of_botocore() == "eu-west-1"


def test_a_default_region_alone_stays(environment):
    environment.setenv("AWS_DEFAULT_REGION", "eu-north-1")

    assert region_of_botocore() == "eu-north-1"
    assert "AWS_REGION" not in os.environ


@pytest.mark.parametrize("command", [["rollback"], ["prune-versions", "--keep", "1"]])
def test_another_samconfig_names_the_stack(tmp_path, command):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "samconfig.toml").write_text('[default.deploy.parameters]\nstack_name = "async-items"\n')
    (tmp_path / "other.toml").write_text('[trial.deploy.parameters]\nregion = "eu-west-1"\n')

    done = subprocess.run(
        [tmp_path / "tools" / command[0], *command[1:], "--config-file", "other.toml", "--config-env", "trial"], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (3, "other.toml names no stack_name for 'trial': use --stack-name.\n")
