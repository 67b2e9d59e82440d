"""Follows docs/tutorial.md as a reader does, from top to bottom, in a clone of the project. Fails at the first block that does not do what
the page says.

Argument: the clone, which is changed.

  ```diff        a patch, applied by git
  ```java, ...   a new file, if the line before the block is "`path`, new:"
  ```sh          commands, typed into one shell. The last one must succeed, unless the page expects "BUILD FAILURE" of it
  ```text        lines that the commands print, in this order. "..." stands for anything
  ```text run    the same, of the local run's console since the last block of another kind

A block of commands with `exec:exec` starts the local run, which ends when the next one starts. Ports are replaced by free ones.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

CLONE = Path(sys.argv[1])
PAGE = CLONE / "docs/tutorial.md"
BLOCK = re.compile(r"(?P<before>[^\n]*)\n+```(?P<kind>\w+)(?P<more>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NEW_FILE = re.compile(r"`([^`]+)`, new:$")
PATIENCE = 900  # seconds for the commands of one block
CONSOLE_PATIENCE = 180  # seconds until the local run prints the expected lines

# `mvn verify` runs all unit tests, and the integration tests that depend on fields, routes, tasks and their documents. With the others it
# would take six minutes more. They are about parts that the tutorial does not change, and the lane README runs them. CrashPointsIT alone
# takes three minutes.
GATE = "ArtifactIT,ContractIT,EventsIT,ItemsIT,StoredItemsIT,StoredTasksIT,PermissionsIT,SnapshotIT,ApiGuideIT"


class Wrong(Exception):
    """A block does not do what the page says."""


class Shell:
    """An interactive shell that types the commands of all blocks, so that variables remain."""

    AUTHOR = {f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def __init__(self):
        self.process = subprocess.Popen(
            ["bash"], cwd=CLONE, env=os.environ | self.AUTHOR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        # Compiles only what a step changes. The last `mvn verify` has an option of its own, and compiles everything.
        self.run('mvn() { command mvn -B -ntp -Dmaven.compiler.useIncrementalCompilation=false "$@"; }')

    def run(self, commands):
        """Returns the output and the last exit status."""
        end = f"end-{time.monotonic_ns()}"
        # The braces let the shell read the whole block first, and /dev/null keeps commands from reading the next one.
        self.process.stdin.write(f"{{\n{commands}\n}} </dev/null\nstatus=$?; echo; echo {end} $status\n")
        self.process.stdin.flush()
        timer = threading.Timer(PATIENCE, self.close)
        timer.start()
        output = ""
        try:
            for line in self.process.stdout:
                if line.startswith(end):
                    return output, int(line.split()[1])
                output += line
        finally:
            timer.cancel()
        raise Wrong(f"The commands ended the shell, or did not end within {PATIENCE} s. They printed:\n{output[-3000:]}")

    def close(self):
        end_group(self.process)


class Run:
    """The local run, in a process group of its own."""

    def __init__(self, command, port):
        self.log = CLONE / "target/run.log"
        self.log.parent.mkdir(exist_ok=True)
        command = command.replace("exec:exec", "exec:exec -B -ntp", 1)
        command = command.replace('-Dlocal="', f'-Dlocal="--port {port} ') if "-Dlocal=" in command else f'{command.rstrip()} -Dlocal="--port {port}"'
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["bash", "-ec", command], cwd=CLONE, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.seen = 0
        try:
            self.wait_for(["Stop with Ctrl-C."])
        except Wrong:
            self.close()
            raise

    def wait_for(self, lines):
        """Waits until the console shows the lines, after those that were waited for before."""
        deadline = time.monotonic() + CONSOLE_PATIENCE
        while True:
            text = plain(self.log.read_text(errors="replace"))
            missing = first_missing(lines, text[self.seen :])
            if missing is None:
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Wrong(f"The local run does not print this line:\n  {missing}\nIt printed:\n{text[self.seen:][-3000:]}")
            time.sleep(0.2)

    def mark(self):
        self.seen = len(plain(self.log.read_text(errors="replace")))

    def close(self):
        end_group(self.process)


def end_group(process):
    """Ends a process and all that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            pass
        except ProcessLookupError:
            return


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def first_missing(lines, text):
    """Returns the first of the lines that the text does not contain after the previous ones, or None."""
    at = 0
    for line in lines:
        if line.strip() and line.strip() != "...":
            pattern = r"[^\n]*?".join(re.escape(part) for part in line.strip().split("..."))
            found = re.compile(pattern).search(text, at)
            if not found:
                return line
            at = found.end()
    return None


