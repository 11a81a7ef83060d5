#!/usr/bin/env python3
"""Whether the requests of a run to DeepL are what DeepL's published description allows.

    pip install openapi-core pyyaml
    deepl_openapi.py DEEPL.yaml REQUESTS.jsonl ...

DEEPL.yaml is the description of the API that DeepL publishes. A line of REQUESTS.jsonl is a request, as an object with
`method`, `path` and `body`; `replay_mt.py --log` writes such lines. Each path, method and body is held against the description;
beyond it, a field that the description does not name is a fault, and so are the limits and exclusions that it only has in words.
Prints how many requests there are of each kind and with which fields; ends with 1 if one is not allowed.
"""
import argparse
import collections
import json
import sys
from urllib.parse import urlsplit

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

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
    if body.get("model_type") == "latency_optimized" and {"style_id", "custom_instructions"} & set(body):
        yield "instructions with latency_optimized"
    instructions = body.get("custom_instructions", [])
    if len(instructions) > INSTRUCTIONS or any(len(text) > INSTRUCTION for text in instructions):
        yield "too many instructions, or too long"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description")
    parser.add_argument("requests", nargs="+")
    options = parser.parse_args()
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
    counts, fields, faults = collections.Counter(), collections.Counter(), []
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
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
