"""Measures everything in docs/benchmarks.md. Run by bench/run, which documents the options."""

import argparse
import contextlib
import functools
import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import arms
import report
from arms import DOCS, EVENTS, FRAMEWORKS, FUNCTIONS, MANAGED, OWN_RUNTIME, PYTHON_PEERS, ours
from backend import ROOT, WORK, Backend, java, jdk

RESULTS = ROOT / "docs/benchmarks"


def maven(*arguments, folder=ROOT):
    print("mvn", *arguments, flush=True)
    subprocess.run(["mvn", "-B", "-ntp", "-q", *arguments], cwd=folder, check=True, stdout=sys.stderr)


def build(frameworks):
    """Builds and unpacks both packagings, the Java benchmarks, and the Java peers on these frameworks."""
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
    for name, (folder, deployed, _) in frameworks.items():
        try:
            maven("package", folder=ROOT / "bench/peers" / folder)
        except subprocess.CalledProcessError:
            print(f"{name} is left out: it can't be built here.", flush=True)
            continue
        shutil.copy(ROOT / "bench/peers" / folder / "target" / deployed, WORK / f"{folder}.zip")
        subprocess.run(["unzip", "-q", WORK / f"{folder}.zip", "-d", WORK / folder], check=True)


def measure(measured, starts, count, **limits):
    """Starts each arm this many times, interleaved, for a number of responses. `count`: by arm name, or for all."""

    def each(order):
        return {arm.name: arm.answers(count[arm.name] if isinstance(count, dict) else count, **limits) for arm in order}

    return {**sampled(measured, starts, each), "cpus": limits.get("cpus", "all")}


TURN = 200  # answers


def measure_warm(measured, processes, count):
    """Measures several processes of each arm, with interleaved responses: one process runs while the others are frozen."""

    def each(order):
        events = {arm.name: arm.events(count) for arm in order}
        with contextlib.ExitStack() as running:
            functions = {}
            for arm in order:
                functions[arm.name] = running.enter_context(arm.started())
                functions[arm.name].freeze()
            for begin in range(0, count, TURN):
                for name, function in functions.items():
                    function.answer(events[name][begin : begin + TURN])
        for arm in order:
            arm.check(functions[arm.name].sample)
        return {name: function.sample for name, function in functions.items()}

    return sampled(measured, processes, each)


def sampled(measured, rounds, each):
    """Returns the samples of several rounds. Each round measures every arm, beginning with a different one."""
    samples = {arm.name: [] for arm in measured}
    load = os.getloadavg()[0]
    for turn in range(rounds):
        first = turn % len(measured)
        for name, sample in each([*measured[first:], *measured[:first]]).items():
            samples[name].append(sample)
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


CURVE = [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000, 12_000]  # response numbers of a process at which a value is reported
LIVES = (1, 10, 100, 1_000, 10_000)  # responses per environment


def billed(sample, count):
    """Returns the billed seconds per response, in whole milliseconds, with the start ("AWS Lambda Pricing")."""
    return sum(math.ceil(answer * 1000) for answer in (sample.first, *sample.later[: count - 1])) / 1000 / count


def summary(samples):
    answers = len(samples[0].answers)
    result = {
        "snapshot": spread([s.snapshot for s in samples]),
        "init": spread([s.init for s in samples]),
        "first": spread([s.first for s in samples]),
        "cpu": spread([s.first_cpu for s in samples]),
        "rss": spread([s.first_rss for s in samples]),
        "peak_rss": spread([s.peak_rss for s in samples]),
        "billed": {life: spread([billed(s, life) for s in samples]) for life in LIVES if life <= answers},
        # CloudWatch adds 26 bytes per event ("PutLogEvents").
        "log_bytes": statistics.median((len(s.log.encode()) + 26 * s.log.count("\n")) / answers for s in samples),
    }
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
            if end <= answers:
                result["curve"][end] = statistics.median(answer for s in samples for answer in s.later[begin:end])
    return result


def with_backend(part):
    """Runs a part with its own engines, without the rows and messages of earlier parts."""

    @functools.wraps(part)
    def measured(options):
        with Backend() as backend:
            # Lets the JVM compile the engines' code, which would otherwise slow down the first arm.
            arms.plain_python(backend).answers(100 if options.quick else 5_000)
            return part(backend, options)

    return measured


ONE_OF_EACH_KIND = ("GetItem", "SendNotification", "LogNotifications")


@with_backend
def starts(backend, options):
    """GetItem in each packaging and its peers."""
    measured = [
        ours(backend, OWN_RUNTIME, "GetItem"),
        arms.fastapi(backend),
        ours(backend, MANAGED, "GetItem"),
        arms.restored(backend),
        arms.tutorial(backend),
        *arms.frameworks(backend),
        arms.plain_python(backend),
        arms.empty_java(backend),
        arms.empty_python(backend),
    ]
    return {
        "two cores": measure(measured, options.starts, 3),
        "one core": measure(measured, options.starts, 3, cpus="0"),
    }


