"""
Schemathesis sends valid and invalid requests, and sequences of them, to each operation of the local run. Exceptions have their reason in
schemathesis.toml or schemathesis_hooks.py.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_answers_are_what_the_contract_allows(run, document):
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run", document, "--url", run.api]
    done = subprocess.run(
        [*command, "--no-color"],
        cwd=document.parent,
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(CONFIG.with_name("schemathesis_hooks.py"))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for phase in "Examples", "Coverage", "Fuzzing", "Stateful":
        assert f"✅  {phase}" in done.stdout, done.stdout
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 1_000, done.stdout
