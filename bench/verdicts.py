"""The goals, and whether the figures show that they are reached.

Ratios are taken round by round, since both sides of a round met the same load. The interval contains 95 of 100 medians of resampled rounds
(percentile bootstrap, which covers a little less than 95 % with few rounds). A goal is shown to be reached only if the whole interval
satisfies it.
"""

from dataclasses import dataclass

import numpy

import cost
from arms import (
    DEPLOYED,
    EMPTY_JAVA,
    EMPTY_PYTHON,
    FASTAPI,
    GET_ITEM_MANAGED,
    GET_ITEM_OWN,
    GET_ITEM_RESTORED,
    MANAGED,
    OWN_RUNTIME,
    TUTORIAL_JAVA,
)

RESAMPLES = 10_000
FEWEST = 6  # rounds; the true median lies outside of all values of five rounds in 6 of 100 cases, of six in 3


def ratios(ours, theirs):
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def interval(values):
    """Returns the median's 95 % interval."""
    rounds = numpy.array(values)
    medians = numpy.median(numpy.random.default_rng(0).choice(rounds, (RESAMPLES, len(rounds))), axis=1)
    return tuple(numpy.percentile(medians, (2.5, 97.5)))


def figures(values, form="{:.2f}"):
    """Formats the median of the rounds, with its interval if there are enough rounds."""
    if len(values) < FEWEST:
        return form.format(numpy.median(values))
    return f"{form} ({form} to {form})".format(numpy.median(values), *interval(values))


def way_to_start(name):
    """Returns the way to start in the name of an arm of GetItem."""
    return name.removeprefix("GetItem, ")


@dataclass
class Goal:
    """A bound on the median of `values`, one of each round. `form` formats a figure."""

    text: str
    values: list
    most: float = None
    least: float = None
    form: str = "{:.2f}"

    def verdict(self):
        if len(self.values) < FEWEST:
            return f"**not shown**: {len(self.values)} rounds"
        low, high = interval(self.values)
        reached = high <= self.most if self.least is None else low >= self.least
        return "yes" if reached else "**not shown**"


def goals(results):
    """Yields the goals of the measured parts."""

    def of(part, *path):
        found = results["parts"].get(part, {}).get("measured", {})
        for key in path:
            found = found.get(key, {})
        return found

    for way in ("TLS", "plain HTTP"):
        if arms := of("starts", way, "arms"):
            yield Goal(f"cold start on {OWN_RUNTIME} with {way}: at most 0.5x FastAPI's", ratios(arms[GET_ITEM_OWN]["first"], arms[FASTAPI]["first"]), 0.5)
    if arms := of("starts", "TLS", "arms"):
        yield Goal(f"memory until then on {OWN_RUNTIME}: at most 80 MB", [bytes / 1e6 for bytes in arms[GET_ITEM_OWN]["rss"]], 80, form="{:.0f}")
    if arms := of("cold", "arms"):
        yield Goal(
            "first answer from a snapshot with 1,024 MB, without the restore: at most 50 ms", [s * 1000 for s in arms[GET_ITEM_RESTORED]["first"]], 50, form="{:.0f}"
        )
        for name in (GET_ITEM_RESTORED, GET_ITEM_OWN):
            by_round = ratios(arms[name]["billed"]["100"], arms[FASTAPI]["billed"]["100"])
            yield Goal(f"first 100 answers, {way_to_start(name)}: billed at most as much as FastAPI's", by_round, 1)
    if arms := of("warm", "arms"):
        for name in (GET_ITEM_RESTORED, GET_ITEM_OWN, GET_ITEM_MANAGED):
            overhead = ratios(less_empty(arms, name), less_empty(arms, FASTAPI))
            yield Goal(f"warm overhead, {way_to_start(name)}: at most 0.35x FastAPI's", overhead, 0.35)
            yield Goal(f"warm p99, {way_to_start(name)}: at most 4x p50", ratios(arms[name]["p99"], arms[name]["p50"]), 4)
    if arms := of("frameworks", "arms"):
        yield Goal(f"cold start on {MANAGED}: at most 0.6x a tutorial's function", ratios(arms[GET_ITEM_MANAGED]["first"], arms[TUTORIAL_JAVA]["first"]), 0.6)
    if of("life", "arms") and (arms := of("imports", "arms")):
        for packaging in (OWN_RUNTIME, MANAGED):
            yield Goal(f"a million imported items on {packaging}: at most $3.40", imported_by_round(of("life", "arms"), arms, packaging), 3.4)
    if rates := of("in_process", "ours"):
        for status in ("404", "422"):
            times = ratios(rates[f"{status}, {DEPLOYED}"]["per_second"], of("in_process", FASTAPI, status))
            yield Goal(f"{status} in one process, without a backend: at least 10x FastAPI's rate", times, least=10, form="{:.1f}")
    if run := of("batches", "tables", f"stub, {DEPLOYED}", "100"):
        times = ratios(run["one_by_one"], run["together"])
        yield Goal("batch of 100 messages on a stub that takes 5 ms: at least 20x as fast as one by one", times, least=20, form="{:.1f}")
    if tables := of("pages", "tables"):
        times = ratios(tables[-1]["seconds"], tables[0]["seconds"])
        yield Goal(f"page of a table of {tables[-1]['items']:,} items: at most 1.3x the time of {tables[0]['items']:,}", times, 1.3)


def less_empty(arms, name):
    """Returns the median response times of the rounds, each less an empty function's in the same language, in seconds."""
    empty = arms[EMPTY_PYTHON if "Python" in name or name == FASTAPI else EMPTY_JAVA]
    return [one - other for one, other in zip(arms[name]["p50"], empty["p50"], strict=True)]


def imported_by_round(life, imports, packaging):
    """Returns the dollars of a million imported items in each round, by environments of 100 answers."""

    def dollars(number):
        one = {name: {**arm, "billed": {answers: [some[number]] for answers, some in arm["billed"].items()}} for name, arm in imports.items()}
        return next(services + time for name, by, services, time, *_ in cost.rows(life, one) if (name, by) == (cost.IMPORTED, packaging))

    return [dollars(number) for number in range(len(next(iter(imports.values()))["billed"]["100"]))]
