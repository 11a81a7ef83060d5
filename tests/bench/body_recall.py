#!/usr/bin/env python3
"""How much of the articles of web pages is taken, and how much that is none of them.

Measures `wortlaut segment` and, beside it, other programs, against two public collections, which are fetched by whoever measures and are
no part of this repository:

  fundus       flairNLP/fundus, tests/resources/parser/test_data/de: a page of every German publisher and version, with its body as JSON.
               Recall and precision by words, each a mean over the pages; the words of the title are neither asked for nor held against.
  trafilatura  adbar/trafilatura, tests/evaldata.json: snippets that belong to a page's article ("with") and such as do not ("without").
               Pages are taken whose "with" is German.

Of the pages, two thirds (by a hash of the name) are for looking at; the others are for measuring only: `--part kept-aside`.

  body_recall.py fundus FOLDER --wortlaut target/debug/wortlaut [--part all|looked-at|kept-aside] [--worst 10] [--show PAGE]
  body_recall.py trafilatura REPOSITORY/tests --wortlaut ...
  ... --by readability     target/debug/examples/readability: dom_smoothie, by itself
  ... --by readability-lxml | --by trafilatura     the Python packages of these names
"""

import argparse
import collections
import concurrent.futures
import functools
import gzip
import hashlib
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TEXT = {"title", "heading", "paragraph", "list_item", "quotation", "dateline"}
GERMAN = set("der die das und ist nicht ein eine mit für auf von den dem des im zu sich wir sie ich es werden wird auch".split())


def words(text):
    text = re.sub("[\u00ad\u200b-\u200d\u2060\ufeff]", "", text)
    return re.findall(r"\w+", text.lower())


def is_kept_aside(name):
    return hashlib.sha256(name.encode()).digest()[0] % 3 == 0


