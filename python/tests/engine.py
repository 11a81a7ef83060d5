"""An engine of the kind `command` that stops in the middle of a job until the test has done what it wants to do.

Its argument is a folder with a pipe, `seen`, into which it says that it has begun, and a file, `gate`, which the test keeps
locked for as long as nobody is to go on.
"""

from __future__ import annotations

import fcntl
import json
import sys
from pathlib import Path

folder = Path(sys.argv[1])
for number, line in enumerate(sys.stdin):
    task = json.loads(line)
    if number == 1:
        with (folder / "seen").open("a") as seen:
            seen.write("begun\n")
        with (folder / "gate").open() as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
    translations = [f"EN {text}" for text in task["texts"]]
    print(json.dumps({"id": task["id"], "translations": translations}), flush=True)
