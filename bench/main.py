"""Everything that docs/benchmarks.md reports. bench/run runs this; see there for the options."""

import argparse
import contextlib
import functools
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import boto3

import lambda_runtime
import report

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "target" / "bench"
EVENTS = ROOT / "events"
ITEM = "019bc0fd-8a3b-73a5-9c4e-8b2d6f90a173"  # the sample events'
NOTIFICATION = "019bc0fe-749b-79d1-ab7f-05c3d8e46a19"
CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
TUTORIAL = ROOT / "bench/peers/tutorial/target"
PYTHON_PEERS = ROOT / "bench/peers/python"
FRAMEWORKS = {  # peers on one: their folder in bench/peers, what is deployed, the handler
    "Micronaut": ("micronaut", "micronaut-1.jar", "io.micronaut.function.aws.proxy.payload2.APIGatewayV2HTTPEventFunction"),
    "Quarkus": ("quarkus", "function.zip", "io.quarkus.amazon.lambda.runtime.QuarkusStreamHandler::handleRequest"),
    "Spring Cloud Function": ("spring", "spring-1-aws.jar", "org.springframework.cloud.function.adapter.aws.FunctionInvoker::handleRequest"),
}

# As the managed java25 starts functions: "Configuring JDK settings" and the runtime interface client's README.
JAVA25 = [
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true",
    "--add-opens=java.base/java.io=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
]  # fmt: skip

FUNCTIONS = {  # of functions.zip, each with its sample event
    "GetItem": "get-item",
    "ListItems": "list-items",
    "CreateItem": "create-item",
    "ReplaceItem": "replace-item",
    "PatchItem": "patch-item",
    "DeleteItem": "delete-item",
    "SendNotification": "send-notification",
    "GetNotification": "get-notification",
    "ListNotifications": "list-notifications",
    "GetData": "get-data",
    "UnmatchedRoute": "unmatched-route",
    "RecordNotifications": "record-notifications",
    "RelayNotifications": "relay-notifications",
}
DOCS = "GetDocs"  # which has a zip of its own, for java25


def jdk():
    homes = [os.environ.get("JAVA25_HOME", ""), os.environ.get("JAVA_HOME", ""), *map(str, Path("/usr/lib/jvm").glob("*25*"))]
    for home in homes:
        release = Path(home, "release")
        if home and release.exists() and 'JAVA_VERSION="25' in release.read_text():
            return Path(home)
    sys.exit("A JDK 25 must be installed, or named by JAVA25_HOME.")


JAVA = jdk() / "bin/java"


def maven(*arguments, folder=ROOT):
    print("mvn", *arguments, flush=True)
    subprocess.run(["mvn", "-B", "-ntp", "-q", *arguments], cwd=folder, check=True, stdout=sys.stderr)


