"""The tables and plots of results.json, in results.md and between the markers of the documents that show some of them."""

import re
from statistics import median

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "async-items"  # the same figures give the same file
matplotlib.rcParams["svg.fonttype"] = "none"  # text as text, which is a tenth of its outlines
import matplotlib.pyplot as plt  # noqa: E402

import cost  # noqa: E402
import shares  # noqa: E402
import verdicts  # noqa: E402
from arms import (  # noqa: E402
    BACKGROUND_TASKS,
    FASTAPI,
    GET_ITEM_MANAGED,
    GET_ITEM_OWN,
    GET_ITEM_RESTORED,
    MANAGED,
    OWN_RUNTIME,
    PLAIN_PYTHON,
    SNAPSHOT,
)
from backend import LINES, ROOT  # noqa: E402


def span(values, factor=1000, form=",.0f"):
    """Formats median (least-most); converts seconds to ms by default."""
    middle, least, most = (format(some * factor, form) for some in (median(values), min(values), max(values)))
    return f"{middle} ({least}-{most})"


def megabytes(values):
    return span(values, 1e-6)


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def ratio(ours, theirs):
    """Formats the median of the ratios by round, with its interval."""
    return verdicts.figures(verdicts.ratios(ours, theirs))


def how(measured):
    each = f"{measured['rounds']} rounds; " if "rounds" in measured else ""
    snapshots = [f"{name} {span(arm['snapshot'], 1, '.0f')} s" for name, arm in measured.get("arms", {}).items() if "snapshot" in arm]
    taken = f" Until their snapshots, processes took: {', '.join(snapshots)}. Neither that time nor the restore is in the table." if snapshots else ""
    return f"\n{each}load {measured['load_before']:.1f} before, {measured['load_after']:.1f} after.{taken}\n"


def starts_table(measured, peer=FASTAPI):
    arms = measured["arms"]

    def times(arm, key):
        # A start without its restore is not comparable.
        return "" if arm is arms.get(peer) or "snapshot" in arm or peer not in arms else ratio(arm[key], arms[peer][key])

    rows = [
        [name, span(arm["init"]), span(arm["first"]), span(arm["cpu"]), megabytes(arm["rss"]), times(arm, "first"), times(arm, "cpu")]
        for name, arm in arms.items()
    ]
    heads = ["", "init, ms", "first answer, ms", "CPU, ms", "peak MB", f"wall : {peer}", f"CPU : {peer}"]
    if peer not in arms:
        heads, rows = heads[:-2], [row[:-2] for row in rows]
    return table(heads, rows) + how(measured)


def warm_table(measured):
    arms = measured["arms"]
    rows = []
    for name, arm in arms.items():
        row = [name, span(arm["p50"], form=".2f"), span(arm["p99"], form=".2f"), span(arm["later_cpu"], form=".2f"), megabytes(arm["peak_rss"])]
        if FASTAPI in arms:
            row[2:2] = [span(verdicts.less_empty(arms, name), form=".2f"), ratio(verdicts.less_empty(arms, name), verdicts.less_empty(arms, FASTAPI))]
        rows.append(row)
    heads = ["", "p50, ms", "p99, ms", "CPU each, ms", "peak MB"]
    if FASTAPI in arms:
        heads[2:2] = ["overhead: p50 less an empty function's, ms", "that : FastAPI's"]
    return table(heads, rows) + how(measured)


def goals_table(results):
    rows = [[goal.text, verdicts.figures(goal.values, goal.form), goal.verdict()] for goal in verdicts.goals(results)]
    return table(["goal", "median and 95 % interval", "reached"], rows)


def cold_table(measured):
    """The table of the first answers of each way to start."""
    rows = [[verdicts.way_to_start(name), span(arm["first"]), span(arm["cpu"]), megabytes(arm["rss"])] for name, arm in measured["arms"].items()]
    return table(["GetItem with 1,024 MB", "cold answer, ms", "processor time until then, ms", "peak MB until then"], rows)


def billed(arm, life):
    """Formats the billed time per response, in ms; empty if it was not measured."""
    return span(arm["billed"][str(life)], form=",.1f") if str(life) in arm["billed"] else ""


