#!/usr/bin/env python3
"""Whether bilingual files come back whole: every pair and all markup of `tmx`, `xliff` and `xliff-1.2`, read by other parsers.

    bilingual.py target/debug/wortlaut FILE ... [--schemas DIR] [-- --furniture translate]

Translates files with the engine `pseudo`, reads what was written with xml.etree and, where it is installed, with
translate-toolkit, and compares with `jsonl`: texts, order, states. Of markup, each code of a source stands in its target, once.
`--schemas tests/fixtures/schemas` lets xmllint check them against DTD and schemas.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMATS = "jsonl,tmx,xliff,xliff-1.2,document"


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def child(element, name):
    return next((inner for inner in element if local(inner) == name), None)


def tmx_text(segment):
    """Words and native codes of a <seg>."""
    words, native = [segment.text or ""], [segment.text or ""]
    for code in segment:
        kind = code.get("type")
        native.append("".join(code.itertext()))
        native.append(code.tail or "")
        words.append(code.tail or "")
        assert local(code) in ("bpt", "ept", "ph"), (local(code), kind)
    return "".join(words), "".join(native)


def tmx(path):
    for unit in ET.parse(path).iter("tu"):
        sides = {side.get("{http://www.w3.org/XML/1998/namespace}lang"): side.find("seg") for side in unit.iter("tuv")}
        state = next(p.text for p in unit.iter("prop") if p.get("type") == "x-wortlaut-state")
        target = sides.get("en")
        yield tmx_text(sides["de"])[0], None if target is None else tmx_text(target)[0], state


def xliff_text(element):
    words = [element.text or ""]
    for code in element:
        name = local(code)
        if name in ("pc", "mrk"):
            words.append(xliff_text(code))
        elif name == "ph":
            words.append(code.get("equiv", code.get("equiv-text", "")))
        elif name == "cp":
            words.append(chr(int(code.get("hex"), 16)))
        words.append(code.tail or "")
    return "".join(words)


def xliff2(path):
    for unit in ET.parse(path).iter():
        if local(unit) != "unit":
            continue
        segment = child(unit, "segment")
        source, target = child(segment, "source"), child(segment, "target")
        state = "kept" if unit.get("translate") == "no" else segment.get("state")
        if xliff_text(source):
            yield xliff_text(source), None if target is None else xliff_text(target), state


def xliff1(path):
    for unit in ET.parse(path).iter():
        if local(unit) != "trans-unit":
            continue
        source, target = child(unit, "source"), child(unit, "target")
        state = "kept" if unit.get("translate") == "no" else "initial" if target is None else target.get("state")
        if xliff_text(source):
            yield xliff_text(source), None if target is None else xliff_text(target), state


READERS = {".tmx": tmx, ".xlf": xliff2, ".1.2.xlf": xliff1}
STATES = {"translated": "translated", "kept": "kept", "failed": "initial"}


def rows(path):
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if "segment" in row:
            yield CONTROL.sub("", row["de"]), CONTROL.sub("", row["en"] or "") or None, STATES[row["status"]]


def codes(element):
    """The ids of the codes of a side."""
    ids = (code.get("x") or code.get("startRef") or code.get("id") for code in element.iter() if code is not element)
    ends = ("ept", "ec", "cp")
    return sorted(i for i, code in zip(ids, (c for c in element.iter() if c is not element)) if local(code) not in ends)


def unequal_codes(path):
    """How many codes of sources do not stand in their target, and the other way round; and how many codes there are."""
    lost = total = 0
    for unit in ET.parse(path).iter():
        if local(unit) not in ("tu", "segment", "trans-unit"):
            continue
        if local(unit) == "tu":
            sides = [side.find("seg") for side in unit.iter("tuv")]
        else:
            sides = [side for side in (child(unit, "source"), child(unit, "target")) if side is not None]
        if len(sides) == 2:
            one, two = (collections.Counter(codes(side)) for side in sides)
            total += sum(one.values())
            lost += sum(((one - two) + (two - one)).values())
    return lost, total


def valid(path, schemas):
    if path.suffix == ".tmx":
        command = ["xmllint", "--nonet", "--noout", "--dtdvalid", schemas / "tmx14.dtd", path]
    else:
        first = path.name.endswith(".1.2.xlf")
        schema = "xliff-core-1.2-transitional.xsd" if first else "xliff-2.1.xsd"
        command = ["xmllint", "--nonet", "--noout", "--schema", schemas / schema, path]
    # The schema of 1.2 names one on the web.
    environment = {**os.environ, "XML_CATALOG_FILES": str(schemas / "catalog.xml")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.returncode == 0, done.stderr


def toolkit(path, wanted):
    """Whether translate-toolkit finds these texts; None if it is not installed. What has codes in it is only counted."""
    try:
        from translate.storage import tmx, xliff, xliff2
    except ImportError:
        return None
    if path.suffix == ".tmx":
        store = tmx.tmxfile(sourcelanguage="de", targetlanguage="en")
    else:
        store = xliff.xlifffile() if path.name.endswith(".1.2.xlf") else xliff2.Xliff2File()
    store.parse(path.read_bytes())
    units = [unit for unit in store.units if not unit.isheader()]
    if len(units) != len(wanted):
        return False
    plain = [pair for pair in zip(units, wanted) if not re.search(r"<(?:bpt|ph|pc|sc|cp)\b", str(pair[0]))]
    # White space at the ends is taken off by some of its readers.
    same = lambda one, other: (one or "").split() == (other or "").split()
    return all(same(str(unit.source), source) and same(unit.target and str(unit.target), target)
               for unit, (source, target, _) in plain)


def main():
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, more = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wortlaut", type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--schemas", type=pathlib.Path)
    options = parser.parse_args(arguments)
    counts, faults = collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        inputs = folder / "in"
        inputs.mkdir()
        for number, file in enumerate(options.files):
            name = f"{number:04}-{file.name}"
            (inputs / name).write_bytes(file.read_bytes())
        command = [options.wortlaut.resolve(), "translate", "in", "-o", "out/", "--engine", "pseudo"]
        ended = subprocess.run([*command, "--format", FORMATS, "--quiet", *more], cwd=folder).returncode
        # 1 is a finding.
        if ended not in (0, 1):
            faults.append(f"wortlaut ended with {ended}")
        for listed in sorted((folder / "out").rglob("*.jsonl")):
            if listed.name.startswith("."):
                continue
            expected = list(rows(listed))
            stem = listed.name.removesuffix(".jsonl")
            counts["articles"] += 1
            counts["segments"] += len(expected)
            for ending, reader in READERS.items():
                path = listed.with_name(stem + ending)
                found = list(reader(path))
                wanted = [row for row in expected if row[0]]
                if found == wanted:
                    counts[f"{ending} equal"] += 1
                else:
                    first = next((pair for pair in zip(found, wanted) if pair[0] != pair[1]), (len(found), len(wanted)))
                    faults.append(f"{path.name}: {first}")
                lost, total = unequal_codes(path)
                counts[f"{ending} codes"] += total
                if lost:
                    faults.append(f"{path.name}: {lost} codes stand on one side only")
                if options.schemas:
                    is_valid, message = valid(path, options.schemas)
                    counts[f"{ending} valid"] += is_valid
                    if not is_valid:
                        faults.append(message[:500])
                is_read = toolkit(path, wanted)
                if is_read is not None:
                    counts[f"{ending} read by translate-toolkit"] += is_read
                    if not is_read:
                        faults.append(f"{path.name}: translate-toolkit reads something else")
    for fault in faults[:20]:
        print(fault)
    for name, count in counts.items():
        print(f"{name}\t{count}")
    sys.exit(bool(faults))


main()
