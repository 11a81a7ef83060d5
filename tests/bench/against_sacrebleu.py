"""Holds `wortlaut evaluate` to sacreBLEU: `against_sacrebleu.py WORTLAUT [--lines N] [--seeds N] [--write]`.

sacreBLEU comes from PyPI; `.ci/run` installs it. Texts are made up from a seed: sentences with whatever metrics stumble over, and translations
of them in which words are lost, doubled, moved and misspelt. All scores have to agree to ten decimals, with one reference and with two, and
what comes of random samples as far as chance lets it.

`--write` writes the texts and the recorded figures of `tests/fixtures/evaluation` anew, which `tests/it/evaluate.rs` reads. `--lines` says how
many lines the other texts have, `--seeds` how many others there are.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "evaluation"
LINES = 1000
DECIMALS = 10

SUBJECTS = ["the ministry", "a spokesman", "Dr. Meyer", "the U.S.-led mission", "their icebreaker", "nobody", "the city's mayor", "Anna O’Neill",
            "the so-called “night train”", "the Σίσυφος project", "the İzmir office", "a third of the crews", "the ship's cook", "the re-elected council"]
VERBS = ["said", "has not yet denied", "will report", "couldn't find", "doesn’t expect", "re-opened", "sank", "bought", "translated", "e-mailed"]
OBJECTS = ["the harbour", "1,234.56 tonnes of steel", "€5.30 a litre", "$2.5bn", "3,5 %", "no. 7", "two-thirds of all seats", "the St. Petersburg route",
           "its straße signs", "“a mistake”", "the 2014-15 season", "C++ and R&D", "&quot;evidence&quot; &amp; rumours", "the naïve café", "北京 and Tokyo",
           "a 10-km-long pier", "the e.g. clause", "rates of 0.25-0.50", "🚢🚢", "the file <skipped> name", "half a million people"]
ENDINGS = ["on Friday", "in 1999", "at 5 p.m.", "- for now", "– as always", "(see p. 12)", "'for good'", "...", "until next year", "in the north",
           "after all", "despite the rain", "again and again", "by the end of the week"]
MARKS = [".", ".", ".", "!", "?", ";", ":", "...", "?!", ".\"", "”", "", ".)", "…"]
SPACES = [" "] * 60 + ["\u00a0", "\u2009", "  ", "\t", "\u3000", "\u001c", "\u0085"]


def sentence(rng):
    clauses = [" ".join(rng.choice(part) for part in (SUBJECTS, VERBS, OBJECTS, ENDINGS)) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    text = rng.choice([", ", ", and ", "; ", " because "]).join(clauses)
    if rng.random() < 0.8:
        text = text[0].upper() + text[1:]
    return text + rng.choice(MARKS)


def reference(rng):
    kind = rng.random()
    if kind < 0.02:
        return ""
    if kind < 0.05:
        return rng.choice(["Yes.", "No", "1999", "...", "—", "OK!", "3.5 %"])
    if kind < 0.08:
        return " ".join(sentence(rng) for _ in range(rng.randrange(4, 16)))
    if kind < 0.10:
        # So many equal words that not all moves are tried.
        return " ".join(rng.choice(["na", "la", "batman", ","]) for _ in range(rng.randrange(30, 120)))
    return sentence(rng)


def typo(rng, word):
    at = rng.randrange(len(word))
    return word[:at] + rng.choice(["", "e", "x", word[at] * 2, "-", "'"]) + word[at + 1:]


def translation(rng, text):
    kind = rng.random()
    if kind < 0.02:
        return ""
    if kind < 0.04:
        return reference(rng)
    if kind < 0.10:
        return text
    words = text.split(" ")
    for _ in range(rng.choice([0, 1, 1, 2, 3, 4, 8])):
        if not words:
            break
        at = rng.randrange(len(words))
        change = rng.randrange(8)
        if change == 0:
            del words[at]
        elif change == 1:
            words.insert(at, words[rng.randrange(len(words))])
        elif change == 2:
            words[at] = rng.choice(OBJECTS + ENDINGS + MARKS)
        elif change == 3 and words[at]:
            words[at] = typo(rng, words[at])
        elif change == 4:
            words[at] = words[at].swapcase()
        elif change in (5, 6):
            end = min(len(words), at + rng.randrange(1, 7))
            moved, rest = words[at:end], words[:at] + words[end:]
            to = rng.randrange(len(rest) + 1)
            words = rest[:to] + moved + rest[to:]
        else:
            words = words[:at] + sentence(rng).split(" ") + words[at:]
    out = "".join(word + rng.choice(SPACES) for word in words)
    return out if rng.random() < 0.1 else out.strip()


def texts(seed, lines):
    """Two systems, the first one worse, and two references."""
    rng = random.Random(seed)
    references = [reference(rng) for _ in range(lines)]
    better = [translation(rng, text) for text in references]
    return {
        "english.txt": [translation(rng, text) for text in better],
        "english-2.txt": better,
        "reference.txt": references,
        "reference-2.txt": [translation(rng, text) if text else text for text in references],
    }


def write(folder, files):
    for name, lines in files.items():
        (folder / name).write_text("".join(line + "\n" for line in lines), "utf-8", newline="\n")


def read(path):
    """As the command `sacrebleu` reads."""
    with open(path, encoding="utf-8", newline="\n") as file:
        return [line.rstrip() for line in file]


def metrics():
    return {"chrf": CHRF(), "chrf++": CHRF(word_order=2), "bleu": BLEU(force=True), "ter": TER()}


def theirs(english, references):
    """The scores by sacreBLEU."""
    return {name: metric.corpus_score(english, references).score for name, metric in metrics().items()}


def ours(wortlaut, folder, *arguments):
    command = [wortlaut, "evaluate", *arguments, "--json"]
    return json.loads(subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout)


def agree(what, own, other):
    for name in ("chrf", "chrf++", "bleu", "ter"):
        assert abs(own[name] - other[name]) < 10 ** -DECIMALS, f"{what}: {name} is {own[name]}, sacreBLEU has {other[name]}"
    print(f"{what}: " + ", ".join(f"{name} {other[name]:.2f}" for name in other))


def references(*names):
    return [argument for name in names for argument in ("--ref", name)]


def compare(wortlaut, folder, what, recorded=None):
    """All scores of the texts in a folder, with one reference and with two."""
    names = ("reference.txt", "reference-2.txt")
    for english in ("english.txt", "english-2.txt"):
        for count in (1, 2):
            scores = theirs(read(folder / english), [read(folder / name) for name in names[:count]])
            place = f"{what}, {english}, {count} reference" + "s" * (count - 1)
            agree(place, ours(wortlaut, folder, english, *references(*names[:count])), scores)
            if recorded:
                agree(f"{place}, as recorded", recorded[english][str(count)], scores)


def compare_samples(wortlaut, folder):
    """Confidence and significance, which hang on other random numbers. TER would take minutes there."""
    rng = random.Random(5)
    lines = read(folder / "reference.txt")
    # Two of a kind, and one that is worse.
    write(folder, {"english-3.txt": [translation(rng, line) for line in lines]})
    names = ["english-2.txt", "english-3.txt", "english.txt"]
    chosen = {name: metric for name, metric in metrics().items() if name != "ter"}
    systems = [(name, read(folder / name)) for name in names]
    _, theirs = PairedTest(systems, chosen, [lines], test_type="bs", n_samples=1000)()
    own = ours(wortlaut, folder, *names, *references("reference.txt"), "--paired", "--metrics", "chrf,chrf++,bleu")
    for place, system in enumerate(own["systems"]):
        for name, their_name in {"chrf": "chrF2", "chrf++": "chrF2++", "bleu": "BLEU"}.items():
            result, interval = theirs[their_name][place], system["confidence"][name]
            print(f"{system['system']}: {name} {interval['mean']:.2f} ± {interval['interval']:.2f}, sacreBLEU {result.mean:.2f} ± {result.ci:.2f}")
            assert abs(interval["mean"] - result.mean) < 0.2 * result.ci, (name, interval, result)
            assert abs(interval["interval"] - result.ci) < 0.2 * result.ci, (name, interval, result)
            if place:
                print(f"  p {system['p'][name]:.4f}, sacreBLEU {result.p_value:.4f}")
                # Four standard deviations of the difference of two such figures.
                assert abs(system["p"][name] - result.p_value) < 0.09, (name, system["p"], result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wortlaut", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if args.write:
        FIXTURE.mkdir(parents=True, exist_ok=True)
        write(FIXTURE, texts(1, LINES))
        refs = [read(FIXTURE / name) for name in ("reference.txt", "reference-2.txt")]
        recorded = {
            english: {str(count): theirs(read(FIXTURE / english), refs[:count]) for count in (1, 2)}
            for english in ("english.txt", "english-2.txt")
        }
        recorded["signature"] = {}
        for name, metric in metrics().items():
            metric.corpus_score([""], [[""]])
            recorded["signature"][name] = str(metric.get_signature())
        (FIXTURE / "figures.json").write_text(json.dumps(recorded, indent=1) + "\n", "utf-8")
    wortlaut = args.wortlaut.resolve()
    compare(wortlaut, FIXTURE, "recorded texts", json.loads((FIXTURE / "figures.json").read_text("utf-8")))
    for seed in range(2, 2 + args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write(folder, texts(seed, args.lines))
            compare(wortlaut, folder, f"texts of seed {seed}")
            compare_samples(wortlaut, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
