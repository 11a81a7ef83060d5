#!/usr/bin/env python3
"""Whether the requests of a run to DeepL are what DeepL's published description allows.

    pip install openapi-core pyyaml
    deepl_openapi.py DEEPL.yaml REQUESTS.jsonl ...
    deepl_openapi.py DEEPL.yaml --tools TOOLS --data RECORDED.jsonl --articles DIR [--glossary FILE] [--wortlaut BINARY]

DEEPL.yaml is the description of the API that DeepL publishes. A line of REQUESTS.jsonl is a request, as an object with
`method`, `path` and `body`; `replay_mt.py --log` writes such lines. Each path, method and body is held against the description;
beyond it, a field that the description does not name is a fault, and so are the limits and exclusions that it only has in words.
Prints how many requests there are of each kind and with which fields; ends with 1 if one is not allowed.

With --tools, a folder with `replay_mt.py`, it makes the requests itself: runs over the articles as they are and with markup, each
by several profiles. The table of tests/fixtures/deepl, by which the tests refuse requests, is held against the description, too.
"""
import argparse
import collections
import json
import pathlib
import re
import sys
import tempfile
from urllib.parse import urlsplit

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from fire import Replay, Run

# What the description says in words: texts in a request, bytes of a body, instructions and the characters of each.
TEXTS, BODY, INSTRUCTIONS, INSTRUCTION = 50, 128 << 10, 10, 300


def in_words(body, names):
    """What the description forbids without a schema."""
    for name in sorted(set(body) - names):
        yield f"{name} is no field of the description"
    if len(body["text"]) > TEXTS:
        yield f"{len(body['text'])} texts"
    if len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) > BODY:
        yield "the body is too long"
    if "glossary_id" in body and "glossary_ids" in body:
        yield "glossary_id with glossary_ids"
    if {"glossary_id", "glossary_ids", "translation_memory_id"} & set(body) and not body.get("source_lang"):
        yield "a glossary or a memory without source_lang"
    if "translation_memory_threshold" in body and "translation_memory_id" not in body:
        yield "translation_memory_threshold without a memory"
    needs_tags = {"tag_handling_version", "outline_detection", "ignore_tags", "splitting_tags", "non_splitting_tags"}
    for name in sorted(needs_tags & set(body)):
        if "tag_handling" not in body:
            yield f"{name} without tag_handling"
    instructions = body.get("custom_instructions", [])
    if len(instructions) > INSTRUCTIONS or any(len(text) > INSTRUCTION for text in instructions):
        yield "too many instructions, or too long"


MEMORY = "a74d88fb-ed2a-4943-a664-a4512398b994"
# What the profiles of the runs say, by name.
PROFILES = {
    "plain": [],
    "without context": ["context = false"],
    "British, fast": ['target = "en-gb"', 'model = "latency_optimized"'],
    "glossary": ['glossary = "project"'],
    "glossary, without context": ['glossary = "project"', "context = false"],
    "everything": [
        'glossary = "project"', 'model = "quality_optimized"', 'style = "7ff9bfd6-cd85-4190-8503-d6215a321519"',
        'instructions = ["Write numbers as digits", "Use British names of months"]', f'translation_memory = "{MEMORY}"',
        "translation_memory_threshold = 90",
    ],
}
TABLE = pathlib.Path(__file__).parent.parent / "fixtures/deepl/requests.tsv"
# Fields of the description that German to English has no use for: English has no formality, and the other has no effect.
UNUSED = {"formality", "enable_beta_languages"}


def marked(text):
    """An article as Markdown with emphasis, links, code and formulas in its sentences."""
    count = 0

    def word(match):
        nonlocal count
        count += 1
        shapes = {3: "*{}*", 8: "**{}**", 13: "[{}](https://example.org/a?b=1&c=2)", 18: "`{}`", 21: "**{}** & <sub>2</sub>"}
        return shapes.get(count % 23, "{}").format(match[0])

    return re.sub(r"[A-Za-zÄÖÜäöüß]{4,}", word, text)


