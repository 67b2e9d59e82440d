"""Measures everything in docs/benchmarks.md. Run by bench/run, which documents the options."""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime, timezone

import parts
import report
import shares
from arms import FRAMEWORKS
from backend import ROOT, WORK, jdk

MEASURED = ROOT / "target/benchmarks"
PUBLISHED = ROOT / "docs/benchmarks"
WRITTEN = [path.relative_to(ROOT) for path in (PUBLISHED, *report.PAGES)]  # by the report
ROUNDS = 25
PARTS = {part.__name__: part for part in parts.ALL}
assert list(PARTS) == list(report.PARTS)


def maven(*arguments, folder=ROOT):
    print("mvn", *arguments, flush=True)
    subprocess.run(["mvn", "-B", "-ntp", "-q", *arguments], cwd=folder, check=True, stdout=sys.stderr)


BUILT = WORK / "built"  # the commit, and a line if the frameworks are built too


def build(commit, frameworks, resume):
    """Builds and unpacks both packagings, the Java benchmarks, and the Java peers on these frameworks, unless an interrupted run did so."""
    wanted = f"{commit}\n{'frameworks' if frameworks else ''}"
    if resume and "-dirty" not in wanted and BUILT.exists() and BUILT.read_text().startswith(wanted):
        return
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
    BUILT.write_text(wanted)


def measured_commit():
    """Returns the measured commit, with `-dirty` if files differ from it that the report does not write."""

    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", *(f":!{path}" for path in WRITTEN))
    return git("describe", "--always") + ("-dirty" if changed else "")


def machine():
    java = re.search('IMPLEMENTOR_VERSION="(.*)"', (jdk() / "release").read_text())[1]
    return f"{os.cpu_count()} cores, Linux {platform.release()}, {java}, Python {platform.python_version()}"


def load(folder):
    return json.loads((folder / "results.json").read_text())


def store(results, folder):
    """Writes results.json, with each list of numbers on one line."""
    folder.mkdir(parents=True, exist_ok=True)
    text = re.sub(r"\[[^][{}]*\]", lambda found: re.sub(r"\s+", " ", found[0]), json.dumps(results, indent=1))
    (folder / "results.json").write_text(text + "\n")


def run(commit, options, folder, names):
    """Measures these parts. Keeps other parts' figures only if they are of the same commit and number of rounds."""
    earlier = load(folder) if (folder / "results.json").exists() else {}
    same = not commit.endswith("-dirty") and (earlier.get("commit"), earlier.get("rounds")) == (commit, options.rounds)
    results = {
        "commit": commit,
        "machine": machine(),
        "rounds": options.rounds,
        "shares": shares.method() or "nothing",
        "sizes": {
            **{path.name: path.stat().st_size for path in sorted(WORK.glob("*.zip"))},
            "provided, unpacked": sum(f.stat().st_size for f in (WORK / "provided").rglob("*") if f.is_file()),
        },
        "parts": earlier["parts"] if same else {},
    }
    for name in names:
        if options.resume and name in results["parts"]:
            print(f"-- {name}: already measured at {commit}", flush=True)
            continue
        print(f"-- {name}: {PARTS[name].__doc__}", flush=True)
        begin = time.monotonic()
        measured = PARTS[name](options)
        if skipped := measured.get("skipped"):
            print(f"  skipped: {skipped}", flush=True)
        at = datetime.now(timezone.utc).isoformat(timespec="minutes")
        results["parts"][name] = {"at": at, "seconds": round(time.monotonic() - begin), "measured": measured}
        store(results, folder)


def publish():
    """Copies the measured figures to docs/benchmarks, if they are complete."""
    results = load(MEASURED)
    measured = {name for name, part in results["parts"].items() if "skipped" not in part["measured"]}
    if missing := [name for name in PARTS if name not in measured]:
        sys.exit(f"Not published: {', '.join(missing)} must be measured at {results['commit']} too. `bench/run --all --resume` goes on.")
    if results["commit"].endswith("-dirty"):
        sys.exit("Not published: the measured files are not committed.")
    if results["rounds"] < ROUNDS:
        sys.exit(f"Not published: published figures take at least {ROUNDS} rounds.")
    if left_out := [name for name in FRAMEWORKS if name not in results["parts"]["frameworks"]["measured"]["arms"]]:
        sys.exit(f"Not published: {', '.join(left_out)} could not be built.")
    store(results, PUBLISHED)
    write_reports()


def write_reports():
    results = load(PUBLISHED)
    report.write(results, PUBLISHED)
    for page in report.PAGES:
        page.write_text(report.filled(page, results))


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures async-items and its peers on this machine. Writes to target/benchmarks.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)}. Without it: {', '.join(part.__name__ for part in parts.GOALS)}")
    parser.add_argument("--all", action="store_true", help="measures every part, and publishes the figures in docs and README.md")
    parser.add_argument("--resume", action="store_true", help="leaves out what was built and measured at this commit")
    parser.add_argument("--quick", action="store_true", help="one start of each arm, few functions and no framework, to try it")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"starts of each arm in the parts of the goals ({ROUNDS})")
    parser.add_argument("--report", action="store_true", help="measures nothing: writes the tables and plots of docs/benchmarks/results.json anew")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    if options.report:
        return write_reports()
    if options.quick:
        options.rounds = options.fewer_rounds = options.processes = options.few_rounds = 1
        options.warm_answers, options.items = parts.TURN, 20_000
    else:
        options.fewer_rounds, options.processes, options.few_rounds = max(1, options.rounds // 2), max(1, options.rounds // 2), 6
        options.warm_answers, options.items = parts.CURVE[-1], 1_000_000
    names = options.parts or (PARTS if options.all else [part.__name__ for part in parts.GOALS])
    commit = measured_commit()
    build(commit, FRAMEWORKS if not options.quick and {"frameworks", "life"} & set(names) else {}, options.resume)
    folder = MEASURED / "quick" if options.quick else MEASURED
    run(commit, options, folder, names)
    results = load(folder)
    report.write(results, folder)
    print(f"\n{report.goals_table(results)}\nEvery figure is in {(folder / 'results.md').relative_to(ROOT)}.")
    if options.all and not options.quick:
        publish()


if __name__ == "__main__":
    main()