def billed_table(measured):
    """The table of what is billed for each way to start."""
    arms = measured["arms"]
    names = [GET_ITEM_RESTORED, GET_ITEM_MANAGED, GET_ITEM_OWN, FASTAPI + SNAPSHOT, FASTAPI, PLAIN_PYTHON + SNAPSHOT, PLAIN_PYTHON]
    rows = [
        [verdicts.way_to_start(name), *(billed(arms[name], life) for life in cost.LIVES), megabytes(arms[name]["peak_rss"])]
        for name in names
        if name in arms
    ]
    heads = [f"billed ms an answer, of an environment's first {life:,}" for life in cost.LIVES]
    return table(["GetItem with 1,024 MB", *heads, "peak MB"], rows)


def overview_table(results, in_chinese):
    """The table in README.md, or in its Chinese translation, of our two fast ways to start, beside FastAPI."""

    def say(english, chinese):
        return chinese if in_chinese else english

    arms = {part: results["parts"][part]["measured"]["arms"] for part in ("cold", "warm", "life")}
    dollars = {row[:2]: row[2] + row[3] for row in dollars_of(results) if row[3] is not None}
    names = [GET_ITEM_RESTORED, GET_ITEM_OWN, FASTAPI]
    ways = [verdicts.way_to_start(name) for name in names]
    sent = [f"{dollars[cost.SENT, by]:.2f}" for by in (ways[1], BACKGROUND_TASKS)]
    rows = [
        [say("first answer after a start, ms; from a snapshot without the restore", "启动后首个响应的耗时（毫秒；从快照启动的一列不含恢复时间）"),
         *(span(arms["cold"][name]["first"]) for name in names)],
        [say("billed for each of the first 100 answers, ms", "前 100 个响应的平均计费时长（毫秒）"), *(billed(arms["life"][name], 100) for name in names)],
        [say("warm answer, ms", "热调用的响应耗时（毫秒）"), *(span(arms["warm"][name]["p50"], form=".2f") for name in names)],
        [say("peak memory after 1,000 answers, MB", "1,000 个响应后的内存峰值（MB）"), *(megabytes(arms["life"][name]["peak_rss"]) for name in names)],
        [say("a million reads, $", "一百万次读取的成本（美元）"), *(f"{dollars[cost.GET_ITEM, way]:.2f}" for way in ways)],
        [say("a million notifications and their tasks, $", "一百万条通知及其任务的成本（美元）"), say("not measured", "未测量"), *sent],
    ]  # fmt: skip
    subject = say("GetItem with 1,024 MB", "GetItem（1,024 MB 内存）")
    return table([subject, ways[0].replace(SNAPSHOT, say(SNAPSHOT, "（从快照启动）")), *ways[1:]], rows)


def life_table(measured):
    arms = measured["arms"]
    lives = sorted({int(life) for arm in arms.values() for life in arm["billed"]})
    rows = [
        [name, *(billed(arm, life) for life in lives), span(arm["p50"], form=".1f"), span(arm["later_cpu"], form=".1f"), megabytes(arm["peak_rss"]),
         f"{arm['log_bytes']:,.0f}"]
        for name, arm in arms.items()
    ]  # fmt: skip
    heads = [
        "billed ms an answer, of an environment's first", *(f"{life:,}" for life in lives),
        "median of the later half", "CPU each, ms", "peak MB", "bytes of log each",
    ]  # fmt: skip
    return table(heads, rows) + how(measured)


def dollars_of(results):
    """Returns the rows of the cost model, or none if the part life was not measured."""
    life, imported = (results["parts"].get(part, {}).get("measured", {}).get("arms") for part in ("life", "imports"))
    return list(cost.rows(life, imported)) if life else []


def dollars_table(results):
    rows = []
    for name, by, services, *times in dollars_of(results):
        cells = [services]
        for time in times:
            # The price of a restore, which Python functions pay, is the same on arm64.
            arm64 = None if time is None or by in cost.RESTORED_PEERS else services + time * cost.ARM64
            cells += (None if time is None else services + time, arm64)
        rows.append([name, by, *("" if dollars is None else f"{dollars:.2f}" for dollars in cells)])
    heads = [head for answers in cost.LIVES for head in (f"with time, by {answers:,} answers, $", "on arm64, $")]
    saves = f"\nOn arm64 a GB-second costs {1 - cost.ARM64:.0%} less. The table assumes that a call takes as long there, which was not measured.\n"
    return table(["a million", "by", "services, $", *heads], rows) + saves


def texts_table(results):
    """The table of what a million operations cost without the functions' time, by the size of their text."""
    rows = [
        [name, f"{bytes:,}", f"{reads:g}", f"{writes:g}", *(f"{dollars:.2f}" for dollars in cells)]
        for name, bytes, reads, writes, *cells in cost.by_text(results["parts"]["life"]["measured"]["arms"])
    ]
    return table(["a million", "bytes of text", "read units", "write units", "services, $", "at WARN, $", "of it recovery, $"], rows)


