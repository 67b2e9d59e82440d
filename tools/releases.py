"""Releases of a deployed stack, for the commands in this folder.

A release is a set of versions, one of each function of the stack. The description of each version begins with the release's name, which is the
template's parameter Release. These commands call AWS through the AWS CLI (docs/decisions/0036-releases-are-sets-of-versions.md).
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(f"This command needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}.")
import tomllib

ROOT = Path(__file__).resolve().parents[1]
WARM_UP = b'{"warmUp":true}'  # every function answers it immediately and does nothing
EXIT_CODES = "Exit status: 0 done, 1 failed, perhaps halfway, 2 wrong usage, 3 refused: nothing was changed."
NEWER = "newer than the one in use: never in use, or rolled back"
OTHER_TABLES = "names other tables than the one in use"
# In any other status CloudFormation may continue a deployment or its rollback, which needs the versions of the previous release.
_AT_REST = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
# Suits an account with a concurrency of ten.
_AT_ONCE = 6
# Lambda gives these errors while it activates an inactive version, or when its concurrency is used up.
_NOT_YET = {"SnapStartNotReadyException", "ResourceConflictException", "TooManyRequestsException", "ServiceException"}


class Refused(Exception):
    """The command refuses its task, and has changed nothing."""


class Failed(Exception):
    """The command failed. It may have completed a part of its task."""


class AwsError(Failed):
    """AWS, or the AWS CLI, answered a call with an error."""

    def __init__(self, call, message):
        super().__init__(f"{call}: {message}")
        code = re.search(r"An error occurred \((\w+)\)", message)
        self.code = code[1] if code else ""


def run(main):
    """Runs a command. If it refuses or fails, prints the reason and exits with the matching status."""
    # The SAM CLI and version 1 of the AWS CLI read only AWS_DEFAULT_REGION. All tools must use the same region.
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region
    try:
        main()
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(3)
    except Failed as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def samconfig(environment, file="samconfig.toml"):
    """Returns the parameters of `sam deploy` in a section of samconfig.toml."""
    path = ROOT / file
    try:
        config = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise Refused(f"There is no {path}.") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path} is no TOML: {error}.") from None
    sections = [name for name, section in config.items() if isinstance(section, dict)]
    if environment not in sections:
        raise Refused(f"{path} has no section '{environment}'. It has: {', '.join(sections)}.")
    section = config[environment]
    return {key: value for command in ("global", "deploy") for key, value in section.get(command, {}).get("parameters", {}).items()}


def arguments(description, **options):
    """Returns a parser of a command's arguments, with the options that name the stack."""
    parser = argparse.ArgumentParser(
        description=description, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
    )
    parser.add_argument("--stack-name", metavar="NAME", help="the stack; without it samconfig.toml names it")
    parser.add_argument(
        "--config-env", metavar="NAME", default="default", help="section of samconfig.toml that names stack, region and profile (default)"
    )
    parser.add_argument("--config-file", metavar="FILE", default="samconfig.toml", help="another samconfig.toml, from the project's folder")
    return parser


