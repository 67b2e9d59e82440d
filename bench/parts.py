"""The parts of bench/run. Each measures its arms in turns and returns its figures: a list per figure, with one value per round."""

import contextlib
import functools
import json
import math
import os
import statistics
import subprocess
import sys
import time

import arms
import shares
from arms import DEPLOYED, DOCS, EVENTS, FUNCTIONS, MANAGED, OWN_RUNTIME, PYTHON_PEERS, ours
from backend import ROOT, WORK, Backend, java

CURVE = [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 4_000, 8_000]  # response numbers of a process at which a value is reported
LIVES = (1, 10, 100, 1_000)  # responses per environment
TURN = 200  # responses of a process before the next one's turn
# A Python process is as fast at its first response as at its last. It has one turn of so many, so that the part takes less time.
PYTHON_TURNS = 4
COMPILERS = {DEPLOYED: "-XX:TieredStopAtLevel=1", "C2": "-XX:+TieredCompilation"}


class Rounds:
    """Repeats a measurement of all arms, each round with another one first, and shows the progress."""

    def __init__(self, measured, count):
        self._measured, self._count = measured, count

    def __iter__(self):
        begin = time.monotonic()
        for done in range(self._count):
            first = done % len(self._measured)
            yield [*self._measured[first:], *self._measured[:first]]
            left = (time.monotonic() - begin) / (done + 1) * (self._count - done - 1)
            print(f"  round {done + 1} of {self._count}, {left / 60:.1f} minutes left", end="\r" if sys.stdout.isatty() else "\n", flush=True)
        print(flush=True)


def measure(measured, rounds, count, keep=None, **limits):
    """Starts each arm once a round, for a number of responses. `count`: by arm name, or for all. `keep`: the figures to return, or all."""
    samples = {arm.name: [] for arm in measured}
    load = os.getloadavg()[0]
    for order in Rounds(measured, rounds):
        for arm in order:
            samples[arm.name].append(arm.answers(count[arm.name] if isinstance(count, dict) else count, **limits))
    return figures(samples, rounds, load, keep)


