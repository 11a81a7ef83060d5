"""Reads exported glossaries with other programs' readers: `check_exports.py WORTLAUT`.

translate-toolkit, on which Weblate, Pootle and Virtaal stand, and openpyxl have to find the terms that went in. Both are
installed by `.ci/run`.
"""

import pathlib
import subprocess
import sys
import tempfile

from openpyxl import load_workbook
from translate.storage import csvl10n, omegat, tbx, tmx

TERMS = {"Türme": "towers", "Haus & Hof": "house & home", "Amt; Behörde": 'office "A"', "=1+1": "<two>", "Straße": "road"}

binary = pathlib.Path(sys.argv[1]).resolve()
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    rows = "".join(f"{german}\t{english}|another\tremark\n" for german, english in TERMS.items())
    (folder / "g.tsv").write_text("source\ttarget\tnote\n" + rows, "utf-8")

    def export(name, form):
        command = [binary, "glossary", "export", name, "--format", form, "--from", "g.tsv"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return folder / name

    def units(store, path):
        with path.open("rb") as file:
            store.parse(file.read())
        return {unit.source: unit.target for unit in store.units}

    found = {
        "tmx": units(tmx.tmxfile(sourcelanguage="de", targetlanguage="en"), export("t.tmx", "tmx")),
        "tbx-2008": units(tbx.tbxfile(sourcelanguage="de", targetlanguage="en"), export("t.tbx", "tbx-2008")),
    }
    # A row a rendering: the last one stays in the dictionary above, so the first is kept here.
    first = {}
    store = omegat.OmegaTFile()
    store.parse(export("t.txt", "omegat").read_bytes())
    for unit in store.units:
        first.setdefault(unit.source, unit.target)
    found["omegat"] = first
    plain = csvl10n.csvfile(fieldnames=["source", "target"])
    plain.parse(export("t.csv", "deepl-csv").read_bytes())
    found["deepl-csv"] = {unit.source: unit.target for unit in plain.units if unit.source != "source"}
    sheet = load_workbook(export("t.xlsx", "xlsx")).active
    cells = [[cell.value for cell in row[:2]] for row in sheet.iter_rows(min_row=2)]
    found["xlsx"] = {german: english.split("|")[0] for german, english in cells}
    for form, terms in found.items():
        assert terms == TERMS, f"{form}: {terms}"
    print(f"{', '.join(found)}: {len(TERMS)} terms each, read whole")
