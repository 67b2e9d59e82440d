"""Checks what CloudFormation makes of the template, for a pairwise set of its options: any two options meet in some row."""

import json
from graphlib import TopologicalSorter

import cfnlint.api
import pytest
import resolve
from allpairspy import AllPairs
from cfnlint.config import ManualArgs

TOKENS = {"Access": "jwt", "JwtIssuer": "https://issuer.example.com", "JwtAudience": "api"}
DOMAIN = {"DomainName": "api.example.com", "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a-1b"}

TABLES = ["Items", "Notifications", "Imports", "Idempotency"]

# What each option is without and with it. Parameters that only change a number are not options.
OPTIONS = [
    [{"Access": "open"}, TOKENS, TOKENS | {"ScopePrefix": "https://api.example.com/"}],
    [{"Runtime": "java25"}, {"Runtime": "provided.al2023"}],
    [{"Architecture": "x86_64"}, {"Architecture": "arm64"}],
    [{"SnapStart": "false"}, {"SnapStart": "true"}],
    [{"Canary": "false"}, {"Canary": "true"}],
    [{"Tracing": "PassThrough"}, {"Tracing": "Active"}],
    [{"DeletionProtection": "false"}, {"DeletionProtection": "true"}],
    [{"Tables": "create"}, {"Tables": "existing"}, {"Tables": "existing"} | {f"{table}Table": f"{table}-20261130" for table in TABLES}],
    [{"OperationsDashboard": "false"}, {"OperationsDashboard": "true"}],
    [{}, DOMAIN, DOMAIN | {"DisableExecuteApiEndpoint": "true"}],
    [{}, {"BasePath": "/shop/v1"}],
    [{}, {"CorsAllowedOrigins": "https://example.com"}],
    [{}, {"AlarmTopicArn": "arn:aws:sns:us-east-1:123456789012:alarms"}],
    [{}, {"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0a-1b"}],
    [{}, {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary"}],
]


def merged(row):
    return {name: value for option in row for name, value in option.items()}


ROWS = [merged(option[0] for option in OPTIONS), merged(option[-1] for option in OPTIONS), *(merged(row) for row in AllPairs(OPTIONS))]


@pytest.fixture(scope="module", params=ROWS, ids=[f"row{number}" for number in range(len(ROWS))])
def template(request):
    return resolve.deployed(request.param)


def of_type(template, kind):
    return {id: resource["Properties"] for id, resource in template["Resources"].items() if resource["Type"] == kind}


def test_cfn_lint_finds_nothing(template, request):
    print("The parameters of this row:", request.node.callspec.params["template"])
    found = cfnlint.api.lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"], ignore_checks=["W"]))

    assert not [f"{match.rule.id} {match.message} at {'/'.join(map(str, match.path))}" for match in found]


def test_whatever_is_named_is_there_and_needs_no_cycle(template):
    resources = template["Resources"]
    names = {id: {name for name in resolve.references(resource) if not name.startswith("AWS::")} for id, resource in resources.items()}

    assert not {id: missing for id, used in names.items() if (missing := used - resources.keys())}
    assert not {name for name in resolve.references(template["Outputs"]) if not name.startswith("AWS::")} - resources.keys()
    assert list(TopologicalSorter(names).static_order())  # fails on a cycle


def test_everything_calls_an_alias(template):
    aliases = {id for id, resource in template["Resources"].items() if resource["Type"] == "AWS::Lambda::Alias"}
    called = [
        *(p["IntegrationUri"] for p in of_type(template, "AWS::ApiGatewayV2::Integration").values()),
        *(p["FunctionName"] for p in of_type(template, "AWS::Lambda::Permission").values()),
        *(p["FunctionName"] for p in of_type(template, "AWS::Lambda::EventSourceMapping").values()),
        *(p["Target"]["Arn"] for p in of_type(template, "AWS::Scheduler::Schedule").values()),
        *(target["Arn"] for p in of_type(template, "AWS::Events::Rule").values() for target in p["Targets"]),
    ]

    assert len(called) > len(aliases) == len(of_type(template, "AWS::Lambda::Function"))
    assert not [target for target in called if target.get("Ref") not in aliases]


def test_every_role_has_the_boundary_that_was_chosen(template, request):
    boundary = request.node.callspec.params["template"].get("PermissionsBoundaryArn")

    assert {role.get("PermissionsBoundary") for role in of_type(template, "AWS::IAM::Role").values()} == {boundary}


def test_existing_tables_are_not_created(template, request):
    creates = request.node.callspec.params["template"].get("Tables") == "create"

    assert sorted(of_type(template, "AWS::DynamoDB::Table")) == (sorted(TABLES) if creates else [])


def test_the_relays_first_tick_finds_its_tables(template, request):
    after = set(resolve.references(template["Resources"]["RelayOutbox"]["Metadata"]))

    assert after == ({"Notifications", "Imports"} if request.node.callspec.params["template"].get("Tables") == "create" else set())


def test_a_canary_moves_each_alias_and_is_judged_by_the_new_version(template, request):
    groups = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
    aliases = {id: resource for id, resource in template["Resources"].items() if resource["Type"] == "AWS::Lambda::Alias"}
    if request.node.callspec.params["template"].get("Canary") != "true":
        assert not groups
        assert not [id for id, alias in aliases.items() if "UpdatePolicy" in alias]
        return

    assert "CodeDeployServiceRole" not in template["Resources"]  # SAM's own role may do more
    for function in of_type(template, "AWS::Lambda::Function"):
        group = groups[f"{function}DeploymentGroup"]
        moved = aliases[f"{function}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert moved["DeploymentGroupName"] == {"Ref": f"{function}DeploymentGroup"}
        assert "DeploymentRole" in str(group["ServiceRoleArn"])
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        if function == "RelayOutbox":
            assert "AllAtOnce" in str(group["DeploymentConfigName"])
        else:
            assert "Canary10Percent5Minutes" in str(group["DeploymentConfigName"])
            assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": {"Ref": f"{function}CanaryAlarm"}}]}


def test_each_release_has_versions_of_its_own_that_are_kept(template):
    versions = [resource for resource in template["Resources"].values() if resource["Type"] == "AWS::Lambda::Version"]

    assert len(versions) == len(of_type(template, "AWS::Lambda::Function"))
    for version in versions:
        assert version["Properties"]["Description"]["Fn::Sub"].startswith("unnamed ")  # the default of Release
        # The replaced version stays, and so does one that a new logical id replaces.
        assert version["UpdateReplacePolicy"] == version["DeletionPolicy"] == "Retain"
