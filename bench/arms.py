"""The arms: each function in its packagings, and the peers. For each: how its process starts, its events, and the expected responses."""

import json
import re
import sys
import uuid

import lambda_runtime
from backend import CHUNK, ITEM, JAVA, LINES, NOTIFICATION, ROOT, WORK, lines

EVENTS = ROOT / "events"
CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
TUTORIAL = ROOT / "bench/peers/tutorial/target"
PYTHON_PEERS = ROOT / "bench/peers/python"
FRAMEWORKS = {  # peers on a framework: folder in bench/peers, deployed file, handler
    "Micronaut": ("micronaut", "micronaut-1.jar", "io.micronaut.function.aws.proxy.payload2.APIGatewayV2HTTPEventFunction"),
    "Quarkus": ("quarkus", "function.zip", "io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest"),
    "Spring Cloud Function": ("spring", "spring-1-aws.jar", "org.springframework.cloud.function.adapter.aws.FunctionInvoker::handleRequest"),
}

OWN_RUNTIME, MANAGED = "provided.al2023", "java25"
SNAPSHOT = ", from a snapshot"
# GetItem by each way to start
GET_ITEM_OWN, GET_ITEM_MANAGED, GET_ITEM_RESTORED = f"GetItem, {OWN_RUNTIME}", f"GetItem, {MANAGED}", f"GetItem, {MANAGED}{SNAPSHOT}"
DEPLOYED = "C1, as deployed"  # a compiler in one process
FASTAPI, FASTAPI_CREATE, BACKGROUND_TASKS = "FastAPI + Mangum + boto3", "FastAPI, POST /items", "FastAPI BackgroundTasks"
PLAIN_PYTHON = "plain Python, botocore"
TUTORIAL_JAVA, EMPTY_JAVA, EMPTY_PYTHON = "tutorial Java", "empty Java", "empty Python"

# Starts functions like the managed java25 ("Configuring JDK settings", and the runtime interface client's README). On Lambda, a JVM
# sees a machine with the function's memory.
JAVA25 = [
    "-XX:MaxRAM={memory}m", "-Xmx{heap}m",
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true",
    "--add-opens=java.base/java.io=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
]  # fmt: skip

FUNCTIONS = {  # of functions.zip: the sample event, and a part of the response
    "GetItem": ("get-item", '"statusCode":200,'),
    "ListItems": ("list-items", '"statusCode":200,'),
    "CreateItem": ("create-item", '"statusCode":201,'),
    "ReplaceItem": ("replace-item", '"statusCode":200,'),
    "PatchItem": ("patch-item", '"statusCode":200,'),
    "DeleteItem": ("delete-item", '"statusCode":204,'),
    "SendNotification": ("send-notification", '"statusCode":202,'),
    "GetNotification": ("get-notification", '"statusCode":200,'),
    "DeleteNotification": ("delete-notification", '"statusCode":204,'),
    "ListNotifications": ("list-notifications", '"statusCode":200,'),
    "CreateImport": ("create-import", '"statusCode":202,'),
    "GetImport": ("get-import", '"statusCode":200,'),
    "ListImports": ("list-imports", '"statusCode":200,'),
    "GetData": ("get-data", '"statusCode":200,'),
    "UnmatchedRoute": ("unmatched-route", '"statusCode":404,'),
    "LogNotifications": ("log-notifications", '{"batchItemFailures":[]}'),
    "ImportItems": ("import-items", '{"batchItemFailures":[]}'),
    "RelayOutbox": ("relay-outbox", '"due":0'),
}
DOCS = "GetDocs"  # has its own zip, for java25
PAGE = 20  # rows of a requested page


class Arm:
    """One kind of process. `events(count)` creates its events; `expected` is a part of each response."""

    def __init__(self, name, command, folder, environment, events, expected):
        self.name, self.command, self.folder, self.environment = name, list(map(str, command)), folder, environment
        self.python = self.command[0] == sys.executable
        self.events = events
        self._expected = re.compile(re.escape(expected).replace("\":", "\": ?").encode())  # Python's JSON has a space after the colon

    def started(self, memory_mb=1024, **limits):
        def filled(text):
            return text.replace("{memory}", str(memory_mb)).replace("{heap}", str(int(memory_mb * 0.85)))

        environment = {name: filled(value) for name, value in self.environment.items()}
        return lambda_runtime.started([*map(filled, self.command)], environment, self.folder, memory_mb=memory_mb, **limits)

    def answers(self, count, **limits):
        """Measures one process for this many responses."""
        events = self.events(count)
        with self.started(**limits) as function:
            function.answer(events)
        self.check(function.sample)
        return function.sample

    def check(self, sample):
        """Ends the program if the process sent an unexpected response."""
        for answer in sample.answers:
            if not self._expected.search(answer):
                sys.exit(f"{self.name} answered {answer}: {sample.log[-2000:]}")
        if self.name.endswith(OWN_RUNTIME) and '"aotCache":"used"' not in sample.log:
            sys.exit(f"{self.name} doesn't use its cache: {sample.log[-2000:]}")