def starts(results, folder, write):
    for way, measured in results.items():
        write(f"### GetItem, on whole cores, {way}\n\n" + starts_table(measured))
    arms = results["TLS"]["arms"]
    names = list(arms)[::-1]
    figure, panels = plt.subplots(1, 3, figsize=(11, 0.5 * len(names) + 1), sharey=True)
    for axes, (key, label, factor) in zip(panels, (("first", "ms to the first answer", 1e3), ("cpu", "ms of processor time", 1e3), ("rss", "MB at most", 1e-6))):
        values = [median(arms[name][key]) * factor for name in names]
        errors = [[value - min(arms[name][key]) * factor for name, value in zip(names, values)],
                  [max(arms[name][key]) * factor - value for name, value in zip(names, values)]]  # fmt: skip
        axes.barh(range(len(names)), values, 0.6, xerr=errors, error_kw={"lw": 0.8})
        axes.set_xlabel(label)
    panels[0].set_yticks(range(len(names)), names)
    figure.suptitle("From the start of the process to the first answer (from a snapshot: without the restore): median, least and most", fontsize="medium")
    save(figure, folder, "starts")
    write("![starts](starts.svg)\n")


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


def cold(results, folder, write):
    write("### How functions start\n\n" + cold_table(results))
    write("### The first hundred answers, with 1,024 MB\n\n" + life_table(results))


def warm(results, folder, write):
    write("### GetItem, warm\n\n" + warm_table(results))
    figure, axes = plt.subplots(figsize=(8, 3.8))
    for name, arm in results["arms"].items():
        if curve := arm.get("curve"):
            axes.plot([int(n) for n in curve], [p50 * 1000 for p50 in curve.values()], marker=".", label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("answers that the process has given")
    axes.set_ylabel("ms, median")
    axes.legend(fontsize="x-small", ncols=2)
    save(figure, folder, "warm")
    write("![warm](warm.svg)\n")


def frameworks(results, folder, write):
    write("### GetItem, beside Java functions by other means\n\n" + starts_table(results, GET_ITEM_MANAGED))


def notification(results, folder, write):
    write("### POST /notifications, beside a background task\n\n" + starts_table(results["starts"], BACKGROUND_TASKS))
    write(warm_table(results["warm"]))


def functions(results, folder, write):
    def cells(arm):
        classes = f"{arm['classes']['loaded']:,} ({arm['classes']['cached'] / arm['classes']['loaded']:.1%})"
        return [span(arm["first"]), span(arm["cpu"]), megabytes(arm["rss"]), classes]

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
        return f"{span(arm['first'])}, {median(arm['p50']) * 1000:.1f}" if arm else ""

    sizes = list(results)
    rows, series = [], {}
    for name in results[sizes[-1]]["arms"]:
        arms = {size: results[size]["arms"].get(name) for size in sizes}
        measured = {size: arm for size, arm in arms.items() if arm}
        rows.append([name, *map(cell, arms.values()), f"{max(max(arm['peak_rss']) for arm in measured.values()) / 1e6:.0f}"])
        series[name] = [(int(size), median(arm["first"]) * 1000) for size, arm in measured.items()]
    heads = ["first answer, then a later one's median, ms", *(f"{size} MB" for size in sizes), "most MB"]
    write("### By memory size\n\n" + table(heads, rows) + how(list(results.values())[-1]))
    figure, axes = plt.subplots(figsize=(8, 3.8))
    for name, points in series.items():
        axes.plot(*zip(*points), marker=".", lw=1, label=name)
    axes.set_xlabel(f"MB; the share of a core is MB / {shares.CORE:,}")
    axes.set_ylabel("first answer, ms")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="x-small")
    save(figure, folder, "memory")
    write("![memory](memory.svg)\n")


def life(results, folder, write):
    write("### What is billed\n\n" + billed_table(results))
    write("### An environment's first answers, with 1,024 MB\n\n" + life_table(results))