def free_port():
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return str(some.getsockname()[1])


def apply(patch):
    files = re.findall(r"^\+\+\+ b/(\S+)", patch, re.MULTILINE)
    if not files:
        raise Wrong("A block `diff` must have the lines `--- a/file` and `+++ b/file`.")
    result = subprocess.run(["git", "apply", "-"], check=False, cwd=CLONE, input=patch, capture_output=True, text=True)
    if result.returncode:
        raise Wrong(f"The patch does not fit {', '.join(files)} any more: {result.stderr.strip()}\nChange the block, so that it fits the present file.")


def create(path, text):
    file = CLONE / path
    if file.exists():
        raise Wrong(f"{path} exists already, so the tutorial must change it by a patch.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def follow():
    text = PAGE.read_text()
    blocks = list(BLOCK.finditer(text))
    ports = {name: free_port() for name in ("3000", "8000", "9324")}
    shell, run = Shell(), None
    output = ""
    try:
        for index, block in enumerate(blocks):
            kind, more, body = block["kind"], block["more"].strip(), block["text"]
            line = text.count("\n", 0, block.start("kind")) + 1
            begin = time.monotonic()
            try:
                following = blocks[index + 1] if index + 1 < len(blocks) else None
                if run and kind != "text":
                    run.mark()
                if kind == "diff":
                    apply(body)
                elif kind == "sh" and "exec:exec" in body:
                    if run:
                        run.close()
                    run = None
                    run = Run(with_ports(body, ports), ports["3000"])
                elif kind == "sh":
                    commands = re.sub(r"^mvn verify$", f"mvn verify -Dmaven.compiler.useIncrementalCompilation=true -Dit.test={GATE}", with_ports(body, ports), flags=re.MULTILINE)
                    output, status = shell.run(commands)
                    fails = bool(following) and following["kind"] == "text" and "BUILD FAILURE" in following["text"]
                    if fails != bool(status):
                        raise Wrong(f"The last command must {'fail' if fails else 'succeed'}, but its exit status is {status}. It printed:\n{output[-6000:]}")
                elif kind == "text" and more == "run":
                    run.wait_for(body.splitlines())
                elif kind == "text":
                    missing = first_missing(body.splitlines(), plain(output))
                    if missing is not None:
                        raise Wrong(f"The commands before do not print this line, or not after the previous one:\n  {missing}\nThey printed:\n{output[-6000:]}")
                elif found := NEW_FILE.search(block["before"]):
                    create(found[1], body)
                else:
                    raise Wrong(f"A block `{kind}` must follow a line that ends in \"`path`, new:\".")
            except Wrong as wrong:
                raise Wrong(f"docs/tutorial.md, line {line}, the block `{kind}` that begins with {body.splitlines()[0]!r}:\n{wrong}") from None
            print(f"line {line:4d} {kind:5s} {time.monotonic() - begin:6.1f} s  {first_line(kind, block)}", flush=True)
        if len(blocks) < 10:
            raise Wrong("docs/tutorial.md has fewer than 10 blocks, so this check no longer understands it.")
    finally:
        if run:
            run.close()
        shell.close()


def with_ports(text, ports):
    return re.sub(r"\b(3000|8000|9324)\b", lambda found: ports[found[0]], text)


def first_line(kind, block):
    if kind == "diff":
        return ", ".join(re.findall(r"^\+\+\+ b/(\S+)", block["text"], re.MULTILINE))
    return (NEW_FILE.search(block["before"]) or [0, block["text"].splitlines()[0]])[1]


begin = time.monotonic()
try:
    follow()
except Wrong as wrong:
    sys.exit(str(wrong))
print(f"The tutorial does what it says, in {time.monotonic() - begin:.0f} s.")