def build():
    """Both packagings, unpacked, what is measured in Java, and the peers in Java."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    maven("package", "-DskipTests", "-Dbench", "-pl", "local,functions,bench")
    subprocess.run(["unzip", "-q", ROOT / "functions/target/functions.zip", "-d", WORK / "java25"], check=True)
    shutil.copy(ROOT / "functions/target/functions.zip", WORK / "java25.zip")
    subprocess.run(["unzip", "-q", ROOT / "functions/target/docs.zip", "-d", WORK / "docs"], check=True)
    shutil.copy(ROOT / "functions/target/docs.zip", WORK)
    maven("package", "-DskipTests", "-Druntime=provided.al2023", "-pl", "local,functions,custom-runtime")
    subprocess.run(["unzip", "-q", ROOT / "functions/target/functions.zip", "-d", WORK / "provided"], check=True)
    shutil.move(ROOT / "functions/target/functions.zip", WORK / "provided.zip")
    shutil.copy(WORK / "java25.zip", ROOT / "functions/target/functions.zip")
    maven("package", folder=ROOT / "bench/peers/tutorial")
    for name, (folder, deployed, _) in FRAMEWORKS.items():
        try:
            maven("package", folder=ROOT / "bench/peers" / folder)
        except subprocess.CalledProcessError:
            print(f"{name} is left out: it can't be built here.", flush=True)
            continue
        shutil.copy(ROOT / "bench/peers" / folder / "target" / deployed, WORK / f"{folder}.zip")
        subprocess.run(["unzip", "-q", WORK / f"{folder}.zip", "-d", WORK / folder], check=True)


def java(main, *arguments, options=(), **popen):
    path = f"{ROOT}/bench/target/classes:" + (ROOT / "bench/target/classpath").read_text()
    return [
        str(JAVA), "-Daws.configFile=none", "-Daws.sharedCredentialsFile=none", "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", *options,
        "-cp", path, main, *map(str, arguments),
    ]  # fmt: skip


class Backend:
    """The engines of the local run behind TLS, with a certificate that is thrown away."""

    def __enter__(self):
        keys = WORK / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", keys / "key.pem", "-out", keys / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(
            ["openssl", "pkcs12", "-export", "-in", keys / "cert.pem", "-inkey", keys / "key.pem", "-out", keys / "keys.p12",
             "-passout", "pass:bench"],
            check=True,
        )  # fmt: skip
        trust = keys / "trust.p12"
        trust.unlink(missing_ok=True)
        subprocess.run(
            [jdk() / "bin/keytool", "-importcert", "-noprompt", "-alias", "bench", "-file", keys / "cert.pem", "-keystore", trust,
             "-storepass", "changeit", "-storetype", "PKCS12"],
            check=True, capture_output=True,
        )  # fmt: skip
        # Functions are given all of the machine's authorities too: reading those is part of a start.
        self.bundle = keys / "bundle.pem"
        self.bundle.write_text(Path("/etc/ssl/certs/ca-certificates.crt").read_text() + (keys / "cert.pem").read_text())
        self.java_trust = f"-Djavax.net.ssl.trustStore={trust} -Djavax.net.ssl.trustStorePassword=changeit"
        self.process = subprocess.Popen(
            java("dev.asyncitems.bench.Backend", ROOT / "template.yaml", keys / "keys.p12", "bench"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(WORK / "backend.log").open("w"), text=True,
        )  # fmt: skip
        self.environments = {}
        for line in self.process.stdout:
            if line == "ready\n":
                break
            function, name, value = line.rstrip("\n").split("\t")
            self.environments.setdefault(function, {})[name] = value
        else:
            sys.exit((WORK / "backend.log").read_text())
        self.plain = self.environments.pop("plain")["DYNAMODB"]
        self._fill()
        # Its own code is compiled by now and then, for which the first arm would pay.
        python_peer(self, "warm-up", "plain_handler.handler").answers([event("get-item")] * 5_000)
        return self

    def _fill(self):
        client = boto3.client("dynamodb", endpoint_url=self.plain, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local")  # fmt: skip
        time_ = {"S": "2026-01-15T10:00:00.000Z"}
        client.put_item(TableName="local-Items", Item={
            "id": {"S": ITEM}, "name": {"S": "Lamp"}, "price": {"N": "12.5"}, "tags": {"L": [{"S": "home"}]}, "createdAt": time_,
            "updatedAt": time_, "version": {"N": "1"}, "shard": {"N": "0"}})  # fmt: skip
        client.put_item(TableName="local-Notifications", Item={
            "id": {"S": NOTIFICATION}, "message": {"S": "hello"}, "status": {"S": "queued"}, "attempts": {"N": "0"}, "createdAt": time_,
            "turns": {"N": "0"}, "shard": {"N": "0"}, "attention": {"S": "queued#0"},
            "attentionAt": {"S": "2099-01-15T10:00:00.000Z#" + NOTIFICATION}})  # fmt: skip

    def environment(self, function):
        own = {k: v for k, v in self.environments[function].items() if not k.startswith(("AWS_ENDPOINT", "AWS_LAMBDA"))}
        return {
            **own, "SSL_CERT_FILE": str(self.bundle), "AWS_CA_BUNDLE": str(self.bundle), "AWS_DEFAULT_REGION": own["AWS_REGION"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def __exit__(self, *failure):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Arm:
    """One kind of function: how its process is started."""

    def __init__(self, name, command, folder, environment):
        self.name, self.command, self.folder, self.environment = name, list(map(str, command)), folder, environment

    def started(self, **limits):
        return lambda_runtime.started(self.command, self.environment, self.folder, **limits)

    def answers(self, events, **limits):
        """A sample of one process that is given the events."""
        with self.started(**limits) as function:
            function.answer(events)
        return function.sample


def ours_on_java25(backend, function, folder=WORK / "java25"):
    handler = f"dev.asyncitems.function.{function}"
    command = [JAVA, "-Xmx870m", *JAVA25, "-cp", f"{TUTORIAL}/runtime/*", CLIENT, handler]
    return Arm(f"{function}, java25", command, folder, {**backend.environment(function), "LD_LIBRARY_PATH": str(folder / "lib")})


def ours_with_cache(backend, function):
    environment = {**backend.environment(function), "_HANDLER": f"dev.asyncitems.function.{function}"}
    return Arm(f"{function}, provided.al2023", [WORK / "provided/bootstrap"], WORK / "provided", environment)


def java_peer(backend, name, handler, folder):
    environment = {**backend.environment("GetItem"), "JAVA_TOOL_OPTIONS": backend.java_trust}
    return Arm(name, [JAVA, "-Xmx870m", *JAVA25, "-cp", f"{TUTORIAL}/runtime/*", CLIENT, handler], folder, environment)


def framework_peers(backend):
    """Those that could be built."""
    peers = [(name, handler, WORK / folder) for name, (folder, _, handler) in FRAMEWORKS.items()]
    return [java_peer(backend, name, handler, folder) for name, handler, folder in peers if folder.exists()]


def python_peer(backend, name, handler, function="GetItem"):
    return Arm(name, [sys.executable, "-m", "awslambdaric", handler], PYTHON_PEERS, backend.environment(function))


def event(name):
    return (EVENTS / f"{name}.json").read_bytes()


PEER = "FastAPI + Mangum + boto3"
CURVE = [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000, 12_000]  # a process's answers, by how many it has given before


def measure(arms, starts, events, **limits):
    """Starts each arm so often, taking turns. `events`: by arm's name, or for all."""

    def one_after_another():
        return [arm.answers(events[arm.name] if isinstance(events, dict) else events, **limits) for arm in arms]

    return {**sampled(arms, starts, one_after_another), "cpus": limits.get("cpus", "all")}


