"""The template as CloudFormation creates it: transformed by SAM, with the parameters and conditions resolved."""

import contextlib
import io
import logging
import os
import re
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
NO_VALUE = object()

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # the transform wants one
logging.getLogger("samtranslator").setLevel(logging.ERROR)


class NoManagedPolicies:
    def load(self):
        return {}


def parsed():
    """Returns the template as a document, with code that seems to be uploaded."""
    return yaml_parse(re.sub("(CodeUri|ContentUri): .*", r"\1: s3://bucket/key", TEMPLATE.read_text()))


def deployed(parameters):
    """Returns the template that CloudFormation gets, without conditions."""
    document = parsed()
    values = {name: str(p.get("Default", "")) for name, p in document["Parameters"].items()} | parameters
    with contextlib.redirect_stdout(io.StringIO()):
        made = transform(document, values, NoManagedPolicies())
    conditions = made.pop("Conditions")
    made.pop("Rules", None)
    made.pop("Metadata", None)

    def holds(condition):
        match condition:
            case {"Fn::Equals": [left, right]}:
                return resolve(left) == resolve(right)
            case {"Fn::And": all_of}:
                return all(map(holds, all_of))
            case {"Fn::Or": any_of}:
                return any(map(holds, any_of))
            case {"Fn::Not": [one]}:
                return not holds(one)
            case {"Condition": name}:
                return holds(conditions[name])
        raise AssertionError(f"unknown condition {condition}")

    def resolve(node):
        match node:
            case {"Ref": "AWS::NoValue"}:
                return NO_VALUE
            case {"Ref": name} if name in values:
                return values[name]
            case {"Ref": "AWS::StackName"}:
                return "stack"
            case {"Fn::If": [name, then, otherwise]}:
                return resolve(then if holds(conditions[name]) else otherwise)
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": re.sub(r"\$\{(\w+)}", lambda m: values.get(m[1], m[0]), text)}
            case dict():
                made = {key: resolve(value) for key, value in node.items()}
                return {key: value for key, value in made.items() if value is not NO_VALUE}
            case list():
                return [value for value in map(resolve, node) if value is not NO_VALUE]
        return node

    def kept(section):
        whole = {id: part for id, part in section.items() if "Condition" not in part or holds({"Condition": part["Condition"]})}
        return {id: resolve({key: value for key, value in part.items() if key != "Condition"}) for id, part in whole.items()}

    made["Resources"] = kept(made["Resources"])
    made["Outputs"] = kept(made["Outputs"])
    made.pop("Parameters")
    return made


def references(node):
    """Yields the logical ids and pseudo parameters that a part of the template refers to."""
    match node:
        case {"Ref": name}:
            yield name
        case {"Fn::GetAtt": [name, *_]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from (name.split(".")[0] for name in re.findall(r"\$\{([\w.:]+)}", text))
        case {"Fn::Sub": [text, variables]}:
            yield from (name for name in references({"Fn::Sub": text}) if name not in variables)
            yield from references(variables)
        case dict():
            for key, value in node.items():
                if key != "DependsOn":
                    yield from references(value)
                elif isinstance(value, str):
                    yield value
                else:
                    yield from value
        case list():
            for value in node:
                yield from references(value)
