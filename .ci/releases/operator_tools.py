"""Runs the commands of tools/ as an operator does."""

import subprocess
from pathlib import Path

import boto3

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def tool(name, *arguments, status=0):
    """Runs a command that must end with this exit status; returns its output, or the reason why it refused."""
    done = subprocess.run([TOOLS / name, *arguments], capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="\n")  # for pytest to show after a failure
    assert done.returncode == status, done.stderr
    return done.stderr if status else done.stdout


def named_by(stack):
    """Returns the release that a stack names."""
    [described] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return next(p["ParameterValue"] for p in described["Parameters"] if p["ParameterKey"] == "Release")
