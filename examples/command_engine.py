#!/usr/bin/env python3
"""An engine of one's own in any language: here in Python, without Rust.

    [engines.mine]
    kind = "command"
    command = "python3 examples/command_engine.py"

wortlaut starts the program once and sends it a line of JSON for each batch of sentences; the program answers each with a
line of JSON. It ends when its standard input does. Standard error is for people: its last line is shown if the program fails.
"""

import json
import sys

# Stands in for a model: load yours here, once.
WORDS = {"die": "the", "der": "the", "das": "the", "fähre": "ferry", "legt": "docks", "an": "", "und": "and"}


def translate(sentence: str, context: str | None, terms: list[dict]) -> str:
    """The English of a sentence. `context` is the German before the batch, `terms` what the glossary wants in it."""
    wanted = {term["source"].lower(): term["target"] for term in terms}
    words = sentence.rstrip(".").split()
    english = [wanted.get(word.lower(), WORDS.get(word.lower(), word)) for word in words]
    text = " ".join(word for word in english if word)
    return text[:1].upper() + text[1:] + ("." if sentence.endswith(".") else "")


for line in sys.stdin:
    task = json.loads(line)
    terms = task.get("terms") or [[] for _ in task["texts"]]
    try:
        translations = [translate(text, task.get("context"), own) for text, own in zip(task["texts"], terms)]
        answer = {"id": task["id"], "translations": translations}
    except Exception as error:  # This batch fails; the program goes on.
        answer = {"id": task["id"], "error": str(error)}
    # Without the flush the answer stays in a buffer, and wortlaut waits.
    print(json.dumps(answer, ensure_ascii=False), flush=True)
