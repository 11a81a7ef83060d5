#!/usr/bin/env python3
"""Looks at every held term of jsonl outputs again, without the program: capitals, hyphens, and a place for each occurrence.

    held_terms.py GLOSSARY.tsv OUT.jsonl [OUT.jsonl ...] [--show N]

A term that the output calls held is false if its entry has fewer places in the English than held occurrences. A place is
an accepted target between word boundaries, in the plural or with its last word shared (`North and South Korea`); a word
that has a capital in the target has it in the English, and beside such a word a hyphen is a hyphen and a blank a blank. In
a sentence without small letters capitals say nothing. A pronoun may stand for an occurrence but the first. What the entry
lists under `avoid` is no place. Python standard library only.
"""
import argparse
import collections
import csv
import json
import re

PRONOUNS = set("he him his she her hers it its they them their theirs himself herself itself themselves".split())


def words(text):
    return [(match.group(), match.start(), match.end()) for match in re.finditer(r"[^\W_]+", text)]


def plurals(word):
    endings = {word, word + "s", word + "es"}
    if word.endswith("y"):
        endings.add(word[:-1] + "ies")
    if word.endswith("man"):
        endings.add(word[:-3] + "men")
    if word.endswith("is"):
        endings.add(word[:-2] + "es")
    return endings


def same(own, found, last, shouting):
    """Whether a word of the English is one of a target."""
    forms = plurals(own) if last else {own}
    if shouting:
        return found.lower() in {form.lower() for form in forms}
    if own != own.lower():
        return found in forms
    return found.lower() in forms


def joined(own, found, name):
    """Whether two words are joined as in the target."""
    hyphens = "-‐‑–"
    if any(c.isalnum() for c in found) or not found:
        return False
    if name:
        return any(c in hyphens for c in own) == any(c in hyphens for c in found) and not set(found) & set(",;:()")
    return all(c.isspace() or c in hyphens + "’'." for c in found)


def places(target, english):
    own = words(target)
    if own and own[0][0].lower() in ("the", "a", "an") and len(own) > 1:
        own = own[1:]
    there = words(english)
    shouting = english == english.upper()
    nouns = [i for i, _ in enumerate(own) if i + 1 == len(own) or own[i + 1][0] in ("of", "in", "for", "to", "against", "on")]
    for at in range(len(there) - len(own) + 1):
        window = there[at : at + len(own)]
        fits = all(same(o[0], w[0], i in nouns, shouting) for i, (o, w) in enumerate(zip(own, window)))
        gaps = all(
            joined(target[own[i][2] : own[i + 1][1]], english[window[i][2] : window[i + 1][1]],
                   own[i][0] != own[i][0].lower() or own[i + 1][0] != own[i + 1][0].lower())
            for i in range(len(own) - 1)
        )
        if own and fits and gaps:
            yield window[0][1], window[-1][2]
    if len(own) > 1:
        for at in range(len(there) - len(own) - 1):
            first, conjunction, *rest = there[at : at + len(own) + 2]
            if first[0].lower() == own[0][0].lower() and conjunction[0] in ("and", "or"):
                if all(same(o[0], w[0], i + 2 == len(own), False) for i, (o, w) in enumerate(zip(own[1:], rest[1:]))):
                    yield first[1], first[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("glossary")
    parser.add_argument("outputs", nargs="+")
    parser.add_argument("--show", type=int, default=20, help="false ones shown")
    options = parser.parse_args()
    with open(options.glossary, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    entries = {row["source"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    held = false = lost = 0
    kinds = collections.Counter()
    for name in options.outputs:
        for line in open(name, encoding="utf-8"):
            row = json.loads(line)
            terms = [term for term in row.get("terms") or [] if term.get("kind") != "part"]
            english = row.get("en") or ""
            lost += sum(not term["held"] for term in terms)
            # Entries with a target in common compete for its places.
            groups = collections.Counter(term["source"] for term in terms if term["held"])
            taken = []
            for source, count in sorted(groups.items(), key=lambda item: -len(item[0])):
                held += count
                entry = entries.get(source)
                if entry is None:
                    continue
                avoid = [text for text in (entry.get("avoid") or "").split("|") if text]
                wrong = [m.span() for text in avoid for m in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", english)]
                found = []
                for target in entry["target"].split("|"):
                    for span in sorted(places(target, english)):
                        if all(span[1] <= s or e <= span[0] for s, e in found + taken) and not any(
                            s <= span[0] and span[1] <= e and target not in avoid for s, e in wrong
                        ):
                            found.append(span)
                found = found[:count]
                taken += found
                missing = count - len(found)
                if missing and found:
                    missing -= min(missing, sum(word.lower() in PRONOUNS for word, _, _ in words(english)))
                if missing:
                    false += missing
                    kinds["a further occurrence" if found else "no place"] += missing
                    if false <= options.show:
                        print(f"{source} → {entry['target']} ({len(found)} of {count})\n    {row['de']}\n    {english}")
    print(f"held {held}, of these false {false} {dict(kinds)}; told as not held {lost}")


if __name__ == "__main__":
    main()