@with_backend
def warm(backend, options):
    """Warm responses: the second half of 12,000, because the JVM keeps compiling for thousands."""
    measured = [
        ours(backend, OWN_RUNTIME, "GetItem"),
        arms.fastapi(backend),
        ours(backend, MANAGED, "GetItem"),
        arms.restored(backend),
        arms.empty_java(backend),
        arms.empty_python(backend),
    ]
    return measure_warm(measured, options.processes, options.warm_answers)


@with_backend
def notification(backend, options):
    """The notification's route beside a background task of FastAPI's."""
    measured = [
        ours(backend, OWN_RUNTIME, "SendNotification"),
        arms.background_tasks(backend),
        ours(backend, MANAGED, "SendNotification"),
    ]
    return {
        "starts": measure(measured, options.starts, 2),
        "warm": measure_warm(measured, options.processes, options.warm_answers // 4),
    }


@with_backend
def functions(backend, options):
    """Every function, in both packagings, and the classes that a start loads."""
    some = ONE_OF_EACH_KIND if options.quick else FUNCTIONS
    measured = [ours(backend, packaging, function) for function in some for packaging in (OWN_RUNTIME, MANAGED)]
    measured.append(ours(backend, MANAGED, DOCS))
    results = measure(measured, options.starts, 2)
    log = WORK / "classes.log"
    for arm in measured:
        arm.environment["JAVA_TOOL_OPTIONS"] += f" -Xlog:class+load:file={log}"
        arm.answers(1)
        loaded = [line for line in log.read_text().splitlines() if " source: " in line]
        results["arms"][arm.name]["classes"] = {"loaded": len(loaded), "cached": sum("shared objects file" in line for line in loaded)}
    return results


MEMORY_SIZES = (256, 512, 1024, 1769)
OFFERED = 512  # MB, the smallest in the template; smaller sizes are tried only with GetItem
GROUPS = Path("/sys/fs/cgroup/cpu")


@contextlib.contextmanager
def with_memory(megabytes, measured):
    """Limits the arms' processes to the share of a core that Lambda gives for this memory: one core for 1,769 MB."""
    group = GROUPS / f"async-items-bench-{megabytes}"
    group.mkdir(exist_ok=True)
    (group / "cpu.cfs_period_us").write_text("20000")
    (group / "cpu.cfs_quota_us").write_text(str(int(20000 * megabytes / 1769)))
    for arm in measured:
        arm.command = ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh", *arm.command]
    try:
        yield
    finally:
        while (group / "cgroup.procs").read_text():
            time.sleep(0.1)
        group.rmdir()


def needs_groups(part):
    """Runs a part, or skips it if the share of a core can't be limited."""

    @functools.wraps(part)
    def measured(options):
        if not os.access(GROUPS / "cpu.cfs_quota_us", os.W_OK):
            return {"skipped": "no cpu controller of cgroup v1 that can be written"}
        return part(options)

    return measured


@needs_groups
@with_backend
def memory(backend, options):
    """A start and later answers by memory size."""
    results = {}
    for megabytes in MEMORY_SIZES:
        own, managed = (FUNCTIONS, (*ONE_OF_EACH_KIND, DOCS)) if megabytes >= OFFERED else (("GetItem",), ("GetItem",))
        measured = [ours(backend, OWN_RUNTIME, function) for function in own]
        measured += [ours(backend, MANAGED, function) for function in managed]
        measured.append(arms.fastapi(backend))
        with with_memory(megabytes, measured):
            results[megabytes] = measure(measured, options.starts, 10, memory_mb=megabytes)
    return results


PRICED = (
    ("ListItems", False), ("CreateItem", False), ("CreateItem", True), ("SendNotification", False), ("LogNotifications", False),
    ("RelayOutbox", False),
)  # fmt: skip


@needs_groups
@with_backend
def cold(backend, options):
    """The first answer at 1,024 MB, of each way to start and of two Python functions."""
    measured = [
        arms.restored(backend), ours(backend, MANAGED, "GetItem"), ours(backend, OWN_RUNTIME, "GetItem"), arms.fastapi(backend),
        arms.plain_python(backend),
    ]  # fmt: skip
    with with_memory(1024, measured):
        return measure(measured, options.starts, 10)


@needs_groups
@with_backend
def life(backend, options):
    """Responses from the start, at 1,024 MB: the cost of an environment that is rarely called."""
    by_thousands = [
        ours(backend, OWN_RUNTIME, "GetItem"), ours(backend, MANAGED, "GetItem"), arms.restored(backend), arms.fastapi(backend),
        arms.tutorial(backend), arms.plain_python(backend),
    ]  # fmt: skip
    measured = [*by_thousands, *arms.frameworks(backend), arms.fastapi_create(backend)]
    for function, with_key in PRICED:
        measured += [ours(backend, packaging, function, with_key) for packaging in (OWN_RUNTIME, MANAGED)]
    measured.append(arms.background_tasks(backend))
    count = {arm.name: 1_000 if arm in by_thousands and not options.quick else 100 for arm in measured}
    with with_memory(1024, measured):
        return measure(measured, options.starts, count)


@needs_groups
@with_backend
def long_life(backend, options):
    """The same up to 10,000 responses."""
    measured = [ours(backend, OWN_RUNTIME, "GetItem"), ours(backend, MANAGED, "GetItem"), arms.restored(backend), arms.fastapi(backend)]
    with with_memory(1024, measured):
        return measure(measured, options.processes, min(options.warm_answers, 10_000))


@needs_groups
@with_backend
def imports(backend, options):
    """An import of 1,000 items and its chunks, beside POST /items, at 1,024 MB."""
    measured = [ours(backend, packaging, function) for packaging in (OWN_RUNTIME, MANAGED) for function in ("CreateItem", "CreateImport", "ImportItems")]
    count = {arm.name: 1_000 if arm.name.startswith("CreateItem") and not options.quick else 100 for arm in measured}
    with with_memory(1024, measured):
        return measure(measured, options.processes, count)


COMPILERS = dict(zip(report.COMPILERS, ("-XX:TieredStopAtLevel=1", "-XX:+TieredCompilation")))


def in_process(options):
    """Events per second on one core, without a backend: JMH for our handlers, Mangum with FastAPI."""
    result = WORK / "jmh.json"
    load = os.getloadavg()[0]
    rates, allocated, peers = {}, {}, {}
    few = ["-wi", "1", "-w", "1", "-i", "1", "-r", "1"] if options.quick else []
    for _ in range(1 if options.quick else 3):
        for name, flags in COMPILERS.items():
            subprocess.run(
                ["taskset", "-c", "0", *java("org.openjdk.jmh.Main", "HttpBenchmark", *few, "-f", "1", "-prof", "gc", "-rf", "json", "-rff", result,
                 "-jvmArgs", f"{flags} -XX:+UseSerialGC -Devents={EVENTS} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow")],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            for run in json.loads(result.read_text()):
                arm = f"{run['params']['status']}, {name}"
                rates.setdefault(arm, []).extend(rate for fork in run["primaryMetric"]["rawData"] for rate in fork)
                allocated[arm] = run["secondaryMetrics"]["gc.alloc.rate.norm"]["score"]
        peer = subprocess.run(
            ["taskset", "-c", "0", sys.executable, "-B", ROOT / "bench/in_process.py", EVENTS, "1" if options.quick else "2"],
            check=True, stdout=subprocess.PIPE, cwd=PYTHON_PEERS,
            env={**os.environ, "PYTHONPATH": str(PYTHON_PEERS), "AWS_DEFAULT_REGION": "us-east-1"},
        ).stdout  # fmt: skip
        for status, some in json.loads(peer).items():
            peers.setdefault(status, []).extend(some)
        print(".", end="", flush=True)
    print(flush=True)
    return {
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "ours": {arm: {"per_second": spread(some), "bytes_each": allocated[arm]} for arm, some in rates.items()},
        arms.FASTAPI: {status: spread(some) for status, some in peers.items()},
    }


def lines(command):
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def batches(options):
    """The consumer: a batch compared with the same messages one after another."""
    load = os.getloadavg()[0]
    runs = {}
    with subprocess.Popen(java("dev.asyncitems.bench.Stub"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stub:
        port = stub.stdout.readline().strip()
        for _ in range(1 if options.quick else 3):
            for compiler, flags in COMPILERS.items():
                for run in lines(java("dev.asyncitems.bench.Batches", ROOT / "template.yaml", EVENTS, port, options=[flags])):
                    runs.setdefault(f"{run['engine']}, {compiler}", {}).setdefault(str(run["batch"]), []).append(run)
                print(".", end="", flush=True)
    print(flush=True)
    tables = {
        name: {size: {key: spread([run[key] for run in some]) for key in ("together", "one_by_one")} for size, some in sizes.items()}
        for name, sizes in sorted(runs.items(), reverse=True)
    }
    return {"load_before": load, "load_after": os.getloadavg()[0], "tables": tables}


def pages(options):
    """A page of /items of small and large tables."""
    sizes = [1_000, 20_000 if options.quick else options.items]
    load = os.getloadavg()[0]
    runs = lines(java("dev.asyncitems.bench.Pages", ROOT / "template.yaml", EVENTS, *sizes, options=["-Xmx8g"]))
    return {"load_before": load, "load_after": os.getloadavg()[0], "tables": runs}


def milliseconds(text):
    """Parses a time in wrk's format."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def local(options):
    """The local run under wrk."""
    if not shutil.which("wrk"):
        return {"skipped": "wrk isn't installed"}
    port = "3999"
    output = (WORK / "local.log").open("w")  # not a pipe, which would block when nobody reads the line of each request
    run = subprocess.Popen(
        java("dev.asyncitems.local.Main", ROOT / "template.yaml", "--parameter", "Access=open", "--port", port), stdout=output, stdin=subprocess.DEVNULL
    )
    try:
        while "Ctrl-C" not in Path(output.name).read_text():
            if run.poll() is not None:
                sys.exit(Path(output.name).read_text())
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}/items"
        for _ in range(arms.PAGE):
            created = subprocess.run(
                ["curl", "-s", "-o", "/dev/null", "-w", "%header{location}", "--json", '{"name": "Lamp", "price": 12.5}', url],
                check=True, stdout=subprocess.PIPE, text=True,
            ).stdout  # fmt: skip
        routes = {"GET /items/{id}": f"http://127.0.0.1:{port}{created}", f"GET /items, {arms.PAGE} of them": f"{url}?limit={arms.PAGE}", "404": url + "x"}
        load, results = os.getloadavg()[0], {name: {"per_second": [], "p50": [], "p99": []} for name in routes}
        for turn in range(1 if options.quick else 4):
            for name, target in routes.items():
                out = subprocess.run(["wrk", "-t1", "-c8", "-d", "5s", "--latency", target], check=True, stdout=subprocess.PIPE, text=True).stdout
                if ("Non-2xx" in out) != (name == "404") or "Socket errors" in out:
                    sys.exit(f"{name}: {out}")
                if turn or options.quick:  # the first warms up
                    results[name]["per_second"].append(float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]))
                    results[name]["p50"].append(milliseconds(re.search(r"^ +50% +(\S+)", out, re.MULTILINE)[1]))
                    results[name]["p99"].append(milliseconds(re.search(r"^ +99% +(\S+)", out, re.MULTILINE)[1]))
        results = {name: {key: spread(values) for key, values in route.items()} for name, route in results.items()}
        return {"load_before": load, "load_after": os.getloadavg()[0], "routes": results}
    finally:
        run.terminate()
        run.wait()


PARTS = {part.__name__: part for part in (starts, warm, notification, functions, memory, cold, life, long_life, imports, in_process, batches, pages, local)}
assert list(PARTS) == list(report.PARTS)


def commit():
    """Returns the measured commit, and whether files other than the results differ from it."""

    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/benchmarks")
    return git("describe", "--always") + ("-dirty" if changed else "")


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures async-items and its peers on this machine.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure, all without it: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="one start of each arm, few functions and no framework, to try it; writes to target/bench instead of docs/benchmarks")
    parser.add_argument("--starts", type=int, default=15, help="of each arm (15)")
    parser.add_argument("--items", type=int, default=1_000_000, help="in the larger table of the part pages (1,000,000)")
    parser.add_argument("--no-build", action="store_true", help="measures what an earlier run built")
    parser.add_argument("--report", nargs="?", const=RESULTS, type=Path, metavar="FOLDER", help="measures nothing: writes the tables and plots of its results.json")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    if options.quick:
        options.starts = 1
    options.warm_answers, options.processes = (100, 1) if options.quick else (12_000, max(1, options.starts // 3))
    folder = options.report or (WORK if options.quick else RESULTS)
    if not options.report:
        if not options.no_build:
            build({} if options.quick else FRAMEWORKS)
        run(options, folder)
    report.write(json.loads((folder / "results.json").read_text()), folder)


def run(options, folder):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results["sizes"] = {
        **results.get("sizes", {}),
        **{path.name: path.stat().st_size for path in sorted(WORK.glob("*.zip"))},
        "provided, unpacked": sum(f.stat().st_size for f in (WORK / "provided").rglob("*") if f.is_file()),
    }
    for name in options.parts or PARTS:
        print(f"-- {name}: {PARTS[name].__doc__}", flush=True)
        begin = time.monotonic()
        part = {
            "commit": commit(),
            "at": datetime.now(timezone.utc).isoformat(timespec="minutes"),
            "machine": f"{os.cpu_count()} cores, Linux {platform.release()}, {java_version()}, Python {platform.python_version()}",
            "measured": PARTS[name](options),
            "seconds": round(time.monotonic() - begin),
        }
        if skipped := part["measured"].get("skipped"):
            print(f"skipped: {skipped}", flush=True)
            part = results.get(name, part)  # keeps parts that were measured elsewhere
        results[name] = part
        path.write_text(json.dumps(results, indent=1) + "\n")


def java_version():
    return re.search('IMPLEMENTOR_VERSION="(.*)"', (jdk() / "release").read_text())[1]


if __name__ == "__main__":
    main()
