#!/usr/bin/env python3
"""How many planted faults `wortlaut check` finds, and how often it speaks on good translations.

    check_faults.py GERMAN.txt ENGLISH.txt [--wortlaut BINARY] [--faults 600] [--seed 1] [--missed 10]

The two files are good translations, line by line. First they are checked as they are: the share of lines with errors and
with warnings is what the checks cost a reader. Then faults of every kind are planted, one in a line, in lines that can have
it; a fault is found if a finding of its kind (or one that says the same) is in its line and was not there before.

Python standard library only.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import tempfile

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
GERMAN = ["mutigen", "wirtschaftlichen", "eigentlichen", "zusätzliche", "verschiedenen", "zuständigen"]
NAMES = ["Larsen", "Rosenqvist", "Ottokar", "Wilmersdorf", "Pettersson", "Karsunke"]


def one(rng, pattern, text, change, flags=0):
    """The text with one match changed, or None."""
    places = list(re.finditer(pattern, text, flags))
    rng.shuffle(places)
    for place in places:
        new = change(place)
        if new is not None and new != place.group():
            return text[: place.start()] + new + text[place.end() :]
    return None


def in_german(word, german):
    return word in re.findall(r"\w+", german)


def scale(rng, de, en):
    other = {"million": "billion", "billion": "million", "thousand": "million"}
    return one(rng, r"(?<=\d )(million|billion|thousand)\b", en, lambda m: other[m.group()])


def no_scale(rng, de, en):
    return one(rng, r"(?<=\d) (million|billion)\b", en, lambda m: "")


def digit(rng, de, en):
    def change(m):
        at = rng.randrange(len(m.group()))
        if not m.group()[at].isdigit():
            return None
        return m.group()[:at] + str((int(m.group()[at]) + rng.randrange(1, 9)) % 10 or 3) + m.group()[at + 1 :]

    numbers = [m for m in re.findall(r"\b\d[\d,.]*\d\b", en)]
    if not numbers or not any(re.sub(r"\D", "", n) in re.sub(r"[^\d ]", "", de.replace(".", "").replace(",", "")) for n in numbers):
        return None
    return one(rng, r"\b\d[\d,.]*\d\b", en, change)


def no_number(rng, de, en):
    return one(rng, r"\b\d[\d,.]*\d ", en, lambda m: "" if re.sub(r"\D", "", m.group()) in re.sub(r"\D", " ", de).split() else None)


def decimal(rng, de, en):
    return one(rng, r"\b\d+\.\d\b(?!\d|:|\.)", en, lambda m: m.group().replace(".", "") if m.group().replace(".", ",") in de else None)


def year(rng, de, en):
    return one(rng, r"\b(19|20)\d\d\b", en, lambda m: str(int(m.group()) + rng.choice([-10, -1, 1, 3])) if m.group() in de else None)


def month(rng, de, en):
    german = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()

    def change(m):
        at = MONTHS.index(m.group())
        return MONTHS[(at + rng.randrange(1, 11)) % 12] if in_german(german[at], de) else None

    return one(rng, r"\b(" + "|".join(MONTHS) + r")\b", en, change)


def weekday(rng, de, en):
    german = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()

    def change(m):
        at = DAYS.index(m.group())
        return DAYS[(at + rng.randrange(1, 6)) % 7] if in_german(german[at], de) else None

    return one(rng, r"\b(" + "|".join(DAYS) + r")\b", en, change)


def unit(rng, de, en):
    other = {"kilometers": "miles", "kilometres": "miles", "meters": "feet", "euros": "dollars", "percent": "euros", "hours": "minutes", "years": "months", "minutes": "hours", "days": "weeks", "weeks": "days"}
    return one(rng, r"(?<=\d )(" + "|".join(other) + r")\b", en, lambda m: other[m.group()])


def currency(rng, de, en):
    return one(rng, r"€(?=\d)", en, lambda m: "$")


def day_of_nothing(rng, de, en):
    if not re.search(r"\b(Mitte|Ende|Anfang) (" + "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember" + ")", de):
        return None
    return one(rng, r"\b(mid-|(the )?(middle|end|beginning|start) of |late |early )?(" + "|".join(MONTHS) + r")\b(?! \d)", en, lambda m: m.group(4) + rng.choice([" 15", " 31", " 1st"]))


def hour(rng, de, en):
    return one(rng, r"\b(\d{1,2})(:\d\d)? ?(p\.?m|a\.?m)\b", en, lambda m: str(int(m.group(1)) % 11 + 1) + (m.group(2) or "") + " " + m.group(3))


def half_day(rng, de, en):
    if not re.search(r"\b(1[3-9]|2[0-3])([.:]\d\d)? Uhr", de):
        return None
    return one(rng, r"\bp\.?m\b", en, lambda m: m.group().replace("p", "a", 1))


def word_number(rng, de, en):
    words = {"two": "zwei", "three": "drei", "four": "vier", "five": "fünf", "six": "sechs", "seven": "sieben", "ten": "zehn", "twelve": "zwölf"}
    return one(rng, r"\b(" + "|".join(words) + r")\b", en, lambda m: rng.choice([w for w in words if w != m.group()]) if in_german(words[m.group()], de) else None)


def ordinal(rng, de, en):
    words = {"second": "zweite", "third": "dritte", "fourth": "vierte", "fifth": "fünfte"}
    return one(rng, r"\b(" + "|".join(words) + r")\b", en, lambda m: rng.choice([w for w in words if w != m.group()]) if words[m.group()] in de else None)


def shared_names(de, en):
    words = set(re.findall(r"\b[A-ZÄÖÜ][a-zäöüß]{4,}\b", de))
    return [m for m in re.finditer(r"(?<=[a-z,] )[A-ZÄÖÜ][a-zäöüß]{4,}\b", en) if m.group() in words and m.group() not in MONTHS + DAYS]


def other_name(rng, de, en):
    names = shared_names(de, en)
    if not names:
        return None
    place = rng.choice(names)
    return en[: place.start()] + rng.choice(NAMES) + en[place.end() :]


def no_name(rng, de, en):
    known = re.compile(r"\b(Berlin|Hamburg|Frankfurt|Dresden|Leipzig|München|Köln|Stuttgart|Merkel|Trump|Söder|Macron|Putin|Spahn|Seehofer|Biden|Microsoft|Google|Facebook|Siemens|Daimler|Bremen|Düsseldorf|Salzburg|Linz)\b")
    places = [m for m in known.finditer(en) if m.group() in de and en.count(m.group()) == 1]
    if not places:
        return None
    place = rng.choice(places)
    return en[: place.start()] + rng.choice(["there", "he", "it"]) + en[place.end() :]


def no_surname(rng, de, en):
    places = [m for m in re.finditer(r"\b([A-Z][a-zäöü]+) ([A-ZÄÖÜ][a-zäöüß]{3,})\b", en) if m.group() in de and en.count(m.group(2)) == 1]
    if not places:
        return None
    place = rng.choice(places)
    return en[: place.start(2) - 1] + en[place.end() :]


def added_name(rng, de, en):
    return one(rng, r"(?<=[a-z]) (in|of|from|with|by) (?=the )", en, lambda m: f" {m.group(1)} {rng.choice(NAMES)} and ")


def german_word(rng, de, en):
    adjectives = [w for w in re.findall(r"\b[a-zäöüß]{6,}(?:ischen|lichen|igen|ische|liche|ige|enden)\b", de)]
    if not adjectives:
        return None
    word = rng.choice(adjectives)
    return one(rng, r"\b[a-z]{6,}\b", en, lambda m: word)


def german_noun(rng, de, en):
    nouns = re.findall(r"\b(?:der|die|das|ein|eine|einen|dem|den) ([A-ZÄÖÜ][a-zäöüß]+(?:ung|heit|keit|schaft|leiter|sprecher|amt|verein|unternehmen|gericht))\b", de)
    if not nouns:
        return None
    return one(rng, r"(?<=\bthe )[a-z]{4,}\b|(?<=\ba )[a-z]{4,}\b", en, lambda m: rng.choice(nouns))


def whole_german(rng, de, en):
    return de if len(de.split()) > 4 and de != en else None


def no_quotes(rng, de, en):
    if not re.search(r'["„“»«]', de):
        return None
    new = re.sub(r'["“”„]', "", en)
    return new if new != en and not re.search(r"[‘'](?=\w)", new) else None


def one_quote(rng, de, en):
    return one(rng, r'["“”]', en, lambda m: "") if len(re.findall(r'["“”]', en)) % 2 == 0 and len(re.findall(r'["„“]', de)) % 2 == 0 else None


def no_end(rng, de, en):
    return en[:-1] if en.endswith(".") and de.endswith(".") and not re.search(r"\w\.\w\.$|\d\.$", de + "|" + en) else None


def added_end(rng, de, en):
    return en + "." if re.search(r"\w$", en) and re.search(r"\w$", de) else None


def no_question(rng, de, en):
    return en[:-1] + "." if en.endswith("?") and de.endswith("?") else None


def doubled(rng, de, en):
    return one(rng, r"\b(the|of|and|to|was|with|for|by|from|it) ", en, lambda m: m.group() * 2)


def loop(rng, de, en):
    words = en.split()
    return en + " " + " ".join(words[-3:] * 4) if len(words) > 6 else None


def half(rng, de, en):
    words = en.split()
    return " ".join(words[: len(words) * 2 // 5]) + "." if len(words) > 12 else None


def no_bracket(rng, de, en):
    return one(rng, r" ?\([^()]*\)", en, lambda m: "") if "(" in de and en.count("(") == 1 and de.count("(") == 1 else None


def one_bracket(rng, de, en):
    return one(rng, r"\)", en, lambda m: "") if de.count("(") == de.count(")") and en.count("(") == en.count(")") else None


def link(rng, de, en):
    name = rng.choice(["www.hafenblatt.de", "https://hafen.example/a/12", "presse@hafen.de", "#Hafentag"])
    return (de + " " + name, en + " " + name.replace("hafen", "port").replace("Hafen", "Port"))


def lost_link(rng, de, en):
    return (de + " Mehr unter www.hafenblatt.de.", en + " More there.")


def lost_sentence(rng, de, en):
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", en)
    german = re.split(r"(?<=[.!?]) (?=[A-ZÄÖÜ])", de)
    return sentences[0] if len(sentences) == 2 and len(german) == 2 and min(map(len, german)) > 25 else None


def added_sentence(rng, de, en):
    return en + " It remains to be seen what the harbour authorities will have to say about it in the end." if en.endswith(".") and len(en) < 200 else None


def spelling(rng, de, en):
    pairs = {"center": "centre", "organize": "organise", "organized": "organised", "defense": "defence", "color": "colour", "labor": "labour", "program": "programme", "meters": "metres", "kilometers": "kilometres", "traveling": "travelling", "canceled": "cancelled", "theater": "theatre", "recognized": "recognised"}
    return one(rng, r"\b(" + "|".join(pairs) + r")\b", en, lambda m: pairs[m.group()])


def no_negation(rng, de, en):
    if not re.search(r"\b(nicht|kein|keine|keinen|nie)\b(?! nur| zuletzt)", de) or len(re.findall(r"\b(not|no|never|cannot|without|none)\b|n['’]t\b", en)) != 1:
        return None
    return one(rng, r" not\b|n['’]t\b|\bno (?=[a-z])|\bnever ", en, lambda m: "")


def added_negation(rng, de, en):
    if re.search(r"nicht|kein|nie|ohne|\bun|weder|kaum|nein", de, re.I):
        return None
    return one(rng, r"\b(is|was|will|has|are|were|can|had) (?=[a-z])", en, lambda m: m.group() + "not ")


def direction(rng, de, en):
    a, b = rng.sample(range(3, 60), 2)
    return (f"{de} Der Anteil ging von {a} auf {b} Prozent.", f"{en} The share went from {b} to {a} percent.")


def torn(rng, de, en):
    return one(rng, r"\b\d{1,3},\d{3}\b", en, lambda m: m.group().replace(",", ", ") if m.group().replace(",", ".") in de else None)


def german_marks(rng, de, en):
    return one(rng, r"\b\d+\.\d\b", en, lambda m: m.group().replace(".", ",") if m.group().replace(".", ",") in de else None)


NUMBERS = {"numbers"}
KINDS = {
    "scale": (scale, NUMBERS),
    "no scale": (no_scale, NUMBERS),
    "digit": (digit, NUMBERS),
    "no number": (no_number, NUMBERS),
    "decimal": (decimal, NUMBERS),
    "year": (year, NUMBERS),
    "month": (month, NUMBERS),
    "weekday": (weekday, NUMBERS),
    "unit": (unit, NUMBERS),
    "currency": (currency, NUMBERS),
    "day of nothing": (day_of_nothing, NUMBERS),
    "hour": (hour, NUMBERS),
    "half day": (half_day, NUMBERS),
    "word number": (word_number, NUMBERS),
    "ordinal": (ordinal, NUMBERS),
    "torn number": (torn, NUMBERS),
    "German marks": (german_marks, NUMBERS),
    "other name": (other_name, {"names"}),
    "no name": (no_name, {"names"}),
    "no surname": (no_surname, {"names"}),
    "added name": (added_name, {"names"}),
    "German adjective": (german_word, {"left_german"}),
    "German noun": (german_noun, {"left_german"}),
    "whole German": (whole_german, {"untranslated"}),
    "no quotes": (no_quotes, {"quotes"}),
    "one quote": (one_quote, {"quotes"}),
    "no end": (no_end, {"end_mark"}),
    "added end": (added_end, {"end_mark"}),
    "no question": (no_question, {"end_mark"}),
    "doubled word": (doubled, {"repetition"}),
    "loop": (loop, {"repetition", "length"}),
    "half": (half, {"length", "sentences"}),
    "no bracket": (no_bracket, {"brackets"}),
    "one bracket": (one_bracket, {"brackets"}),
    "link": (link, {"links"}),
    "lost link": (lost_link, {"links"}),
    "lost sentence": (lost_sentence, {"sentences", "length"}),
    "added sentence": (added_sentence, {"sentences", "length"}),
    "spelling": (spelling, {"spelling"}),
    "no negation": (no_negation, {"negation"}),
    "added negation": (added_negation, {"negation"}),
    "direction": (direction, {"direction"}),
}


def check(options, german, english):
    """The findings by line."""
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, name) for name in ("german.txt", "english.txt")]
        for path, lines in zip(files, (german, english)):
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pathlib.Path(folder, "wortlaut.toml").write_text('[check]\nspelling = "en-US"\n')
        command = [options.wortlaut, "check", *map(str, files), "--json", "--severity", "info", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    findings = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        findings[finding["line"] - 1].append(finding)
    return findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("german")
    parser.add_argument("english")
    parser.add_argument("--wortlaut", default="target/release/wortlaut")
    parser.add_argument("--faults", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", type=int, default=0, help="show as many of each kind that were not found")
    options = parser.parse_args()
    options.wortlaut = str(pathlib.Path(options.wortlaut).resolve())
    german = pathlib.Path(options.german).read_text(encoding="utf-8").splitlines()
    english = pathlib.Path(options.english).read_text(encoding="utf-8").splitlines()
    before = check(options, german, english)
    lines = lambda severity: sum(any(f["severity"] == severity for f in found) for found in before.values())
    for severity, most in (("error", 2), ("warning", 6)):
        share = 100 * lines(severity) / len(german)
        print(f"{'ok  ' if share <= most else 'BAD '} untouched: {share:.1f}% of {len(german)} lines with a {severity} (at most {most}%)")
    print("     by kind:", dict(collections.Counter(f["check"] for found in before.values() for f in found)))
    rng = random.Random(options.seed)
    each = -(-options.faults // len(KINDS))
    planted, found, missed = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    de, en, where = [], [], []
    for kind, (plant, _) in KINDS.items():
        order = list(range(len(german)))
        rng.shuffle(order)
        for at in order:
            if planted[kind] == each:
                break
            new = plant(rng, german[at], english[at])
            if new is None:
                continue
            source, target = new if isinstance(new, tuple) else (german[at], new)
            planted[kind] += 1
            de.append(source)
            en.append(target)
            where.append((kind, at))
    after = check(options, de, en)
    for number, (kind, at) in enumerate(where):
        key = lambda finding: (finding["check"], finding["message"])
        known = {key(finding) for finding in before.get(at, [])}
        fresh = [finding for finding in after.get(number, []) if key(finding) not in known]
        if any(finding["check"] in KINDS[kind][1] for finding in fresh):
            found[kind] += 1
        else:
            missed[kind].append((de[number], en[number], [finding["check"] for finding in fresh]))
    for kind in KINDS:
        print(f"     {kind:18} {found[kind]:4} of {planted[kind]:4}")
        for source, target, others in missed[kind][: options.missed]:
            print(f"         {source}\n         {target}\n         {others}")
    total, sought = sum(found.values()), sum(planted.values())
    share = 100 * total / sought
    print(f"{'ok  ' if share >= 95 else 'BAD '} planted: {total} of {sought} found with the right kind, {share:.1f}% (at least 95%)")


if __name__ == "__main__":
    main()
