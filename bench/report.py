"""The tables and plots of results.json."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "async-items"  # the same figures give the same file
import matplotlib.pyplot as plt  # noqa: E402

import cost  # noqa: E402
from arms import BACKGROUND_TASKS, EMPTY_JAVA, EMPTY_PYTHON, FASTAPI, MANAGED, OWN_RUNTIME, TUTORIAL_JAVA  # noqa: E402

PEERS = {  # the arm whose figures an arm's are divided by, where it isn't FastAPI
    f"GetItem, {MANAGED}": TUTORIAL_JAVA,
    f"SendNotification, {OWN_RUNTIME}": BACKGROUND_TASKS,
    f"SendNotification, {MANAGED}": BACKGROUND_TASKS,
}


def span(spread, factor=1000, form=",.0f"):
    """Median (least-most), in ms of seconds unless told."""
    median, least, most = (format(spread[key] * factor, form) for key in ("median", "min", "max"))
    return f"{median} ({least}-{most})"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def starts_table(measured, default_peer=FASTAPI):
    arms = measured["arms"]

    def ratio(name, key):
        peer = PEERS.get(name, default_peer)
        if peer not in arms or peer == name:
            return ""
        return f"{arms[name][key]['median'] / arms[peer][key]['median']:.2f}"

    rows = []
    for name, arm in arms.items():
        peer = PEERS.get(name, default_peer)
        rows.append(
            [name, span(arm["init"]), span(arm["first"]), span(arm["cpu"]), span(arm["rss"], 1e-6),
             ratio(name, "first"), ratio(name, "cpu"), peer if peer in arms and peer != name else ""]
        )  # fmt: skip
    heads = ["", "init, ms", "first answer, ms", "CPU, ms", "peak MB", "wall : peer", "CPU : peer", "peer"]
    return table(heads, rows) + how(measured)


def how(measured):
    each = f"{measured['starts']} starts each, taking turns; " if "starts" in measured else ""
    return f"\n{each}load {measured['load_before']:.1f} before, {measured['load_after']:.1f} after.\n"


def warm_table(measured):
    arms = measured["arms"]

    def less(name):
        """Seconds of an answer's median beyond what an empty function of the language takes."""
        empty = arms.get(EMPTY_PYTHON if "Python" in name or "FastAPI" in name else EMPTY_JAVA)
        return arms[name]["later"]["p50"] - empty["later"]["p50"] if empty else None

    rows = []
    for name, arm in arms.items():
        p50, p99 = arm["later"]["p50"], arm["later"]["p99"]
        row = [name, span({**arm["later"]["p50_by_process"], "median": p50}, form=".2f"), f"{p99 * 1000:.2f}", f"{p99 / p50:.1f}",
               span(arm["later_cpu"], form=".2f"), span(arm["peak_rss"], 1e-6), f"{arm['later']['n']:,}"]  # fmt: skip
        if FASTAPI in arms:
            row[4:4] = [f"{less(name) * 1000:.2f}", f"{less(name) / less(FASTAPI):.2f}"]
        rows.append(row)
    heads = ["", "p50, ms (by process)", "p99, ms", "p99 : p50", "CPU each, ms", "peak MB", "answers"]
    if FASTAPI in arms:
        heads[4:4] = ["p50 less the empty one's", "that : FastAPI's"]
    return table(heads, rows) + how(measured)


def starts(results, folder, write):
    for cores, measured in results.items():
        write(f"### GetItem, on {cores}\n\n" + starts_table(measured))
    names = list(results["two cores"]["arms"])[::-1]
    figure, axes = plt.subplots(figsize=(8, 0.5 * len(names)))
    for offset, (cores, measured) in zip((0.2, -0.2), results.items()):
        first = [measured["arms"][name]["first"] for name in names]
        values = [f["median"] * 1000 for f in first]
        errors = [[v - f["min"] * 1000 for v, f in zip(values, first)], [f["max"] * 1000 - v for v, f in zip(values, first)]]
        axes.barh([i + offset for i in range(len(names))], values, 0.4, xerr=errors, label=cores, error_kw={"lw": 0.8})
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("ms from the start of the process to the first answer: median, least and most")
    axes.legend(fontsize="small")
    save(figure, folder, "starts")
    write("![starts](starts.svg)\n")


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