def measure_warm(measured, rounds, count):
    """Starts each arm once a round. They answer in turns: one process runs while the others are frozen."""
    samples = {arm.name: [] for arm in measured}
    load = os.getloadavg()[0]
    for order in Rounds(measured, rounds):
        with contextlib.ExitStack() as running:
            functions = {}
            for arm in order:
                functions[arm] = running.enter_context(arm.started())
                functions[arm].freeze()
            events = {arm: arm.events(count) for arm in order}
            for turn in range(count // TURN):
                for arm, function in functions.items():
                    if not arm.python or turn % PYTHON_TURNS == 0:
                        function.answer(events[arm][turn * TURN : (turn + 1) * TURN])
        for arm, function in functions.items():
            arm.check(function.sample)
            samples[arm.name].append(function.sample)
    return figures(samples, rounds, load)


def figures(samples, rounds, load, keep=None):
    taken = {name: summary(some) for name, some in samples.items()}
    if keep:
        taken = {name: {key: values for key, values in arm.items() if key in keep} for name, arm in taken.items()}
    return {"rounds": rounds, "load_before": load, "load_after": os.getloadavg()[0], "arms": taken}


def rounded(value):
    return float(f"{value:.4g}")


def by_round(samples, value):
    return [rounded(value(sample)) for sample in samples]


def billed(sample, count):
    """Returns the billed seconds per response, in whole milliseconds, with the start ("AWS Lambda Pricing")."""
    return sum(math.ceil(answer * 1000) for answer in (sample.first, *sample.later[: count - 1])) / 1000 / count


def summary(samples):
    """Returns figures in seconds and bytes: those of a start, and those of the later half of responses, when a process is warm."""
    answers = len(samples[0].answers)
    result = {
        "init": by_round(samples, lambda s: s.init),
        "first": by_round(samples, lambda s: s.first),
        "cpu": by_round(samples, lambda s: s.first_cpu),
        "rss": by_round(samples, lambda s: s.first_rss),
        "peak_rss": by_round(samples, lambda s: s.peak_rss),
        "billed": {life: by_round(samples, lambda s: billed(s, life)) for life in LIVES if life <= answers},
        # CloudWatch adds 26 bytes per event ("PutLogEvents").
        "log_bytes": statistics.median((len(s.log.encode()) + 26 * s.log.count("\n")) / answers for s in samples),
    }
    if samples[0].snapshot:
        result["snapshot"] = by_round(samples, lambda s: s.snapshot)
    if answers > 1:
        warm = [sorted(s.later[len(s.later) // 2 :]) for s in samples]
        result["p50"] = by_round(warm, statistics.median)
        result["p99"] = by_round(warm, lambda some: some[int(len(some) * 0.99)])
        result["later_cpu"] = by_round(samples, lambda s: s.later_cpu / len(s.later))
    if answers > 1_000:
        result["curve"] = {
            end: rounded(statistics.median(answer for s in samples for answer in s.later[begin:end]))
            for begin, end in zip(CURVE, CURVE[1:])
            if end <= answers
        }
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


def needs_shares(part):
    """Runs a part, or skips it if the share of a core can't be limited."""

    @functools.wraps(part)
    def measured(options):
        return part(options) if shares.method() else {"skipped": shares.MISSING}

    return measured


def ways_to_start(backend):
    """GetItem by each way to start, and its peers, also from a snapshot."""
    return [
        arms.ours_restored(backend),
        ours(backend, OWN_RUNTIME, "GetItem"),
        ours(backend, MANAGED, "GetItem"),
        arms.fastapi_restored(backend),
        arms.fastapi(backend),
        arms.plain_python_restored(backend),
        arms.plain_python(backend),
    ]


@with_backend
def starts(backend, options):
    """The first answer of GetItem by each way to start, on whole cores."""
    plain = [ours(backend, OWN_RUNTIME, "GetItem", plain=True), arms.fastapi(backend, plain=True)]
    return {"TLS": measure(ways_to_start(backend), options.rounds, 3), "plain HTTP": measure(plain, options.rounds, 3)}


@needs_shares
@with_backend
def cold(backend, options):
    """The first hundred answers of GetItem by each way to start, with 1,024 MB."""
    return measure(ways_to_start(backend), options.rounds, 100, share=True)


@with_backend
def warm(backend, options):
    """Later answers: the second half of 8,000, because the JVM compiles for thousands."""
    measured = [
        ours(backend, OWN_RUNTIME, "GetItem"),
        ours(backend, MANAGED, "GetItem"),
        arms.ours_restored(backend),
        arms.fastapi(backend),
        arms.empty_java(backend),
        arms.empty_python(backend),
    ]
    return measure_warm(measured, options.processes, options.warm_answers)


@with_backend
def frameworks(backend, options):
    """GetItem beside Java functions by other means."""
    measured = [ours(backend, MANAGED, "GetItem"), arms.tutorial(backend), *arms.frameworks(backend), arms.empty_java(backend), arms.empty_python(backend)]
    return measure(measured, options.fewer_rounds, 3)


@with_backend
def notification(backend, options):
    """POST /notifications beside a background task of FastAPI's."""
    measured = [ours(backend, OWN_RUNTIME, "SendNotification"), ours(backend, MANAGED, "SendNotification"), arms.background_tasks(backend)]
    return {
        "starts": measure(measured, options.fewer_rounds, 2),
        "warm": measure_warm(measured, options.few_rounds, max(TURN, options.warm_answers // 2)),
    }


ONE_OF_EACH_KIND = ("GetItem", "SendNotification", "LogNotifications")


@with_backend
def functions(backend, options):
    """Every function, in both packagings, and the classes that a start loads."""
    some = ONE_OF_EACH_KIND if options.quick else FUNCTIONS
    measured = [ours(backend, packaging, function) for function in some for packaging in (OWN_RUNTIME, MANAGED)]
    measured.append(ours(backend, MANAGED, DOCS))
    results = measure(measured, options.fewer_rounds, 1, keep=("first", "cpu", "rss"))
    log = WORK / "classes.log"
    for arm in measured:
        arm.environment["JAVA_TOOL_OPTIONS"] += f" -Xlog:class+load:file={log}"
        arm.answers(1)
        loaded = [line for line in log.read_text().splitlines() if " source: " in line]
        results["arms"][arm.name]["classes"] = {"loaded": len(loaded), "cached": sum("shared objects file" in line for line in loaded)}
    return results


MEMORY_SIZES = (256, 512, 1024, shares.CORE)
OFFERED = 512  # MB, the smallest in the template; smaller sizes are tried only with GetItem


@needs_shares
@with_backend
def memory(backend, options):
    """A start and later answers by memory size."""
    results = {}
    for megabytes in MEMORY_SIZES:
        some = ONE_OF_EACH_KIND if megabytes >= OFFERED else ("GetItem",)
        measured = [ours(backend, packaging, function) for packaging in (OWN_RUNTIME, MANAGED) for function in some]
        measured.append(arms.fastapi(backend))
        print(f"  {megabytes} MB")
        results[megabytes] = measure(measured, options.fewer_rounds, 10, keep=("first", "p50", "peak_rss"), share=True, memory_mb=megabytes)
    return results


OF_A_LIFE = ("billed", "p50", "later_cpu", "peak_rss", "log_bytes", "snapshot")  # figures
PRICED = (
    ("ListItems", False), ("CreateItem", False), ("CreateItem", True), ("SendNotification", False), ("LogNotifications", False),
    ("RelayOutbox", False),
)  # fmt: skip


@needs_shares
@with_backend
def life(backend, options):
    """All answers of an environment with 1,024 MB, its start included: what is billed."""
    by_thousands = [*ways_to_start(backend), arms.tutorial(backend)]
    measured = [*by_thousands, *arms.frameworks(backend), arms.fastapi_create(backend)]
    for function, with_key in PRICED:
        measured += [ours(backend, packaging, function, with_key) for packaging in (OWN_RUNTIME, MANAGED)]
    measured.append(arms.background_tasks(backend))
    count = {arm.name: 1_000 if arm in by_thousands and not options.quick else 100 for arm in measured}
    return measure(measured, options.fewer_rounds, count, keep=OF_A_LIFE, share=True)


@needs_shares
@with_backend
def imports(backend, options):
    """An import of 1,000 items and its chunks, beside POST /items, with 1,024 MB."""
    measured = [ours(backend, packaging, function) for packaging in (OWN_RUNTIME, MANAGED) for function in ("CreateItem", "CreateImport", "ImportItems")]
    count = {arm.name: 1_000 if arm.name.startswith("CreateItem") and not options.quick else 100 for arm in measured}
    return measure(measured, options.processes, count, keep=OF_A_LIFE, share=True)


def in_process(options):
    """Events per second on one core, without a backend: JMH for our handlers, Mangum with FastAPI."""
    result = WORK / "jmh.json"
    load = os.getloadavg()[0]
    rates, allocated, peers = {}, {}, {}
    few = ["-wi", "1", "-w", "1", "-i", "1", "-r", "1"] if options.quick else []
    for _ in Rounds([None], options.few_rounds):
        for name, flags in COMPILERS.items():
            subprocess.run(
                ["taskset", "-c", "0", *java("org.openjdk.jmh.Main", "HttpBenchmark", *few, "-f", "1", "-prof", "gc", "-rf", "json", "-rff", result,
                                             "-jvmArgs", f"{flags} -XX:+UseSerialGC -Devents={EVENTS} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow")],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            for run in json.loads(result.read_text()):
                arm = f"{run['params']['status']}, {name}"
                measured = statistics.median(rate for fork in run["primaryMetric"]["rawData"] for rate in fork)
                rates.setdefault(arm, []).append(rounded(measured))
                allocated[arm] = run["secondaryMetrics"]["gc.alloc.rate.norm"]["score"]
        peer = subprocess.run(
            ["taskset", "-c", "0", sys.executable, "-B", ROOT / "bench/in_process.py", EVENTS, "1" if options.quick else "2"],
            check=True, stdout=subprocess.PIPE, cwd=PYTHON_PEERS,
            env={**os.environ, "PYTHONPATH": str(PYTHON_PEERS), "AWS_DEFAULT_REGION": "us-east-1"},
        ).stdout  # fmt: skip
        for status, some in json.loads(peer).items():
            peers.setdefault(status, []).append(rounded(statistics.median(some)))
    return {
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "ours": {arm: {"per_second": some, "bytes_each": allocated[arm]} for arm, some in rates.items()},
        arms.FASTAPI: peers,
    }


def lines(command):
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def batches(options):
    """The consumer: a batch compared with the same messages one after another."""
    load = os.getloadavg()[0]
    tables = {}
    with subprocess.Popen(java("dev.asyncitems.bench.Stub"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stub:
        port = stub.stdout.readline().strip()
        for _ in Rounds([None], options.few_rounds):
            for compiler, flags in COMPILERS.items():
                runs = {}
                for run in lines(java("dev.asyncitems.bench.Batches", ROOT / "template.yaml", EVENTS, port, options=[flags])):
                    runs.setdefault((f"{run['engine']}, {compiler}", str(run["batch"])), []).append(run)
                for (name, size), some in runs.items():
                    batch = tables.setdefault(name, {}).setdefault(size, {"together": [], "one_by_one": []})
                    for key, values in batch.items():
                        values.append(rounded(statistics.median(run[key] for run in some)))
    return {"load_before": load, "load_after": os.getloadavg()[0], "tables": dict(sorted(tables.items(), reverse=True))}


def pages(options):
    """A page of /items of small and large tables."""
    load = os.getloadavg()[0]
    runs = lines(java("dev.asyncitems.bench.Pages", ROOT / "template.yaml", EVENTS, 1_000, options.items, options=["-Xmx8g"]))
    return {"load_before": load, "load_after": os.getloadavg()[0], "tables": runs}


GOALS = (starts, cold, warm)  # what bench/run measures
ALL = (*GOALS, frameworks, notification, functions, memory, life, imports, in_process, batches, pages)
