"""The tables and plots of results.json."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "async-items"  # the same figures give the same file
import matplotlib.pyplot as plt  # noqa: E402

import cost  # noqa: E402
from arms import BACKGROUND_TASKS, EMPTY_JAVA, EMPTY_PYTHON, FASTAPI, MANAGED, OWN_RUNTIME, PLAIN_PYTHON, TUTORIAL_JAVA  # noqa: E402
from backend import LINES  # noqa: E402

DEPLOYED = "C1, as deployed"
COMPILERS = (DEPLOYED, "C2")


def span(spread, factor=1000, form=",.0f"):
    """Formats median (minimum-maximum); converts seconds to ms by default."""
    median, least, most = (format(spread[key] * factor, form) for key in ("median", "min", "max"))
    return f"{median} ({least}-{most})"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def starts_table(measured, peer=FASTAPI):
    arms = measured["arms"]

    def ratio(arm, key):
        # A start without its restore is not comparable.
        return "" if arm is arms[peer] or arm["snapshot"]["median"] else f"{arm[key]['median'] / arms[peer][key]['median']:.2f}"

    rows = [
        [name, span(arm["init"]), span(arm["first"]), span(arm["cpu"]), span(arm["rss"], 1e-6), ratio(arm, "first"), ratio(arm, "cpu")]
        for name, arm in arms.items()
    ]
    heads = ["", "init, ms", "first answer, ms", "CPU, ms", "peak MB", f"wall : {peer}", f"CPU : {peer}"]
    return table(heads, rows) + how(measured)


def how(measured):
    each = f"{measured['starts']} starts each, taking turns; " if "starts" in measured else ""
    taken = [arm["snapshot"] for arm in measured.get("arms", {}).values() if arm["snapshot"]["median"]]
    snapshots = "".join(
        f" Until its snapshot a process took {span(some, 1, '.0f')} s, which is not in the table, nor is a restore; the most memory that it had by then is."
        for some in taken
    )
    return f"\n{each}load {measured['load_before']:.1f} before, {measured['load_after']:.1f} after.{snapshots}\n"


def less_empty(arms, name):
    """Returns the median response time minus an empty function's in the same language, in seconds."""
    empty = arms[EMPTY_PYTHON if "Python" in name or name == FASTAPI else EMPTY_JAVA]
    return arms[name]["later"]["p50"] - empty["later"]["p50"]


def warm_table(measured):
    arms = measured["arms"]
    rows = []
    for name, arm in arms.items():
        p50, p99 = arm["later"]["p50"], arm["later"]["p99"]
        row = [name, span({**arm["later"]["p50_by_process"], "median": p50}, form=".2f"), f"{p99 * 1000:.2f}", f"{p99 / p50:.1f}",
               span(arm["later_cpu"], form=".2f"), span(arm["peak_rss"], 1e-6), f"{arm['later']['n']:,}"]  # fmt: skip
        if FASTAPI in arms:
            row[4:4] = [f"{less_empty(arms, name) * 1000:.2f}", f"{less_empty(arms, name) / less_empty(arms, FASTAPI):.2f}"]
        rows.append(row)
    heads = ["", "p50, ms (by process)", "p99, ms", "p99 : p50", "CPU each of all, ms", "peak MB", "answers"]
    if FASTAPI in arms:
        heads[4:4] = ["p50 less the empty one's", "that : FastAPI's"]
    return table(heads, rows) + how(measured)