def aws(service, operation, *options):
    """Calls AWS and returns the answer. The AWS CLI follows the pages of a list."""
    call = f"aws {service} {operation}"
    try:
        done = subprocess.run(
            ["aws", service, operation, *options, "--output", "json"],
            env={**os.environ, "AWS_PAGER": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise Refused("The AWS CLI (aws) must be installed and on the PATH.") from None
    if done.returncode:
        raise AwsError(call, done.stderr.strip())
    return json.loads(done.stdout or "{}")


def each(work, items):
    """Calls for several items at a time. Yields each item with its result or the AwsError, in the order of completion."""
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        calls = {pool.submit(work, item): item for item in items}
        try:
            for call in concurrent.futures.as_completed(calls):
                error = call.exception()
                if error and not isinstance(error, AwsError):
                    raise error
                yield calls[call], error or call.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _all(work, items):
    """Calls for several items at a time; returns the results by item."""
    results = {}
    for item, result in each(work, items):
        if isinstance(result, AwsError):
            raise result
        results[item] = result
    return results


@dataclasses.dataclass(frozen=True)
class Version:
    """A published version of a function."""

    function: str  # logical id
    number: str
    release: str  # empty for a version without a description
    published: str  # RFC 3339
    size: int  # bytes of its zip
    tables: str = ""  # their names, with which template.yaml ends the description

    def __str__(self):
        return f"{self.function}:{self.number}"


@dataclasses.dataclass(frozen=True)
class Release:
    """The versions of one deployment, or of several deployments under the same name."""

    name: str
    versions: tuple  # of Version

    @property
    def published(self):
        return max(version.published for version in self.versions)

    def newest(self):
        """Returns the newest version of each function, by the function's logical id."""
        return {version.function: version for version in sorted(self.versions, key=lambda version: int(version.number))}

    def lacks(self, functions):
        """Returns the functions that have no version in this release. A rollback needs a version of each function."""
        return sorted(set(functions) - {version.function for version in self.versions})

    def names_other_tables(self, live):
        """Returns whether this release uses tables that no version in use has. The roles no longer allow these tables."""
        return bool(live) and not {version.tables for version in self.newest().values()} <= {version.tables for version in live}


def grouped(versions):
    """Returns the releases of these versions, newest first."""
    by_name = {}
    for version in versions:
        by_name.setdefault(version.release, []).append(version)
    releases = [Release(name, tuple(members)) for name, members in by_name.items()]
    return sorted(releases, key=lambda release: (release.published, release.name), reverse=True)


def newer(releases, live):
    """Returns the releases that are newer than the one in use, of all releases, newest first.

    They are attempts that failed, or releases that were rolled back. Several releases are in use while aliases disagree: the newest counts.
    Where none is in use, none is newer.
    """
    return releases[: next((i for i, release in enumerate(releases) if live & set(release.versions)), 0)]


def notes(releases, live):
    """Returns, for each release, the notes that both commands print about it."""
    unused = newer(releases, live)

    def of(release):
        said = {"in use": live & set(release.versions), NEWER: release in unused, OTHER_TABLES: release.names_other_tables(live)}
        return [note for note, holds in said.items() if holds]

    return [of(release) for release in releases]


def prunable(releases, functions, keep, live, named=frozenset()):
    """Returns the releases to delete, of all releases, newest first.

    Kept are the newest whole releases from the one in use downwards, each release with a live version or one that the stack names, and
    versions that have no release. Newer releases do not count, so that failed attempts push out no release that worked.
    """
    used = live | named
    whole = [release for release in releases[len(newer(releases, live)) :] if release.name and not release.lacks(functions)]
    kept = {release.name for release in whole[:keep]}
    return [release for release in releases if release.name and release.name not in kept and not used & set(release.versions)]


def refuse_unless_at_rest(name, status):
    """Refuses if CloudFormation may still need the versions of an older release."""
    if status not in _AT_REST:
        raise Refused(
            f"The stack '{name}' is in {status}: CloudFormation may still need versions of older releases, so none is deleted. Finish the "
            f"deployment or its rollback first. After UPDATE_ROLLBACK_FAILED: aws cloudformation continue-update-rollback --stack-name {name}"
        )


class Stack:
    """A deployed stack: its status, its functions, and the versions and aliases that it made."""

    def __init__(self, options):
        config = samconfig(options.config_env, options.config_file)
        # Version 1 of the AWS CLI reads only AWS_DEFAULT_REGION.
        for variable, key in (("AWS_REGION", "region"), ("AWS_DEFAULT_REGION", "region"), ("AWS_PROFILE", "profile")):
            if key in config:
                os.environ[variable] = config[key]
        self.name = options.stack_name or config.get("stack_name")
        if not self.name:
            raise Refused(f"{options.config_file} names no stack_name for '{options.config_env}': use --stack-name.")
        self.refuse_during_a_deployment()
        resources = [
            resource
            for resource in aws("cloudformation", "list-stack-resources", "--stack-name", self.name)["StackResourceSummaries"]
            if resource["ResourceStatus"] != "DELETE_COMPLETE" and resource.get("PhysicalResourceId")
        ]

        def of(kind):
            return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources if r["ResourceType"] == f"AWS::Lambda::{kind}"}

        self.functions = of("Function")
        if not self.functions:
            raise Refused(f"The stack '{self.name}' has no functions.")
        # ...:function:NAME:QUALIFIER
        self._own_versions = {tuple(arn.rsplit(":", 2)[1:]) for arn in of("Version").values()}
        self.aliases = [tuple(arn.rsplit(":", 2)[1:]) for arn in of("Alias").values()]

    def refuse_during_a_deployment(self):
        try:
            [stack] = aws("cloudformation", "describe-stacks", "--stack-name", self.name)["Stacks"]
        except AwsError as error:
            if error.code != "ValidationError":
                raise
            raise Refused(
                f"There is no stack '{self.name}' in this account and region. Name it with --stack-name, --config-env or --config-file."
            ) from None
        parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}
        self.release = parameters.get("Release", "an unnamed release")
        self.status = status = stack["StackStatus"]
        if status == "UPDATE_IN_PROGRESS":
            raise Refused(
                f"The stack '{self.name}' is being deployed (UPDATE_IN_PROGRESS). Wait until that ends, or stop it, which also moves the "
                f"aliases back: aws cloudformation cancel-update-stack --stack-name {self.name}"
            )
        if status.endswith("_IN_PROGRESS"):
            raise Refused(f"The stack '{self.name}' is changing ({status}). Wait until that ends.")

    def versions(self):
        """Returns the published versions of all functions."""

        def of(function):
            listed = aws("lambda", "list-versions-by-function", "--function-name", self.functions[function])["Versions"]
            return [
                Version(
                    function, v["Version"], (description.split() or [""])[0], v["LastModified"], v["CodeSize"], description.partition(" tables ")[2]
                )
                for v in listed
                if v["Version"] != "$LATEST"
                for description in [v.get("Description", "")]
            ]

        return [version for versions in _all(of, self.functions).values() for version in versions]

    def live(self, versions):
        """Returns the versions to which an alias sends calls, also by its weights."""

        def of(function):
            numbers = set()
            for alias in aws("lambda", "list-aliases", "--function-name", self.functions[function])["Aliases"]:
                numbers.add(alias["FunctionVersion"])
                numbers.update(alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))
            return numbers

        numbers = _all(of, self.functions)
        return {version for version in versions if version.number in numbers[version.function]}

    def named(self, versions):
        """Returns the versions that the stack's resources name. After a rollback by tools/rollback these are not the live versions."""
        return {version for version in versions if (self.functions[version.function], version.number) in self._own_versions}

    def invoke(self, version, seconds):
        """Invokes a version until it is active. Returns the error of the function, or an empty string.

        An answer, even a failure of the function, shows that Lambda runs the version.
        """
        end = time.monotonic() + seconds
        with tempfile.TemporaryDirectory() as folder:
            event, answer = Path(folder, "event"), Path(folder, "answer")
            event.write_bytes(WARM_UP)
            while True:
                try:
                    response = aws(
                        "lambda", "invoke", "--function-name", self.functions[version.function], "--qualifier", version.number,
                        "--payload", f"fileb://{event}", str(answer),
                    )  # fmt: skip
                    return answer.read_text()[:300] if "FunctionError" in response else ""
                except AwsError as error:
                    if error.code not in _NOT_YET or time.monotonic() > end:
                        raise
                    print(f"  {version} is not active yet ({error.code}), waiting", flush=True)
                    time.sleep(5)

    def move(self, alias, version):
        """Lets an alias send all calls to a version."""
        function, name = alias
        aws(
            "lambda", "update-alias", "--function-name", function, "--name", name, "--function-version", version.number,
            "--routing-config", '{"AdditionalVersionWeights":{}}',
        )  # fmt: skip

    def delete(self, version):
        """Deletes a version, unless it is already deleted."""
        try:
            aws("lambda", "delete-function", "--function-name", self.functions[version.function], "--qualifier", version.number)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