def warm(results, folder, write):
    write("### GetItem, warm\n\n" + warm_table(results))
    figure, axes = plt.subplots(figsize=(8, 3.8))
    for name, arm in results["arms"].items():
        if arm.get("curve"):
            axes.plot([int(n) for n in arm["curve"]], [p50 * 1000 for p50 in arm["curve"].values()], marker=".", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("answers that the process has given")
    axes.set_ylabel("ms, median")
    axes.legend(fontsize="x-small", ncols=2)
    save(figure, folder, "warm")
    write("![warm](warm.svg)\n")


def notification(results, folder, write):
    write("### POST /notifications, beside a background task\n\n" + starts_table(results["starts"], BACKGROUND_TASKS))
    write(warm_table(results["warm"]))


def functions(results, folder, write):
    def cells(arm):
        classes = f"{arm['classes']['loaded']:,} ({arm['classes']['cached'] / arm['classes']['loaded']:.1%})"
        return [span(arm["first"]), span(arm["cpu"]), span(arm["rss"], 1e-6), classes]

    rows = []
    for name, managed in results["arms"].items():
        if name.endswith(MANAGED):
            own = results["arms"].get(name.replace(MANAGED, OWN_RUNTIME))
            rows.append([name.split(",")[0], *(cells(own) if own else [""] * 4), *cells(managed)])
    columns = ["first, ms", "CPU, ms", "peak MB", "classes (from a cache)"]
    heads = ["", *(f"{OWN_RUNTIME}: {columns[0]}", *columns[1:]), *(f"{MANAGED}: {columns[0]}", *columns[1:])]
    write("### Every function\n\n" + table(heads, rows) + how(results))


def memory(results, folder, write):
    sizes = list(results)
    rows, series = [], {}
    for name in results[sizes[0]]["arms"]:
        arms = [results[size]["arms"][name] for size in sizes]
        rows.append([name, *(f"{span(arm['first'])}, {arm['later']['p50'] * 1000:.1f}" for arm in arms)])
        rows[-1].append(f"{max(arm['peak_rss']['max'] for arm in arms) / 1e6:.0f}")
        series[name] = [(int(size), arm["first"]["median"] * 1000) for size, arm in zip(sizes, arms)]
    heads = ["first answer, then a later one's median, ms", *(f"{size} MB" for size in sizes), "most MB"]
    write("### By memory size\n\n" + table(heads, rows) + how(list(results.values())[-1]))
    figure, axes = plt.subplots(figsize=(8, 3.8))
    for name, points in series.items():
        colour = "C2" if name == FASTAPI else "C1" if name.endswith(MANAGED) else "C0"
        axes.plot(*zip(*points), marker=".", lw=1, color=colour)
    for colour, label in (("C0", f"{OWN_RUNTIME}, every function"), ("C1", f"{MANAGED}, four of them"), ("C2", FASTAPI)):
        axes.plot([], [], color=colour, label=label)
    axes.set_xlabel("MB; the share of a core is MB / 1,769")
    axes.set_ylabel("first answer, ms")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="small")
    save(figure, folder, "memory")
    write("![memory](memory.svg)\n")


def life(results, folder, write):
    rows = []
    for name, arm in results["arms"].items():
        last = {**arm["later"]["p50_by_process"], "median": arm["later"]["p50"]}
        lives = [span(arm["billed"][count], form=".1f") if count in arm["billed"] else "" for count in ("1", "10", "100", "1000")]
        rows.append([name, *lives, span(last, form=".1f"), span(arm["later_cpu"], form=".1f"), f"{arm['log_bytes']:,.0f}"])
    heads = ["billed ms an answer, of an environment's first", "1", "10", "100", "1,000", "median of the later half", "CPU each, ms", "bytes of log each"]
    write("### An environment's first answers, at 1,024 MB, 0.58 of a core\n\n" + table(heads, rows) + how(results))
    dollars = [[name, by, *(f"{dollar:.2f}" for dollar in (*some, sum(some)))] for name, by, *some in cost.rows(results)]
    write("### Dollars\n\n" + table(["a million", "by", "services, $", "time, $", "together, $"], dollars))


def in_process(results, folder, write):
    rows = []
    for name, run in results["ours"].items():
        ours, peer = run["per_second"], results[FASTAPI][name.split(",")[0]]
        rows.append([name, span(ours, 1), f"{run['bytes_each']:,.0f}", span(peer, 1), f"{ours['median'] / peer['median']:.1f}"])
    heads = ["answer, compiler", "events a second", "bytes allocated each", "FastAPI + Mangum", "times as many"]
    write("### In one process, on one core, without a backend\n\n" + table(heads, rows) + how(results))


def batches(results, folder, write):
    rows = []
    for name, sizes in results["tables"].items():
        for size, run in sizes.items():
            together, one_by_one = run["together"], run["one_by_one"]
            rows.append([name, f"{int(size):,}", span(together), span(one_by_one),
                         f"{one_by_one['median'] / together['median']:.1f}", f"{int(size) / together['median']:,.0f}"])  # fmt: skip
    heads = ["store, compiler", "jobs", "one batch, ms", "one after another, ms", "times as fast", "jobs a second"]
    write("### The consumer\n\n" + table(heads, rows) + how(results))


def pages(results, folder, write):
    smallest = results["tables"][0]
    rows = [[f"{run['items']:,}", run["read"], span(run, form=".2f"), f"{run['median'] / smallest['median']:.2f}"] for run in results["tables"]]
    write("### A page of /items\n\n" + table(["items in the table", "rows read", "ms, of 200 pages", "times the smallest's"], rows) + how(results))


def local(results, folder, write):
    rows = [[name, span(run["per_second"], 1), *(span(run[key], 1, ".2f") for key in ("p50", "p99"))] for name, run in results["routes"].items()]
    write("### The local run, by wrk with 8 connections\n\n" + table(["route", "requests a second", "p50, ms", "p99, ms"], rows) + how(results))


PARTS = {part.__name__: part for part in (starts, warm, notification, functions, memory, life, in_process, batches, pages, local)}


def write(results, folder):
    """Writes results.md and the plots beside results.json."""
    parts = [
        "# Results\n",
        "Written by `bench/run`; what they mean: [benchmarks](../benchmarks.md). Each figure is a median (least-most).\n",
        table(["artifact", "bytes"], [[name, f"{size:,}"] for name, size in results["sizes"].items()]),
    ]
    rows = [[name, run["commit"], run["at"], f"{run['seconds']:,}", run["machine"]] for name in PARTS if (run := results.get(name))]
    for name, part in PARTS.items():
        measured = results.get(name, {}).get("measured", {})
        if "skipped" in measured:
            parts.append(f"The part {name} was skipped: {measured['skipped']}.\n")
        elif measured:
            part(measured, folder, parts.append)
    parts.append("### Runs\n\n" + table(["part", "commit", "when", "seconds", "on"], rows))
    (folder / "results.md").write_text("\n".join(parts))