def goals(results):
    """The table of performance goals, measurements and verdicts."""

    def of(part, *path):
        found = results.get(part, {}).get("measured", {})
        for key in path:
            found = found.get(key, {})
        return found

    def ratios(arms, key, name, peer):
        return arms[name][key]["median"] / arms[peer][key]["median"]

    own, managed = f"GetItem, {OWN_RUNTIME}", f"GetItem, {MANAGED}"
    two, one = of("starts", "two cores", "arms"), of("starts", "one core", "arms")
    if two:
        for goal, name, peer, key, limit in (
            (f"{OWN_RUNTIME}: the first answer in 0.6 of FastAPI's time, 0.45 aimed at", own, FASTAPI, "first", 0.6),
            (f"{OWN_RUNTIME}: by then 0.7 of its processor time", own, FASTAPI, "cpu", 0.7),
            (f"{MANAGED}: the first answer in 0.6 of the tutorial's time", managed, TUTORIAL_JAVA, "first", 0.6),
        ):
            ratio = ratios(two, key, name, peer)
            figures = f"{ratio:.2f}: {two[name][key]['median'] * 1000:,.0f} ms to {two[peer][key]['median'] * 1000:,.0f}; {ratios(one, key, name, peer):.2f} on one core"
            yield goal, figures, ratio <= limit
        peak = two[own]["rss"]["median"] / 1e6
        yield f"{OWN_RUNTIME}: 80 MB at most by the first answer", f"{peak:.0f} MB", peak <= 80
    if cold_arms := of("cold", "arms"):
        first = cold_arms[f"{managed}, from a snapshot"]["first"]
        yield f"{MANAGED} from a snapshot: the first answer in 50 ms at most at 1,024 MB, without the restore", f"{span(first)} ms", first["median"] <= 0.05
    if warm_arms := of("warm", "arms"):
        for packaging, name in ((OWN_RUNTIME, own), (MANAGED, managed), (f"{MANAGED} from a snapshot", f"{managed}, from a snapshot")):
            ratio = less_empty(warm_arms, name) / less_empty(warm_arms, FASTAPI)
            figures = f"{ratio:.2f}: {less_empty(warm_arms, name) * 1000:.2f} ms to {less_empty(warm_arms, FASTAPI) * 1000:.2f}"
            yield f"{packaging}: warm, after 6,000 answers, the median without an empty function's in 0.4 of FastAPI's time", figures, ratio <= 0.4
            later = warm_arms[name]["later"]
            yield f"{packaging}: warm, after 6,000 answers, p99 at most 4 times p50", f"{later['p99'] / later['p50']:.1f}", later["p99"] <= 4 * later["p50"]
    if own_rates := of("in_process", "ours"):
        times = [own_rates[f"{status}, {DEPLOYED}"]["per_second"]["median"] / of("in_process", FASTAPI, status)["median"] for status in ("404", "422")]
        goal = "in one process, without a backend: 10 times as many events a second as FastAPI"
        yield goal, " and ".join(f"{some:.1f} times" for some in times), min(times) >= 10
    if run := of("batches", "tables", f"stub, {DEPLOYED}", "100"):
        times = run["one_by_one"]["median"] / run["together"]["median"]
        yield "a batch of 100 jobs 20 times as fast as one after another, on a stub that takes 5 ms", f"{times:.1f} times", times >= 20
    if tables := of("pages", "tables"):
        small, large = tables[0], tables[-1]
        times = large["median"] / small["median"]
        goal = f"a page of {large['items']:,} items reads no more than one of {small['items']:,}, in 1.3 times the time"
        yield goal, f"{large['read']} rows to {small['read']}, {times:.2f} times", large["read"] <= small["read"] and times <= 1.3
    dollars = {(name, by): (services, time) for name, by, services, time, _ in dollars_of(results) if time is not None}
    for packaging in (OWN_RUNTIME, MANAGED):
        if (cost.IMPORTED, packaging) in dollars:
            imported, created = sum(dollars[cost.IMPORTED, packaging]), sum(dollars["POST /items", packaging])
            yield f"{packaging}: a million {cost.IMPORTED}: $3.40 at most", f"${imported:.2f}; by POST /items ${created:.2f}", imported <= 3.4
    if size := results["sizes"].get("java25.zip"):
        yield f"12 MB at most for {MANAGED}'s zip", f"{size / 1e6:.1f} MB", size <= 12_000_000


def dollars_of(results):
    """Returns the rows of the cost model, or none if the part life was not measured."""
    life, imported = (results.get(part, {}).get("measured", {}).get("arms") for part in ("life", "imports"))
    return list(cost.rows(life, imported)) if life else []