TURN = 200  # answers


def measure_warm(arms, processes, event, count):
    """So many processes of each arm, which take turns in their answers too: one answers while the others are frozen."""

    def in_turns():
        with contextlib.ExitStack() as running:
            functions = []
            for arm in arms:
                functions.append(running.enter_context(arm.started()))
                functions[-1].freeze()
            for begin in range(0, count, TURN):
                for function in functions:
                    function.answer([event] * min(TURN, count - begin))
        return [function.sample for function in functions]

    return sampled(arms, processes, in_turns)


def sampled(arms, rounds, measure_each):
    """What so many rounds give: in each, a sample of every arm."""
    samples = {arm.name: [] for arm in arms}
    load = os.getloadavg()[0]
    for _ in range(rounds):
        for arm, sample in zip(arms, measure_each()):
            if re.search(rb'"statusCode": ?5', sample.answers[0]):
                sys.exit(f"{arm.name} answered {sample.answers[0]}: {sample.log[-2000:]}")
            if arm.name.endswith("provided.al2023") and '"aotCache":"used"' not in sample.log:
                sys.exit(f"{arm.name} doesn't use its cache: {sample.log[-2000:]}")
            samples[arm.name].append(sample)
        print(".", end="", flush=True)
    print(flush=True)
    return {
        "starts": rounds,
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "arms": {name: summary(some) for name, some in samples.items()},
    }


def spread(values):
    values = sorted(values)
    return {"median": statistics.median(values), "min": values[0], "max": values[-1]}


