"""Looks at what the README's first command wrote: `check_output.py INPUT OUTPUT`.

Every article has its parallel files, these have equally many lines, the German is whole, every segment was translated by a
real engine or needs no translation, and 95 in 100 glossary terms hold.
"""

import json
import pathlib
import sys

source, output = map(pathlib.Path, sys.argv[1:])
articles = sorted(p for p in source.iterdir() if p.suffix in (".txt", ".md"))
assert articles, "no articles"
found = held = segments = unchanged = 0
for article in articles:
    german, english = ((output / f"{article.stem}.{side}.txt").read_text("utf-8") for side in ("de", "en"))
    assert german.count("\n") == english.count("\n") > 0, f"{article}: the sides differ in lines"
    rows = [json.loads(line) for line in (output / f"{article.stem}.jsonl").read_text("utf-8").splitlines()]
    whole = "".join(row["before"] + row["de"] for row in rows) + rows[-1]["after"]
    raw = article.read_bytes()
    texts = []
    for codec in ("utf-8-sig", "cp1252"):
        try:
            texts.append(raw.decode(codec))
        except UnicodeDecodeError:
            pass
    # The text of an article of markup is taken out of its markup.
    assert article.suffix != ".txt" or whole in texts, f"{article}: segments and gaps are not the article"
    assert list(output.glob(f"{article.stem}.english.*")), f"{article}: no English article"
    for row in rows:
        assert row["status"] in ("translated", "kept"), row
        if row["status"] == "translated":
            assert row["engine"] != "pseudo" and row["en"].strip(), row
            unchanged += row["en"] == row["de"]
        terms = [term for term in row["terms"] if term["kind"] != "part"]
        found += len(terms)
        held += sum(term["held"] for term in terms)
    segments += len(rows)
assert unchanged <= 0.05 * segments, f"{unchanged} of {segments} segments read as they did in German"
assert held >= 0.95 * found > 0, f"{held} of {found} terms hold"
print(f"{len(articles)} articles, {segments} segments, {held} of {found} terms hold")