def dollars_table(results):
    rows = []
    for name, by, services, *times in dollars_of(results):
        cells = [services]
        for time in times:
            cells += (None, None) if time is None else (services + time, services + time * cost.ARM64)
        rows.append([name, by, *("" if dollars is None else f"{dollars:.2f}" for dollars in cells)])
    heads = [head for answers in cost.LIVES for head in (f"with time, by {answers:,} answers, $", "on arm64, $")]
    return table(["a million", "by", "services, $", *heads], rows)


def texts_table(results):
    """The table of what a million operations cost without the functions' time, by the size of their text."""
    rows = [
        [name, f"{bytes:,}", f"{reads:g}", f"{writes:g}", *(f"{dollars:.2f}" for dollars in cells)]
        for name, bytes, reads, writes, *cells in cost.by_text(results["life"]["measured"]["arms"])
    ]
    return table(["a million", "bytes of text", "read units", "write units", "services, $", "at WARN, $", "of it recovery, $"], rows)


def goals_table(results):
    return table(["goal", "reached", ""], [[goal, figures, "yes" if met else "**no**"] for goal, figures, met in goals(results)])


def starts(results, folder, write):
    for cores, measured in results.items():
        write(f"### GetItem, on {cores}\n\n" + starts_table(measured))
    names = list(results["two cores"]["arms"])[::-1]
    figure, panels = plt.subplots(1, 3, figsize=(11, 0.5 * len(names)), sharey=True)
    for axes, (key, label, factor) in zip(panels, (("first", "ms to the first answer", 1e3), ("cpu", "ms of processor time", 1e3), ("rss", "MB at most", 1e-6))):
        for offset, (cores, measured) in zip((0.2, -0.2), results.items()):
            spreads = [{k: v * factor for k, v in measured["arms"][name][key].items()} for name in names]
            values = [some["median"] for some in spreads]
            errors = [[some["median"] - some["min"] for some in spreads], [some["max"] - some["median"] for some in spreads]]
            axes.barh([i + offset for i in range(len(names))], values, 0.4, xerr=errors, label=cores, error_kw={"lw": 0.8})
        axes.set_xlabel(label)
    panels[0].set_yticks(range(len(names)), names)
    panels[-1].legend(fontsize="small")
    figure.suptitle("From the start of the process to the first answer (from a snapshot: without the restore): median, least and most", fontsize="medium")
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
    def cell(arm):
        return f"{span(arm['first'])}, {arm['later']['p50'] * 1000:.1f}" if arm else ""

    sizes = list(results)
    rows, series = [], {}
    for name in results[sizes[-1]]["arms"]:
        arms = {size: results[size]["arms"].get(name) for size in sizes}
        measured = {size: arm for size, arm in arms.items() if arm}
        rows.append([name, *map(cell, arms.values()), f"{max(arm['peak_rss']['max'] for arm in measured.values()) / 1e6:.0f}"])
        series[name] = [(int(size), arm["first"]["median"] * 1000) for size, arm in measured.items()]
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


def billed(arm, life):
    """Returns the time per response, in ms; empty if it was not measured."""
    return span(arm["billed"][str(life)], form=",.1f") if str(life) in arm["billed"] else ""


def life_table(results):
    arms = results["arms"]
    lives = sorted({int(life) for arm in arms.values() for life in arm["billed"]})
    rows = []
    for name, arm in arms.items():
        last = {**arm["later"]["p50_by_process"], "median": arm["later"]["p50"]}
        cells = [*(billed(arm, life) for life in lives), span(last, form=".1f"), span(arm["later_cpu"], form=".1f")]
        rows.append([name, *cells, span(arm["peak_rss"], 1e-6), f"{arm['log_bytes']:,.0f}"])
    heads = [
        "billed ms an answer, of an environment's first", *(f"{life:,}" for life in lives),
        "median of the later half", "CPU each, ms", "peak MB", "bytes of log each",
    ]  # fmt: skip
    return table(heads, rows) + how(results)


def cold(results, folder, write):
    rows = [[name.removeprefix("GetItem, "), span(arm["first"]), span(arm["cpu"]), span(arm["rss"], 1e-6)] for name, arm in results["arms"].items()]
    heads = ["GetItem with 1,024 MB", "cold answer, ms", "processor time until then, ms", "peak MB until then"]
    write("### How functions start\n\n" + table(heads, rows) + how(results))


