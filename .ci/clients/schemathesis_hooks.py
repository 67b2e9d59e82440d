"""What Schemathesis can't know of the contract: for which reasons a request that its schemas allow may be refused."""

import re

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import positive_data_acceptance


@schemathesis.hook
def map_body(context, body):
    """The rule of two decimals stands in x-strict: tools compute multipleOf in binary, and refuse prices that are valid."""
    if isinstance(body, dict) and isinstance(body.get("price"), float) and 0 <= body["price"] <= 999_999_999.99:
        return body | {"price": round(body["price"], 2)}
    return body


@schemathesis.check
def valid_requests_are_accepted(ctx, response, case):
    """positive_data_acceptance, but for the answers below."""
    try:
        positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if not allowed(case, response.json()):
            raise


def allowed(case, problem):
    violations = problem.get("violations", [])
    match problem["type"]:
        case "/problems/precondition-failed" | "/problems/idempotency-key-reused":
            # They depend on the item's version and on earlier requests, of which a schema knows nothing.
            return True
        case "/problems/malformed-request":
            return all(is_foreign_cursor(one) or is_off_its_pattern(case, one) for one in violations)
    return False


def is_foreign_cursor(violation):
    """A cursor has a checksum, and belongs to a list and a filter: a generated one is none of the API's."""
    return violation.get("parameter") == "cursor"


def is_off_its_pattern(case, violation):
    """In the coverage phase Schemathesis takes the number 0 for a valid header, whose schema is a string with a pattern."""
    name = violation.get("header")
    schemas = case.operation.schema.raw_schema["components"]
    schema = schemas["parameters"].get(name, {}).get("schema", {})
    schema = schemas["schemas"][schema["$ref"].rsplit("/")[-1]] if "$ref" in schema else schema
    return "pattern" in schema and not re.search(schema["pattern"], str(case.headers[name]))
