"""An engine of the kind `command` that takes down what it is sent, in the file that its argument names."""

from __future__ import annotations

import json
import sys

for line in sys.stdin:
    task = json.loads(line)
    with open(sys.argv[1], "a") as sent:
        sent.writelines(f"{text}\n" for text in task["texts"])
    translations = [f"EN {text}" for text in task["texts"]]
    print(json.dumps({"id": task["id"], "translations": translations}), flush=True)