def sample_event(function):
    sample = json.loads((EVENTS / f"{'get-docs' if function == DOCS else FUNCTIONS[function][0]}.json").read_text())
    sample.get("headers", {}).pop("idempotency-key", None)  # with a key, later responses would be idempotent replays
    if function == "ListItems":
        sample |= {"rawQueryString": f"limit={PAGE}", "queryStringParameters": {"limit": str(PAGE)}}
    elif function == "CreateImport":
        sample["body"] = lines(LINES)
        sample["headers"] |= {"content-type": "application/x-ndjson", "content-length": str(len(sample["body"]))}
    elif function == "LogNotifications":
        del sample["Records"][1:]  # keeps the well-formed message
    return sample


def events_of(backend, function, with_key=False):
    """Creates events of the function, and the rows that they need."""
    sample = sample_event(function)
    text = json.dumps(sample)

    def events(count):
        if function == "DeleteItem":
            return [text.replace(ITEM, id).encode() for id in backend.items(count)]
        if function in ("DeleteNotification", "LogNotifications"):
            return [text.replace(NOTIFICATION, id).encode() for id in backend.queued_notifications(count)]
        if function == "ImportItems":
            return [text.replace(CHUNK, id).encode() for id in backend.queued_chunks(count)]
        if function == "RelayOutbox":
            backend.settle()
        if with_key:
            return [json.dumps({**sample, "headers": {**sample["headers"], "idempotency-key": str(uuid.uuid4())}}).encode() for _ in range(count)]
        return [text.encode()] * count

    return events


def expected_of(function):
    return FUNCTIONS.get(function, ("", '"statusCode":200,'))[1]


def ours(backend, packaging, function, with_key=False, plain=False):
    """A function of ours in one of its packagings. `plain`: without TLS."""
    environment = backend.environment(function, plain)
    if packaging == OWN_RUNTIME:
        folder, command = WORK / "provided", [WORK / "provided/bootstrap"]
        environment |= {"_HANDLER": f"dev.asyncitems.function.{function}", "JDK_JAVA_OPTIONS": "-XX:MaxRAM={memory}m"}
    else:
        folder = WORK / ("docs" if function == DOCS else "java25")
        command = [JAVA, *JAVA25, "-cp", f"{TUTORIAL}/runtime/*", CLIENT, f"dev.asyncitems.function.{function}"]
        environment["LD_LIBRARY_PATH"] = str(folder / "lib")
    name = f"{function}{' with a key' if with_key else ''}, {packaging}"
    return Arm(name, command, folder, environment, events_of(backend, function, with_key), expected_of(function))


def restored(arm, backend):
    """An arm measured from after a snapshot, without the restore. Like Lambda, it then gets credentials from an endpoint."""
    arm.name += SNAPSHOT
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    own = {name: value for name, value in arm.environment.items() if name not in keys}
    arm.environment = {**own, **backend.container_credentials, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    return arm


def ours_restored(backend):
    """GetItem with SnapStart. Lambda's command line then has no TieredStopAtLevel ("Customize Java runtime startup behavior for Lambda
    functions"). The template's JAVA_TOOL_OPTIONS set it."""
    arm = restored(ours(backend, MANAGED, "GetItem"), backend)
    arm.command.remove("-XX:TieredStopAtLevel=1")
    arm.command.insert(1, "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac")
    return arm


def java_peer(backend, name, handler, folder):
    environment = {**backend.environment("GetItem"), "JAVA_TOOL_OPTIONS": backend.java_trust}
    command = [JAVA, *JAVA25, "-cp", f"{TUTORIAL}/runtime/*", CLIENT, handler]
    return Arm(name, command, folder, environment, events_of(backend, "GetItem"), '"statusCode":200')


def tutorial(backend):
    return java_peer(backend, TUTORIAL_JAVA, "tutorial.GetItem", TUTORIAL / "classes")


def empty_java(backend):
    return java_peer(backend, EMPTY_JAVA, "dev.asyncitems.bench.EmptyHandler", ROOT / "bench/target/classes")


def frameworks(backend):
    """Returns the arms that could be built."""
    peers = [(name, handler, WORK / folder) for name, (folder, _, handler) in FRAMEWORKS.items()]
    return [java_peer(backend, name, handler, folder) for name, handler, folder in peers if folder.exists()]


def python_peer(backend, name, handler, function="GetItem", plain=False):
    command = [sys.executable, "-m", "awslambdaric", handler]
    environment = backend.environment(function, plain)
    return Arm(name, command, PYTHON_PEERS, environment, events_of(backend, function), expected_of(function).rstrip(","))


def fastapi(backend, plain=False):
    return python_peer(backend, FASTAPI, "fastapi_app.handler", plain=plain)


def fastapi_restored(backend):
    return restored(python_peer(backend, FASTAPI, "primed.fastapi"), backend)


def background_tasks(backend):
    return python_peer(backend, BACKGROUND_TASKS, "fastapi_app.handler", "SendNotification")


def fastapi_create(backend):
    return python_peer(backend, FASTAPI_CREATE, "fastapi_app.handler", "CreateItem")


def plain_python(backend):
    return python_peer(backend, PLAIN_PYTHON, "plain_handler.handler")


def plain_python_restored(backend):
    return restored(python_peer(backend, PLAIN_PYTHON, "primed.plain"), backend)


def empty_python(backend):
    return python_peer(backend, EMPTY_PYTHON, "plain_handler.empty")