def played(options, folder):
    """The logs of the runs."""
    markup = folder / "markup"
    markup.mkdir()
    for path in sorted(pathlib.Path(options.articles).glob("*.txt")):
        bytes = path.read_bytes()
        try:
            text = bytes.decode()
        except UnicodeDecodeError:
            text = bytes.decode("cp1252", errors="replace")
        (markup / f"{path.stem}.md").write_text(marked(text), encoding="utf-8")
    for articles in (options.articles, markup):
        for number, (name, settings) in enumerate(PROFILES.items()):
            log = folder / f"{pathlib.Path(articles).name}-{number}.jsonl"
            with Replay(options, "--honour-markup", "--log", str(log)) as server:
                run = Run(options, server.port, "deepl", *settings, articles=articles)
            requests = sum(1 for _ in open(log, encoding="utf-8"))
            print(f"{requests:7} requests of a run over {pathlib.Path(articles).name} ({name}), exit code {run.exit}", flush=True)
            run.remove()
            yield str(log)


def faults_of_table(description):
    """Where the table of the tests names fields or values that the description does not have, or lacks some."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]
    listed = collections.defaultdict(dict)
    for at, field, kind, *_ in rows:
        listed[at][field] = kind

    def resolved(schema):
        while "$ref" in schema:
            place = description
            for step in schema["$ref"][2:].split("/"):
                place = place[step]
            schema = place
        return schema

    for at, fields in listed.items():
        method, path = at.split(" ")
        there = next((item for name, item in description["paths"].items() if re.sub(r"{\w+}", "*", name) == path), {})
        if method.lower() not in there:
            yield f"the table has {at}"
            continue
        body = there[method.lower()].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if body is None:
            if fields != {"(body)": "none"}:
                yield f"the table has a body for {at}"
            continue
        known = {name: resolved(schema) for name, schema in resolved(body)["properties"].items()}
        inner = resolved(known.get("dictionaries", {}).get("items", {})).get("properties", {})
        known |= {f"dictionaries.{name}": resolved(schema) for name, schema in inner.items()}
        own = {field for field in fields if field != "(body)"}
        for field in sorted(own ^ (known.keys() - UNUSED)):
            yield f"{at}: {field} is only in the {'table' if field in own else 'description'}"
        for field in sorted(own & known.keys()):
            values = known[field].get("enum")
            if values and fields[field].startswith("one of "):
                for value in sorted(set(fields[field][7:].split("|")) - set(map(str, values))):
                    yield f"{at}: {field} has no {value}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description")
    parser.add_argument("requests", nargs="*")
    parser.add_argument("--tools")
    parser.add_argument("--data")
    parser.add_argument("--articles")
    parser.add_argument("--glossary")
    parser.add_argument("--wortlaut", default="wortlaut")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.tools:
            options.requests += played(options, pathlib.Path(folder))
        sys.exit(1 if judge(options) else 0)


def judge(options):
    """Prints what the requests are and what is wrong with them; gives the number of faults."""
    with open(options.description, encoding="utf-8") as file:
        # YAML reads statuses as numbers, which are no names in JSON.
        description = json.loads(json.dumps(yaml.safe_load(file), default=str))
    # The servers of the description do not count: the requests went to a stand-in.
    description["servers"] = [{"url": "http://deepl"}]
    for item in description["paths"].values():
        item.pop("servers", None)
    # The description breaks a rule of its own format (a default that its enum does not have), which is not our subject.
    api = OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))
    schema = description["paths"]["/v2/translate"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    names = set(schema["properties"])
    counts, fields, faults = collections.Counter(), collections.Counter(), list(faults_of_table(description))
    for name in options.requests:
        for line in open(name, encoding="utf-8"):
            sent = json.loads(line)
            path, body = urlsplit(sent["path"]).path, sent["body"]
            counts[f"{sent['method']} {path.split('?')[0] if path.count('/') < 4 else path.rsplit('/', 1)[0] + '/…'}"] += 1
            request = MockRequest(
                "http://deepl", sent["method"].lower(), path, headers={"Authorization": "DeepL-Auth-Key x"},
                data=body.encode() if body else None, content_type="application/json",
            )
            wrong = []
            try:
                api.validate_request(request)
            except Exception as error:  # Its classes differ between versions of the library.
                wrong = [f"{error} {getattr(error.__cause__, 'schema_errors', error.__cause__)}"]
            if path == "/v2/translate":
                parsed = json.loads(body)
                fields.update(parsed.keys())
                wrong += in_words(parsed, names)
            faults += [f"{name}: {sent['method']} {path}: {fault}" for fault in wrong]
    for kind, count in sorted(counts.items()):
        print(f"{count:7} {kind}")
    for field, count in sorted(fields.items()):
        print(f"{count:7} with {field}")
    for fault in faults[:20]:
        print(f"BAD  {fault}"[:600])
    print(f"{len(faults)} faults in {sum(counts.values())} requests")
    return len(faults)


if __name__ == "__main__":
    main()
