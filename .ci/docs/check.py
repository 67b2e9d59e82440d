"""Checks the documents as readers use them: pastes each block of commands into interactive shells, and follows each link to a file.

Arguments: the shells. The blocks of a page are pasted one after another, as lines through a pseudo-terminal. No program runs: each one is
replaced by a stub that records its arguments. So this finds what a shell refuses or understands differently from another one, such as a
comment, which an interactive zsh takes for a command. Tests elsewhere run the commands themselves.
"""

import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()]
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s:]*)(#[^)\s]*)?\)|(?:src|srcset|href)=\"([^\"#:]*)\"")
OPTIONS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}
# Records a program's name and arguments. Its output stands for a URL, an id or a number.
STUB = """#!{python} -IS
import json, os, sys
name = sys.argv[1] if os.path.basename(sys.argv[0]) == ".stub" else os.path.relpath(sys.argv[0], {folder!r})
arguments = sys.argv[2:] if os.path.basename(sys.argv[0]) == ".stub" else sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps([name, *arguments]) + "\\n")
if not os.isatty(1):
    print("1")
"""
HANDLERS = {
    "bash": 'command_not_found_handle() { "$STUB" "$@"; }',
    "zsh": 'command_not_found_handler() { "$STUB" "$@"; }',
}
TEXT_TOOLS = "cat", "cut", "diff", "grep", "head", "seq", "sort", "tail", "tr", "wc"  # these do run
REFUSALS = re.compile(r".*(?:command not found|no matches found|bad pattern|parse error|syntax error|event not found|unmatched|No such file).*")
PATIENCE = 20  # seconds for one block


def blocks(page):
    return BLOCK.findall(page.read_text())


def pasted(shell, some):
    """Returns the recorded commands of each block, and what the shell refused."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        log = folder / ".log"
        log.touch()
        stub = STUB.format(python=sys.executable, folder=str(folder), log=str(log))
        programs = [".stub", *subprocess.run(["git", "ls-files", "tools", "bench/run", ".ci/run"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()]
        for program in programs:
            file = folder / program
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(stub)
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        (folder / "bin").mkdir()
        for tool in TEXT_TOOLS:
            (folder / "bin" / tool).symlink_to(shutil.which(tool))
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(folder)
            environment = {"PATH": str(folder / "bin"), "STUB": str(folder / ".stub"), "HOME": name, "TERM": "dumb", "LANG": "C.UTF-8"}
            os.execve(shutil.which(shell), [shell, *OPTIONS[shell]], environment)
        try:
            typed(terminal, f"PS1=; PS2=; {HANDLERS[shell]}\n")
            refused = []
            for block in some:
                text = typed(terminal, block)
                refused += [line.strip() for line in text.splitlines() if REFUSALS.match(line)]
            commands = [json.loads(re.sub(r"/(dev|proc/self)/fd/\d+", "FILE", line)) for line in log.read_text().splitlines()]
            return sorted(commands), refused  # the programs of a pipe start in any order
        finally:
            os.close(terminal)
            os.waitpid(process, 0)


def typed(terminal, text):
    """Types the text, and returns what the shell printed until it was ready again."""
    done = f"done{time.monotonic_ns()}"
    os.write(terminal, text.encode() + f'echo "{done[:4]}""{done[4:]}"\n'.encode())
    printed, deadline = b"", time.monotonic() + PATIENCE
    while done.encode() not in printed:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        if not ready:
            sys.exit(f"The shell does not come back from this block:\n{text}\nIt printed:\n{printed.decode(errors='replace')[-2000:]}")
        printed += os.read(terminal, 65536)
    return printed.decode(errors="replace").replace("\r", "")


def check_blocks(shells):
    for page in PAGES:
        if some := blocks(page):
            name = page.relative_to(ROOT)
            results = {shell: pasted(shell, some) for shell in shells}
            for shell, (_, refused) in results.items():
                yield from (f"{name}: {shell} says: {line}" for line in refused)
            (first, (expected, _)), *others = results.items()
            for shell, (commands, _) in others:
                if commands != expected:
                    only = [command for command in commands if command not in expected][:3], [command for command in expected if command not in commands][:3]
                    yield f"{name}: {shell} runs {only[0]}, where {first} runs {only[1]}"
            yield from (f"{name}: a block has a comment, which an interactive zsh does not know: {line.strip()}" for block in some for line in comments(block))


def comments(block):
    for line in block.splitlines():
        if re.search(r"(^|\s)#", re.sub(r"'[^']*'|\"[^\"]*\"", "", line)):
            yield line


def anchors(page):
    """Returns the anchors of a page's headings, made as on GitHub."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add("#" + re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def check_links():
    for page in PAGES:
        for path, anchor, attribute in LINK.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
            target = page.parent / (path or attribute) if path or attribute else page
            if not target.exists():
                yield f"{page.relative_to(ROOT)}: there is no {path or attribute}"
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                yield f"{page.relative_to(ROOT)}: {target.name} has no heading {anchor}"


problems = [*check_links(), *check_blocks(sys.argv[1:])]
print(f"{len(PAGES)} pages, {sum(len(blocks(page)) for page in PAGES)} blocks of commands.")
if problems:
    sys.exit("\n".join(problems))