def imports(results, folder, write):
    arms = results["arms"]

    def seconds(packaging, life, **times):
        """Returns the time of functions that answer this often, each in an environment of its own, in seconds."""
        some = [arms[f"{function}, {packaging}"]["billed"].get(str(life)) for function in times]
        return None if None in some else sum(median(one) * count for one, count in zip(some, times.values()))

    rows = []
    for packaging in (OWN_RUNTIME, MANAGED):
        for name, times in ((f"{LINES:,} POST /items", {"CreateItem": LINES}), ("an import", {"CreateImport": 1, "ImportItems": cost.CHUNKS})):
            taken = [seconds(packaging, life, **times) for life in cost.LIVES]
            rows.append([name, packaging, f"{sum(times.values()):,}", *("" if time is None else f"{time:.2f}" for time in taken)])
    heads = [f"seconds, by {life:,} answers" for life in cost.LIVES]
    write(f"### {LINES:,} items by an import, with 1,024 MB\n\n" + table(["by", "in", "calls of functions", *heads], rows))
    write(life_table(results))


def in_process(results, folder, write):
    rows = []
    for name, run in results["ours"].items():
        ours, peer = run["per_second"], results[FASTAPI][name.split(",")[0]]
        rows.append([name, span(ours, 1), f"{run['bytes_each']:,.0f}", span(peer, 1), ratio(ours, peer)])
    heads = ["answer, compiler", "events a second", "bytes allocated each", "FastAPI + Mangum", "times as many"]
    write("### In one process, on one core, without a backend\n\n" + table(heads, rows) + how(results))


def batches(results, folder, write):
    rows = []
    for name, sizes in results["tables"].items():
        for size, run in sizes.items():
            together, one_by_one = run["together"], run["one_by_one"]
            rows.append([name, f"{int(size):,}", span(together), span(one_by_one), ratio(one_by_one, together), f"{int(size) / median(together):,.0f}"])
    heads = ["store, compiler", "messages", "one batch, ms", "one after another, ms", "times as fast", "messages a second"]
    write("### The consumer\n\n" + table(heads, rows) + how(results))


def pages(results, folder, write):
    smallest = results["tables"][0]["seconds"]
    rows = [[f"{run['items']:,}", run["read"], span(run["seconds"], form=".2f"), ratio(run["seconds"], smallest)] for run in results["tables"]]
    write("### A page of /items, of seven items\n\n" + table(["items in the table", "rows read", "ms", "times the smallest's"], rows) + how(results))


PARTS = {part.__name__: part for part in (starts, cold, warm, frameworks, notification, functions, memory, life, imports, in_process, batches, pages)}


def write(results, folder):
    """Writes results.md and the plots beside results.json."""
    measured = {name: results["parts"][name]["measured"] for name in PARTS if name in results["parts"]}
    parts = [
        "# Results\n",
        f"Written by `bench/run` at commit {results['commit']}; [benchmarks](../benchmarks.md) explains them. Each figure is a median (least-most); a ratio "
        "is the median of the rounds' ratios (its 95 % interval).\n",
        f"{results['machine']}. Shares of a core by {results['shares']}.\n",
        table(["artifact", "bytes"], [[name, f"{size:,}"] for name, size in results["sizes"].items()]),
        "### Goals\n\n" + goals_table(results),
    ]
    if dollars_of(results):
        parts.append("### Dollars\n\n" + dollars_table(results))
        parts.append("The services alone, by the size of the text, with Lambda's own log lines and without:\n\n" + texts_table(results))
    for name, figures in measured.items():
        if "skipped" in figures:
            parts.append(f"The part {name} was skipped. {figures['skipped']}\n")
        else:
            PARTS[name](figures, folder, parts.append)
    rows = [[name, results["parts"][name]["at"], f"{results['parts'][name]['seconds']:,}"] for name in measured]
    parts.append("### Runs\n\n" + table(["part", "when", "seconds"], rows))
    (folder / "results.md").write_text("\n".join(parts))


PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "docs/benchmarks.md", ROOT / "docs/costs.md"]  # each has tables of these results between markers


def filled(page, results):
    """Returns the text of this page with the tables of these results between its markers."""
    measured = {name: part["measured"] for name, part in results["parts"].items()}
    tables = {
        "overview": lambda: overview_table(results, "zh-CN" in page.name),
        "cold": lambda: cold_table(measured["cold"]),
        "billed": lambda: billed_table(measured["life"]),
        "goals": lambda: goals_table(results),
        "dollars": lambda: dollars_table(results),
        "texts": lambda: texts_table(results),
    }

    def fill(marker):
        return f"<!-- table {marker[1]} of bench/run -->\n{tables[marker[1]]()}<!-- end of the table -->"

    return re.sub(r"<!-- table (\w+) of bench/run -->\n.*?<!-- end of the table -->", fill, page.read_text(), flags=re.DOTALL)