def billed_table(arms):
    """The table of what is billed for each way to start, and for a peer."""
    rows = []
    for name in (f"GetItem, {MANAGED}, from a snapshot", f"GetItem, {MANAGED}", f"GetItem, {OWN_RUNTIME}", FASTAPI, PLAIN_PYTHON):
        rows.append([name.removeprefix("GetItem, "), *(billed(arms[name], life) for life in cost.LIVES), span(arms[name]["peak_rss"], 1e-6)])
    heads = [f"billed ms an answer, of an environment's first {life:,}" for life in cost.LIVES]
    return table(["GetItem with 1,024 MB", *heads, "peak MB"], rows)


def life(results, folder, write):
    write("### What is billed\n\n" + billed_table(results["arms"]))
    write("### An environment's first answers, at 1,024 MB, 0.58 of a core\n\n" + life_table(results))


def long_life(results, folder, write):
    write("### An environment's first ten thousand answers, at 1,024 MB\n\n" + life_table(results))


def imports(results, folder, write):
    arms = results["arms"]

    def seconds(packaging, life, **times):
        """Returns the time of functions that answer this often, each in an environment of its own, in seconds."""
        some = [arms[f"{function}, {packaging}"]["billed"].get(str(life)) for function in times]
        return None if None in some else sum(one["median"] * count for one, count in zip(some, times.values()))

    rows = []
    for packaging in (OWN_RUNTIME, MANAGED):
        for name, times in ((f"{LINES:,} POST /items", {"CreateItem": LINES}), ("an import", {"CreateImport": 1, "ImportItems": cost.CHUNKS})):
            taken = [seconds(packaging, life, **times) for life in cost.LIVES]
            rows.append([name, packaging, f"{sum(times.values()):,}", *("" if time is None else f"{time:.2f}" for time in taken)])
    heads = [f"seconds, by {life:,} answers" for life in cost.LIVES]
    write(f"### {LINES:,} items by an import, at 1,024 MB, 0.58 of a core\n\n" + table(["by", "in", "calls of functions", *heads], rows))
    write(life_table(results))


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
    write("### A page of /items, of seven items\n\n" + table(["items in the table", "rows read", "ms, of 200 pages", "times the smallest's"], rows) + how(results))


def local(results, folder, write):
    rows = [[name, span(run["per_second"], 1), *(span(run[key], 1, ".2f") for key in ("p50", "p99"))] for name, run in results["routes"].items()]
    write("### The local run, by wrk with 8 connections\n\n" + table(["route", "requests a second", "p50, ms", "p99, ms"], rows) + how(results))


PARTS = {part.__name__: part for part in (starts, warm, notification, functions, memory, cold, life, long_life, imports, in_process, batches, pages, local)}


def write(results, folder):
    """Writes results.md and the plots beside results.json."""
    parts = [
        "# Results\n",
        "Written by `bench/run`; what they mean: [benchmarks](../benchmarks.md). Each figure is a median (least-most).\n",
        table(["artifact", "bytes"], [[name, f"{size:,}"] for name, size in results["sizes"].items()]),
    ]
    parts.append("### Goals\n\n" + goals_table(results))
    if dollars_of(results):
        saves = f"On arm64 a GB-second costs {1 - cost.ARM64:.0%} less. The table assumes that a call takes as long there, which was not measured.\n"
        parts.append("### Dollars\n\n" + dollars_table(results) + "\n" + saves)
        parts.append("The services alone, by the size of the text, with Lambda's own log lines and without:\n\n" + texts_table(results))
    rows = [[name, run["commit"], run["at"], f"{run['seconds']:,}", run["machine"]] for name in PARTS if (run := results.get(name))]
    for name, part in PARTS.items():
        measured = results.get(name, {}).get("measured", {})
        if "skipped" in measured:
            parts.append(f"The part {name} was skipped: {measured['skipped']}.\n")
        elif measured:
            part(measured, folder, parts.append)
    parts.append("### Runs\n\n" + table(["part", "commit", "when", "seconds", "on"], rows))
    (folder / "results.md").write_text("\n".join(parts))
