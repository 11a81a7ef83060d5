#!/usr/bin/env python3
"""What it is worth to pay for some segments only: quality over the share paid, of one engine's answers replaced by a better one's.

    pay.py RECORDED.jsonl --cheap SYSTEM --paid SYSTEM [--wortlaut BINARY] [--reference ref.A] [--every 5] [--json]

RECORDED has a line a segment: `{"de": "…", "sys": {"system": "its English", …}}`. All segments are first in the cheap system's English. The ones to
pay for are chosen by what `wortlaut check` finds in them, the worst first; at random (the mean of 200 orders); and by an oracle, which
knows what each is worth by the reference. The share is that of the characters of the German, which is what services bill. Prints chrF
at each share, and how many times random's gain the findings have. Needs sacrebleu (PyPI).
"""
import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

from sacrebleu.metrics import CHRF

# How much a finding speaks for paying: an error of the kinds that are sure, a warning, a remark.
WEIGHTS = {"error": 10, "warning": 4, "info": 1}


def findings(wortlaut, rows, system):
    """The weight of the findings of each segment."""
    with tempfile.TemporaryDirectory() as folder:
        german, english = Path(folder, "german.txt"), Path(folder, "english.txt")
        german.write_text("".join(row["de"].replace("\n", " ") + "\n" for row in rows))
        english.write_text("".join(row["sys"][system].replace("\n", " ") + "\n" for row in rows))
        done = subprocess.run([wortlaut, "check", german, english, "--json"], capture_output=True, text=True, cwd=folder)
    weights = [0] * len(rows)
    for line in done.stdout.splitlines():
        found = json.loads(line)
        if 0 < found["line"] <= len(rows):
            weights[found["line"] - 1] += WEIGHTS[found["severity"]]
    return weights


class Corpus:
    """chrF of a mixture of two systems, from the counts of n-grams of each segment."""

    def __init__(self, rows, cheap, paid, reference):
        self.metric = CHRF()
        counts = lambda system: self.metric._extract_corpus_statistics([row["sys"][system] for row in rows], [[row["sys"][reference] for row in rows]])
        self.cheap, self.paid = counts(cheap), counts(paid)
        self.characters = [len(row["de"]) for row in rows]
        self.total = [sum(column) for column in zip(*self.cheap)]

    def score(self, counts):
        return self.metric._compute_f_score(counts)

    def curve(self, order, shares):
        """chrF at each share of characters paid, in an order of segments."""
        whole, spent = sum(self.characters), 0
        now, scores, shares = list(self.total), [], list(shares)
        for at in [*order, None]:
            while shares and (at is None or spent + self.characters[at] > shares[0] * whole):
                scores.append(self.score(now))
                shares.pop(0)
            if at is None or not shares:
                break
            spent += self.characters[at]
            now = [n - c + p for n, c, p in zip(now, self.cheap[at], self.paid[at])]
        return scores

    def worth(self, at):
        """What paying for a segment changes, for each character of it."""
        swapped = [n - c + p for n, c, p in zip(self.total, self.cheap[at], self.paid[at])]
        return (self.score(swapped) - self.score(self.total)) / max(1, self.characters[at])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recorded", type=Path)
    parser.add_argument("--cheap", required=True)
    parser.add_argument("--paid", required=True)
    parser.add_argument("--reference", default="ref.A")
    parser.add_argument("--wortlaut", default="target/release/wortlaut", type=lambda path: Path(path).resolve())
    parser.add_argument("--every", type=int, default=10, help="percent between two shares")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    systems = (options.cheap, options.paid, options.reference)
    rows = [json.loads(line) for line in options.recorded.read_text().splitlines()]
    rows = [row for row in rows if all(row["sys"].get(system, "").strip() for system in systems)]
    corpus = Corpus(rows, *systems)
    shares = [percent / 100 for percent in range(0, 101, options.every)]
    chance = random.Random(1)
    orders = [chance.sample(range(len(rows)), len(rows)) for _ in range(200)]
    weights = findings(options.wortlaut, rows, options.cheap)
    mean = lambda curves: [sum(column) / len(column) for column in zip(*curves)]
    # Of segments with the same findings nobody knows which one is worse.
    found = mean([corpus.curve(sorted(order, key=lambda at: -weights[at]), shares) for order in orders])
    drawn = mean([corpus.curve(order, shares) for order in orders])
    oracle = corpus.curve(sorted(range(len(rows)), key=lambda at: -corpus.worth(at)), shares)
    flagged = sum(corpus.characters[at] for at, weight in enumerate(weights) if weight) / sum(corpus.characters)
    if options.json:
        print(json.dumps({"shares": shares, "findings": found, "random": drawn, "oracle": oracle, "flagged": flagged}))
        return
    print(f"{len(rows)} segments, {options.cheap} then {options.paid}; {flagged:.1%} of the characters have findings")
    print("paid   findings   random   oracle   gain beside random's")
    for share, *scores in zip(shares, found, drawn, oracle):
        gains = [score - found[0] for score in scores]
        times = f"{gains[0] / gains[1]:.2f}" if gains[1] > 0.005 else ""
        print(f"{share:4.0%}   {scores[0]:8.2f} {scores[1]:8.2f} {scores[2]:8.2f}   {times}")


main()