def fundus(folder):
    """Name, bytes, body and title of each page."""
    folder = pathlib.Path(folder)
    for path in sorted(folder.glob("*.json")):
        versions = json.loads(path.read_text())
        # Versions and pages are in the order of their time.
        numbers = sorted(versions, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
        for version, page in zip(numbers, sorted(folder.glob(path.stem + "_*.html.gz"))):
            value = versions[version]
            body = value.get("body")
            if not body:
                continue
            parts = list(body["summary"])
            for section in body["sections"]:
                parts += section["headline"] + section["paragraphs"]
            yield page.name.removesuffix(".html.gz"), gzip.decompress(page.read_bytes()), parts, value.get("title") or ""


def snippets(folder):
    """Name, bytes, `with` and `without` of each German page."""
    folder = pathlib.Path(folder)
    for value in json.loads((folder / "evaldata.json").read_text()).values():
        paths = [folder / part / value["file"] for part in ("cache", "eval")]
        path = next((path for path in paths if path.exists()), None)
        sample = words(" ".join(value["with"]))
        if path is None or not sample:
            continue
        page = path.read_bytes()
        head = page[:3000].lower()
        declared = re.search(rb"<html[^>]*\blang=[\"']?de", head) or b".de" in path.name.encode() or b".at" in path.name.encode()
        if declared and any(word in GERMAN or re.search("[äöüß]", word) for word in sample):
            yield value["file"], page, value["with"], value["without"]


def by_wortlaut(program, name, page):
    """The text of the blocks that are translated."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "page.html"
        path.write_bytes(page)
        out = subprocess.run([program, "segment", str(path)], capture_output=True, cwd=folder)
    if out.returncode:
        print(f"{name}: {out.stderr.decode()}", file=sys.stderr)
    rows = [line.split("\t", 3) for line in out.stdout.decode().splitlines()]
    return [(row[2], row[3]) for row in rows]


def by_readability(program, name, page):
    out = subprocess.run([program], input=page, capture_output=True)
    return [("paragraph", out.stdout.decode())]


def by_readability_lxml(_, name, page):
    import readability
    try:
        text = readability.Document(page.decode("utf-8", "replace")).summary()
    except Exception:
        text = ""
    return [("paragraph", html.unescape(re.sub("<[^>]*>", " ", text)))]


def by_trafilatura(_, name, page):
    import trafilatura
    return [("paragraph", trafilatura.extract(page, include_comments=False) or "")]


PROGRAMS = {
    "wortlaut": by_wortlaut,
    "readability": by_readability,
    "readability-lxml": by_readability_lxml,
    "trafilatura": by_trafilatura,
}


def figures_of_words(taken, body, title):
    """Recall and precision of a page."""
    got = collections.Counter(words(" ".join(taken)))
    reference = collections.Counter(words(" ".join(body)))
    common = sum((got & reference).values())
    beyond = got - reference - collections.Counter(words(title))
    recall = common / max(1, sum(reference.values()))
    return recall, common / max(1, common + sum(beyond.values()))


def figures_of_snippets(taken, wanted, unwanted):
    text = " ".join(words(" ".join(taken)))
    has = lambda snippet: " ".join(words(snippet)) in text
    return [has(snippet) for snippet in wanted], [has(snippet) for snippet in unwanted]


def measured(arguments, page):
    blocks = PROGRAMS[arguments.by](arguments.wortlaut, page[0], page[1])
    return page, blocks


def show(blocks, body):
    reference = collections.Counter(words(" ".join(body)))
    for kind, text in blocks:
        own = words(text)
        share = sum(1 for word in own if word in reference) / max(1, len(own))
        print(f"{'+' if kind in TEXT else ' '} {kind:10} {share:4.2f} {text[:150]}")
    print()
    taken = " ".join(words(" ".join(text for kind, text in blocks if kind in TEXT)))
    for part in body:
        if " ".join(words(part)) not in taken:
            print("missing:", part[:200])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", choices=["fundus", "trafilatura"])
    parser.add_argument("folder")
    parser.add_argument("--wortlaut", help="the program that is measured")
    parser.add_argument("--by", choices=PROGRAMS, default="wortlaut")
    parser.add_argument("--part", choices=["all", "looked-at", "kept-aside"], default="all")
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--show", help="one page, block by block")
    arguments = parser.parse_args()
    arguments.wortlaut = arguments.wortlaut and str(pathlib.Path(arguments.wortlaut).resolve())

    pages = list((fundus if arguments.collection == "fundus" else snippets)(arguments.folder))
    if arguments.part != "all":
        pages = [page for page in pages if is_kept_aside(page[0]) == (arguments.part == "kept-aside")]
    if arguments.show:
        pages = [page for page in pages if arguments.show in page[0]]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        results = list(pool.map(functools.partial(measured, arguments), pages))
    if arguments.show:
        for page, blocks in results:
            print(page[0], is_kept_aside(page[0]))
            show(blocks, page[2])
        return
    text = lambda blocks: [text for kind, text in blocks if kind in TEXT]
    if arguments.collection == "fundus":
        rows = [(*figures_of_words(text(blocks), page[2], page[3]), page[0]) for page, blocks in results]
        recall, precision = (sum(row[column] for row in rows) / len(rows) for column in (0, 1))
        full = sum(row[0] >= 0.98 for row in rows)
        print(f"{len(rows)} pages: recall {recall:.2%}, precision {precision:.2%}; recall at least 98% on {full}")
        for row in sorted(rows)[: arguments.worst]:
            print(f"  recall {row[0]:.3f} precision {row[1]:.3f} {row[2]}")
        for row in sorted(rows, key=lambda row: row[1])[: arguments.worst]:
            print(f"  precision {row[1]:.3f} recall {row[0]:.3f} {row[2]}")
    else:
        rows = [(*figures_of_snippets(text(blocks), page[2], page[3]), page) for page, blocks in results]
        found = sum(sum(row[0]) for row in rows)
        wanted = sum(len(row[0]) for row in rows)
        wrong = sum(sum(row[1]) for row in rows)
        recall, precision = found / wanted, found / max(1, found + wrong)
        print(f"{len(rows)} pages: recall {recall:.2%} of {wanted} snippets, precision {precision:.2%} ({wrong} of {sum(len(row[1]) for row in rows)} others taken)")
        bad = sorted(rows, key=lambda row: sum(row[1]) + len(row[0]) - sum(row[0]), reverse=True)
        for row in bad[: arguments.worst]:
            missing = [snippet for snippet, has in zip(row[2][2], row[0]) if not has]
            extra = [snippet for snippet, has in zip(row[2][3], row[1]) if has]
            print(f"  {row[2][0]}: missing {missing}, taken {extra}")


if __name__ == "__main__":
    main()
