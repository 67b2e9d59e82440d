"""What tools/rollback and tools/prune-versions refuse, show and keep, on a stack of two functions. No function runs."""

import io
import json
import os
import urllib.parse
import urllib.request
import zipfile

import boto3
import botocore.exceptions
import pytest
from operator_tools import tool

STACK = "small"
FUNCTIONS = ["One", "Two"]

cloudformation = boto3.client("cloudformation")
functions = boto3.client("lambda")
s3 = boto3.client("s3")


def template(**others):
    """Returns a template as SAM makes it: functions with a version and an alias each."""
    resources = dict(others)
    for name in FUNCTIONS:
        resources[name] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": name,
                "Runtime": "java25",
                "Handler": "Handler",
                "Role": "arn:aws:iam::000000000000:role/small",
                "Code": {"S3Bucket": STACK, "S3Key": "zip"},
                "Environment": {"Variables": {"RELEASE": {"Ref": "Release"}}},
            },
        }
        resources[f"{name}Version"] = {
            "Type": "AWS::Lambda::Version",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": name}, "Description": {"Fn::Sub": "${Release} java25 tables A B C D"}},
        }
        resources[f"{name}Alias"] = {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live",
                "FunctionName": {"Ref": name},
                "FunctionVersion": {"Fn::GetAtt": [f"{name}Version", "Version"]},
            },
        }
    return json.dumps({"Parameters": {"Release": {"Type": "String"}}, "Resources": resources})


def change(operation, waiter, release):
    getattr(cloudformation, operation)(
        StackName=STACK, TemplateBody=template(), Parameters=[{"ParameterKey": "Release", "ParameterValue": release}]
    )
    cloudformation.get_waiter(waiter).wait(StackName=STACK, WaiterConfig={"Delay": 1})