def summary(samples):
    result = {
        "init": spread([s.init for s in samples]),
        "first": spread([s.first for s in samples]),
        "cpu": spread([s.first_cpu for s in samples]),
        "rss": spread([s.first_rss for s in samples]),
        "peak_rss": spread([s.peak_rss for s in samples]),
    }
    result["each"] = spread([(s.first + sum(s.later)) / (1 + len(s.later)) for s in samples])
    halves = [s.later[len(s.later) // 2 :] for s in samples]
    later = sorted(answer for half in halves for answer in half)
    if later:
        result["later"] = {
            "p50": statistics.median(later), "p99": later[int(len(later) * 0.99)], "n": len(later),
            "p50_by_process": spread([statistics.median(half) for half in halves]),
        }  # fmt: skip
        result["later_cpu"] = spread([s.later_cpu / len(s.later) for s in samples])
        result["curve"] = {}
        for begin, end in zip(CURVE, CURVE[1:]):
            if end <= len(samples[0].later) + 1:
                result["curve"][end] = statistics.median(answer for s in samples for answer in s.later[begin:end])
    return result


def starts(backend, options):
    """GetItem in each packaging and its peers."""
    arms = [
        ours_with_cache(backend, "GetItem"),
        python_peer(backend, PEER, "fastapi_app.handler"),
        ours_on_java25(backend, "GetItem"),
        java_peer(backend, "tutorial Java", "tutorial.GetItem", TUTORIAL / "classes"),
        *framework_peers(backend),
        python_peer(backend, "plain Python, botocore", "plain_handler.handler"),
        java_peer(backend, "empty Java", "dev.asyncitems.bench.EmptyHandler", ROOT / "bench/target/classes"),
        python_peer(backend, "empty Python", "plain_handler.empty"),
    ]
    events = [event("get-item")] * 3
    return {
        "two cores": measure(arms, options.starts, events),
        "one core": measure(arms, options.starts, events, cpus="0"),
    }


def warm(backend, options):
    """Answers once warm: the later half of twelve thousand, since the JVM compiles for thousands."""
    arms = [
        ours_with_cache(backend, "GetItem"),
        python_peer(backend, PEER, "fastapi_app.handler"),
        ours_on_java25(backend, "GetItem"),
        java_peer(backend, "empty Java", "dev.asyncitems.bench.EmptyHandler", ROOT / "bench/target/classes"),
        python_peer(backend, "empty Python", "plain_handler.empty"),
    ]
    return measure_warm(arms, options.processes, event("get-item"), options.later)


def notification(backend, options):
    """The notification's route beside a background task of FastAPI's."""
    arms = [
        ours_with_cache(backend, "SendNotification"),
        python_peer(backend, "FastAPI BackgroundTasks", "fastapi_app.handler", "SendNotification"),
        ours_on_java25(backend, "SendNotification"),
    ]
    return {
        "starts": measure(arms, options.starts, [event_of("SendNotification")] * 2),
        "warm": measure_warm(arms, options.processes, event_of("SendNotification"), options.later // 4),
    }


def event_of(function):
    sample = json.loads(event("get-docs" if function == DOCS else FUNCTIONS[function]))
    sample.get("headers", {}).pop("idempotency-key", None)  # with one, the answers after the first would come from its record
    return json.dumps(sample).encode()


def functions(backend, options):
    """Every function, in both packagings, and the classes that a start loads."""
    arms = [packaged(backend, function) for function in FUNCTIONS for packaged in (ours_with_cache, ours_on_java25)]
    arms.append(ours_on_java25(backend, DOCS, WORK / "docs"))
    events = {arm.name: [event_of(arm.name.split(",")[0])] * 2 for arm in arms}
    results = measure(arms, options.starts, events)
    log = WORK / "classes.log"
    for arm in arms:
        arm.environment["JAVA_TOOL_OPTIONS"] = f"-Xlog:class+load:file={log}"
        arm.answers(events[arm.name][:1])
        loaded = [line for line in log.read_text().splitlines() if " source: " in line]
        results["arms"][arm.name]["classes"] = {"loaded": len(loaded), "cached": sum("shared objects file" in line for line in loaded)}
    return results


MEMORY_SIZES = (256, 512, 1024, 1769)
ONE_OF_EACH_KIND = ("GetItem", "SendNotification", "RecordNotifications")
GROUPS = Path("/sys/fs/cgroup/cpu")


@contextlib.contextmanager
def with_memory(megabytes, arms):
    """Holds what the arms start to the share of a core that Lambda gives for so much memory: one core for 1,769 MB."""
    group = GROUPS / f"async-items-bench-{megabytes}"
    group.mkdir(exist_ok=True)
    (group / "cpu.cfs_period_us").write_text("20000")
    (group / "cpu.cfs_quota_us").write_text(str(int(20000 * megabytes / 1769)))
    for arm in arms:
        arm.command = ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh", *arm.command]
    try:
        yield
    finally:
        time.sleep(0.2)  # until the group is empty
        group.rmdir()


def needs_groups(part):
    """The part, skipped where nothing can be held to a share of a core."""

    @functools.wraps(part)
    def measured(backend, options):
        if not os.access(GROUPS / "cpu.cfs_quota_us", os.W_OK):
            return {"skipped": "no cpu controller of cgroup v1 that can be written"}
        return part(backend, options)

    return measured


@needs_groups
def memory(backend, options):
    """A start and a later answer by memory size."""
    results = {}
    for megabytes in MEMORY_SIZES:
        arms = [ours_with_cache(backend, function) for function in FUNCTIONS]
        arms += [ours_on_java25(backend, function) for function in ONE_OF_EACH_KIND]
        events = {arm.name: [event_of(arm.name.split(",")[0])] * 10 for arm in arms}
        arms.append(python_peer(backend, PEER, "fastapi_app.handler"))
        events[PEER] = [event("get-item")] * 10
        with with_memory(megabytes, arms):
            results[megabytes] = measure(arms, max(2, options.starts // 3), events, memory_mb=megabytes)
    return results


@needs_groups
def life(backend, options):
    """A hundred answers from the start on, at 1,024 MB: what an environment that isn't called often costs."""
    priced = (*ONE_OF_EACH_KIND, "ListItems", "CreateItem")
    arms = [packaged(backend, function) for function in priced for packaged in (ours_with_cache, ours_on_java25)]
    events = {arm.name: [event_of(arm.name.split(",")[0])] * 100 for arm in arms}
    for function, peer in (
        ("GetItem", python_peer(backend, PEER, "fastapi_app.handler")),
        ("GetItem", java_peer(backend, "tutorial Java", "tutorial.GetItem", TUTORIAL / "classes")),
        *(("GetItem", peer) for peer in framework_peers(backend)),
        ("SendNotification", python_peer(backend, "FastAPI BackgroundTasks", "fastapi_app.handler", "SendNotification")),
    ):
        arms.append(peer)
        events[peer.name] = [event_of(function)] * 100
    with with_memory(1024, arms):
        return measure(arms, options.starts, events)


def lines(command, **environment):
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **environment}, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def in_process(backend, options):
    """Events answered a second on one core, without a backend: JMH on our handlers, Mangum with FastAPI."""
    result = WORK / "jmh.json"
    results = {"load_before": os.getloadavg()[0], "ours": {}}
    few = ["-wi", "1", "-i", "2", "-f", "1"] if options.quick else ["-f", "1"]
    for name, flags in {"C1, as deployed": "-XX:TieredStopAtLevel=1", "C2": "-XX:+TieredCompilation"}.items():
        subprocess.run(
            ["taskset", "-c", "0", *java("org.openjdk.jmh.Main", "EdgeBenchmark", *few, "-prof", "gc", "-rf", "json", "-rff", result,
             "-jvmArgs", f"{flags} -XX:+UseSerialGC -Devents={EVENTS} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow")],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for run in json.loads(result.read_text()):
            status = run["params"]["status"]
            allocated = run["secondaryMetrics"]["gc.alloc.rate.norm"]["score"]
            rates = spread([rate for fork in run["primaryMetric"]["rawData"] for rate in fork])
            results["ours"][f"{status}, {name}"] = {"per_second": rates, "bytes_each": allocated}
    peer = subprocess.run(
        ["taskset", "-c", "0", sys.executable, "-B", ROOT / "bench/in_process.py", EVENTS, "1" if options.quick else "2"],
        check=True, stdout=subprocess.PIPE, cwd=PYTHON_PEERS,
        env={**os.environ, "PYTHONPATH": str(PYTHON_PEERS), "AWS_DEFAULT_REGION": "us-east-1"},
    ).stdout  # fmt: skip
    results["FastAPI + Mangum"] = {status: spread(rates) for status, rates in json.loads(peer).items()}
    results["load_after"] = os.getloadavg()[0]
    return results


def batches(backend, options):
    """The consumer: a batch at once against the same jobs one after another."""
    load = os.getloadavg()[0]
    runs = lines(java("dev.asyncitems.bench.Batches", ROOT / "template.yaml", EVENTS, 1 if options.quick else 5))
    table = {}
    for run in runs:
        table.setdefault(run["engine"], {}).setdefault(str(run["batch"]), []).append(run)
    return {
        "load_before": load,
        "load_after": os.getloadavg()[0],
        **{
            engine: {
                size: {key: spread([run[key] for run in some]) for key in ("together", "one_by_one")}
                for size, some in sizes.items()
            }
            for engine, sizes in table.items()
        },
    }


def pages(backend, options):
    """A page of /items of small and large tables."""
    sizes = [1_000, 20_000 if options.quick else options.items]
    load = os.getloadavg()[0]
    runs = lines(java("dev.asyncitems.bench.Pages", ROOT / "template.yaml", EVENTS, *sizes, options=["-Xmx8g"]))
    return {"load_before": load, "load_after": os.getloadavg()[0], "tables": runs}


def milliseconds(text):
    """As wrk writes a time."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def local(backend, options):
    """The local run under wrk."""
    if not shutil.which("wrk"):
        return {"skipped": "wrk isn't installed"}
    port = "3999"
    output = (WORK / "local.log").open("w")  # not a pipe: it has a line for each request, and waits where nobody reads them
    run = subprocess.Popen(
        java("dev.asyncitems.local.Main", ROOT / "template.yaml", "--parameter", "Access=open", "--port", port), stdout=output, stdin=subprocess.DEVNULL
    )
    try:
        while "Ctrl-C" not in Path(output.name).read_text():
            if run.poll() is not None:
                sys.exit(Path(output.name).read_text())
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}/items"
        created = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%header{location}", "--json", '{"name": "Lamp", "price": 12.5}', url],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip
        routes = {"GET /items/{id}": f"http://127.0.0.1:{port}{created}", "GET /items": url, "404": url + "x"}
        load, results = os.getloadavg()[0], {name: {"per_second": [], "p50": [], "p99": []} for name in routes}
        for turn in range(1 if options.quick else 4):
            for name, target in routes.items():
                out = subprocess.run(["wrk", "-t1", "-c8", "-d", "5s", "--latency", target], check=True, stdout=subprocess.PIPE, text=True).stdout
                if turn or options.quick:  # the first warms up
                    results[name]["per_second"].append(float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]))
                    results[name]["p50"].append(milliseconds(re.search(r"50%\s+(\S+)", out)[1]))
                    results[name]["p99"].append(milliseconds(re.search(r"99%\s+(\S+)", out)[1]))
        results = {name: {key: spread(values) for key, values in route.items()} for name, route in results.items()}
        return {"load_before": load, "load_after": os.getloadavg()[0], "routes": results}
    finally:
        run.terminate()
        run.wait()


PARTS = {part.__name__: part for part in (starts, warm, notification, functions, memory, life, in_process, batches, pages, local)}


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures async-items and its peers on this machine.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure, all without it: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="few starts, to try it; writes to target/bench instead of docs/benchmarks")
    parser.add_argument("--starts", type=int, default=15, help="of each arm (15)")
    parser.add_argument("--items", type=int, default=1_000_000, help="in the larger table of the part pages (1,000,000)")
    parser.add_argument("--no-build", action="store_true", help="measures what an earlier run built")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    options.later, options.processes = (100, 1) if options.quick else (12_000, 5)
    if options.quick:
        options.starts = min(options.starts, 2)
    if not options.no_build:
        build()
    folder = WORK if options.quick else ROOT / "docs/benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results["machine"] = {"cores": os.cpu_count(), "kernel": platform.release(), "java": (jdk() / "release").read_text().split('IMPLEMENTOR_VERSION="')[1].split('"')[0], "python": platform.python_version()}  # fmt: skip
    results["sizes"] = {
        **{path.name: path.stat().st_size for path in sorted(WORK.glob("*.zip"))},
        "provided, unpacked": sum(f.stat().st_size for f in (WORK / "provided").rglob("*") if f.is_file()),
    }
    for name in options.parts or PARTS:
        print(f"-- {name}: {PARTS[name].__doc__}", flush=True)
        with Backend() as backend:  # without the rows and jobs of the part before
            results[name] = PARTS[name](backend, options)
        path.write_text(json.dumps(results, indent=1) + "\n")
    report.write(results, folder)


if __name__ == "__main__":
    main()
