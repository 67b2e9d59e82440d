"""Sets right what MiniStack gets wrong in a stack that it deployed, and would stop it. Prints the id of the stack's API.

Usage: mend.py STACK, with the emulator at AWS_ENDPOINT_URL.
"""

import json
import sys

import boto3


def mend(stack):
    """Mends a stack; returns the id of its API."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    functions, iam = boto3.client("lambda"), boto3.client("iam")
    # It keeps MaximumConcurrency as the text that a parameter is, and its poller stumbles over that.
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        limit = int(mapping["ScalingConfig"]["MaximumConcurrency"])
        functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": limit})
    # It asks for an action that IAM doesn't have: on AWS sqs:SendMessage allows batches too.
    for role in (r["PhysicalResourceId"] for r in resources if r["ResourceType"] == "AWS::IAM::Role"):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            for statement in document["Statement"]:
                if "sqs:SendMessage" in statement["Action"]:
                    statement["Action"].append("sqs:SendMessageBatch")
            iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    return next(r["PhysicalResourceId"] for r in resources if r["LogicalResourceId"] == "Api")


if __name__ == "__main__":
    print(mend(sys.argv[1]))