@pytest.fixture(autouse=True)
def releases():
    """Deploys the releases a, b and c."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as zip:
        zip.writestr("empty", "")
    s3.create_bucket(Bucket=STACK)
    s3.put_object(Bucket=STACK, Key="zip", Body=code.getvalue())
    change("create_stack", "stack_create_complete", "a")
    change("update_stack", "stack_update_complete", "b")
    change("update_stack", "stack_update_complete", "c")
    assert {function: versions(function) for function in FUNCTIONS} == {function: ["1", "2", "3"] for function in FUNCTIONS}
    yield
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def versions(function):
    listed = functions.list_versions_by_function(FunctionName=function)["Versions"]
    return [version["Version"] for version in listed if version["Version"] != "$LATEST"]


def point(function, version, **weights):
    functions.update_alias(
        FunctionName=function, Name="live", FunctionVersion=version, RoutingConfig={"AdditionalVersionWeights": weights}
    )


def test_there_is_no_rollback_to_an_unknown_release():
    assert "No function of the stack 'small' has a version of the release 'z'" in tool("rollback", "--stack-name", STACK, "z", status=3)


def test_there_is_no_rollback_to_a_release_that_lacks_a_function():
    functions.delete_function(FunctionName="Two", Qualifier="1")

    assert "The release a has no version of Two." in tool("rollback", "--stack-name", STACK, "a", status=3)
    assert functions.get_alias(FunctionName="One", Name="live")["FunctionVersion"] == "3"


def test_there_is_no_rollback_to_a_release_with_other_tables_and_it_is_marked():
    for function in FUNCTIONS:
        functions.update_function_configuration(FunctionName=function, Description="restored")
        functions.publish_version(FunctionName=function, Description="d java25 tables A-20261130 B C D")
        point(function, "4")

    refusal = tool("rollback", "--stack-name", STACK, "b", status=3)
    assert "The release b names other tables than the one in use: A B C D; in use are A-20261130 B C D." in refusal
    assert functions.get_alias(FunctionName="One", Name="live")["FunctionVersion"] == "4"
    for command in (["rollback"], ["prune-versions", "--keep", "9"]):
        newest, *others = [line for line in tool(*command, "--stack-name", STACK).splitlines() if line.startswith("  ")]
        assert newest.endswith("  in use")
        assert [("names other tables than the one in use" in line) for line in others] == [True] * 3


def test_neither_works_during_a_deployment():
    # The update waits for the signal.
    signal = {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "60"}}
    cloudformation.update_stack(
        StackName=STACK,
        TemplateBody=template(Handle={"Type": "AWS::CloudFormation::WaitConditionHandle"}, Signal=signal),
        Parameters=[{"ParameterKey": "Release", "UsePreviousValue": True}],
    )

    for command in (["rollback", "b"], ["prune-versions", "--keep", "1", "--yes"]):
        refusal = tool(*command, "--stack-name", STACK, status=3)
        assert "The stack 'small' is being deployed (UPDATE_IN_PROGRESS)." in refusal
        assert "aws cloudformation cancel-update-stack --stack-name small" in refusal
    handle = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="Handle")["StackResourceDetail"]["PhysicalResourceId"]
    done = json.dumps({"Status": "SUCCESS", "Reason": "done", "UniqueId": "1", "Data": ""}).encode()
    # The emulator's URL names localhost, where it does not listen.
    url = urllib.parse.urlsplit(handle)._replace(netloc=urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc).geturl()
    urllib.request.urlopen(urllib.request.Request(url, done, {"Content-Type": ""}, method="PUT"), timeout=10).close()
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert "Would delete 4 versions" in tool("prune-versions", "--keep", "1", "--stack-name", STACK)


def test_neither_works_without_a_stack():
    for command in (["rollback", "b"], ["prune-versions", "--keep", "1", "--yes"]):
        assert "There is no stack 'nowhere'" in tool(*command, "--stack-name", "nowhere", status=3)


def test_nonsense_is_a_wrong_usage():
    assert "--keep must be 1 or more" in tool("prune-versions", "--keep", "0", "--yes", status=2)
    assert "--timeout must be 0 or more" in tool("rollback", "--timeout", "-1", "b", status=2)


def test_nothing_is_pruned_without_yes():
    assert "Would delete 4 versions of 2 releases" in tool("prune-versions", "--keep", "1", "--stack-name", STACK)
    assert versions("One") == versions("Two") == ["1", "2", "3"]


def test_a_release_that_lacks_a_function_is_pruned():
    functions.delete_function(FunctionName="Two", Qualifier="2")

    assert "Deleted 1 version of 1 release," in tool("prune-versions", "--keep", "2", "--yes", "--stack-name", STACK)
    assert versions("One") == versions("Two") == ["1", "3"]


@pytest.mark.parametrize("alias", [("1", {}), ("3", {"1": 0.1})], ids=["version", "weights"])
def test_what_an_alias_names_is_kept_and_all_of_its_release(alias):
    version, weights = alias
    point("One", version, **weights)

    assert "Deleted 2 versions of 1 release," in tool("prune-versions", "--keep", "1", "--yes", "--stack-name", STACK)
    assert versions("One") == versions("Two") == ["1", "3"]


def test_what_the_stack_names_is_kept():
    for function in FUNCTIONS:
        functions.update_function_configuration(FunctionName=function, Description="by hand")
        functions.publish_version(FunctionName=function, Description="d java25")
        point(function, "4")

    assert "Deleted 4 versions of 2 releases" in tool("prune-versions", "--keep", "1", "--yes", "--stack-name", STACK)
    assert versions("One") == versions("Two") == ["3", "4"]


def test_a_release_newer_than_the_one_in_use_does_not_count_and_is_marked():
    for function in FUNCTIONS:
        point(function, "2")
    mark = "Z  newer than the one in use: never in use, or rolled back; named by the stack"

    newest, older = tool("rollback", "--stack-name", STACK).splitlines()[1:3]
    assert newest.split()[0] == "c" and newest.endswith(mark)
    assert older.split()[0] == "b" and older.endswith("Z  in use")
    shown = tool("prune-versions", "--keep", "2", "--stack-name", STACK)
    assert mark.removeprefix("Z  ") in shown and "Nothing to delete." in shown
    assert "Would delete 2 versions of 1 release" in tool("prune-versions", "--keep", "1", "--stack-name", STACK)


def test_nothing_is_pruned_after_a_deployment_that_failed_halfway():
    # The emulator has no UPDATE_ROLLBACK_FAILED.
    function = json.loads(template())["Resources"]["One"]
    function["Properties"] |= {"FunctionName": "Halfway", "Environment": {}}
    never = {"Type": "AWS::CloudFormation::WaitCondition", "DependsOn": "Halfway", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "1"}}
    resources = {"Halfway": function, "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}, "Never": never}
    cloudformation.create_stack(StackName="halfway", TemplateBody=json.dumps({"Resources": resources}), DisableRollback=True)
    with pytest.raises(botocore.exceptions.WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName="halfway", WaiterConfig={"Delay": 1})

    assert "The stack 'halfway' is in CREATE_FAILED" in tool("prune-versions", "--keep", "1", "--yes", "--stack-name", "halfway", status=3)
    assert "Releases of the stack 'halfway'" in tool("rollback", "--stack-name", "halfway")
    cloudformation.delete_stack(StackName="halfway")


def test_the_releases_are_listed():
    point("One", "2")
    functions.delete_function(FunctionName="Two", Qualifier="1")

    newest, older, oldest = tool("rollback", "--stack-name", STACK).splitlines()[1:4]
    assert newest.split()[0] == "c" and newest.endswith("Z  in use; named by the stack")
    assert older.split()[0] == "b" and older.endswith("Z  in use")
    assert oldest.split()[0] == "a" and oldest.endswith("Z  lacks Two")
