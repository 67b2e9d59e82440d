"""SAM's resources for versions and a canary. The emulator has no CodeDeploy, so a canary can't run here."""

import functools
import re
from pathlib import Path

import pytest
import stack
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


class NoManagedPolicies:
    def load(self):
        return {}


@functools.cache
def resources(canary):
    """Returns the template's resources after SAM's transformation, by logical id."""
    uploaded = re.sub("(CodeUri|ContentUri): .*", r"\1: s3://bucket/key", TEMPLATE.read_text())
    parameters = {"Access": "open", "Runtime": "java25", "SnapStart": "false", "Canary": canary}
    return transform(yaml_parse(uploaded), parameters, NoManagedPolicies())["Resources"]


def test_without_one_there_is_no_code_deploy():
    made = resources("false")

    assert not [id for id, resource in made.items() if "CodeDeploy" in resource["Type"]]
    assert not [id for id, resource in made.items() if "UpdatePolicy" in resource]


@pytest.mark.parametrize("function", stack.FUNCTIONS)
def test_a_canary_moves_the_alias_and_is_stopped_by_the_alarms(function):
    made = resources("true")
    group = made[f"{function}DeploymentGroup"]["Properties"]
    alias = made[f"{function}Aliaslive"]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}
    assert {alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]} == {
        id for id, alarm in made.items() if alarm["Type"] == "AWS::CloudWatch::Alarm" and alarm["Properties"].get("MetricName") in ("5xx", "Errors")
    }
    assert group["AlarmConfiguration"]["Enabled"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert "Canary10Percent5Minutes" in str(group["DeploymentConfigName"])
    # the template's role, not SAM's role with more permissions
    assert "DeploymentRole" in str(group["ServiceRoleArn"]) and "CodeDeployServiceRole" not in made


@pytest.mark.parametrize("function", stack.FUNCTIONS)
def test_a_version_is_replaced_where_a_parameter_changes_and_kept(function):
    made = resources("false")
    [version] = [resource for id, resource in made.items() if resource["Type"] == "AWS::Lambda::Version" and id.startswith(f"{function}Version")]

    assert {"${Release}", "${MemorySize}"} <= set(version["Properties"]["Description"]["Fn::Sub"].split())
    # The replaced version stays, and so does one that a new logical id replaces.
    assert version["UpdateReplacePolicy"] == version["DeletionPolicy"] == "Retain"
