#!/usr/bin/env python3
"""How often each rule of repair fires on recorded outputs of services, and how often rightly.

    cargo build --release --example replay_terms
    rule_precision.py ROWS.jsonl GLOSSARY.tsv --replay target/release/examples/replay_terms [--limit N]

ROWS has one JSON object a line: `de`, human translations `en` and `refB`, and `sys` with the output of each service. Every
output goes through enforcement with repair alone. A firing counts as right if the sentence is at least as near to its
nearest human translation as before (chrF, character n-grams up to 6, beta 2): the humans used the accepted renderings, so
a wrong replacement moves away from them. Sentences in which several rules fired count for each of them.
Python standard library only.
"""
import argparse
import collections
import json
import subprocess


def ngrams(text, length):
    text = "".join(text.split())
    return collections.Counter(text[at : at + length] for at in range(len(text) - length + 1))


def chrf(hypothesis, reference):
    """chrF of a sentence, in percent."""
    scores = []
    for length in range(1, 7):
        ours, theirs = ngrams(hypothesis, length), ngrams(reference, length)
        if not ours or not theirs:
            continue
        shared = sum((ours & theirs).values())
        precision, recall = shared / sum(ours.values()), shared / sum(theirs.values())
        scores.append(5 * precision * recall / (4 * precision + recall) if shared else 0.0)
    return 100 * sum(scores) / len(scores) if scores else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("glossary")
    parser.add_argument("--replay", required=True, help="the example replay_terms")
    parser.add_argument("--show", type=int, default=0, help="wrong firings shown for each rule")
    options = parser.parse_args()
    with open(options.rows, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    fired, right, wrong = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    for system in sorted(rows[0]["sys"]):
        command = [options.replay, options.rows, options.glossary, system]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for row, line in zip(rows, output.splitlines(), strict=True):
            result = json.loads(line)
            if not result["rules"] or result["en"] == result["native"]:
                continue
            references = [row[name] for name in ("en", "refB") if row.get(name)]
            before = max(chrf(result["native"], reference) for reference in references)
            after = max(chrf(result["en"], reference) for reference in references)
            for rule in set(result["rules"]):
                fired[rule] += 1
                right[rule] += after >= before
                if after < before:
                    wrong[rule].append((after - before, result["native"], result["en"]))
    print(f"{'rule':16} {'fired':>6} {'right':>6} {'precision':>9}")
    for rule, count in fired.most_common():
        print(f"{rule:16} {count:6} {right[rule]:6} {100 * right[rule] / count:8.1f}%")
        for difference, native, english in sorted(wrong[rule])[: options.show]:
            print(f"    {difference:+.1f}  {native}\n          {english}")
    total, good = sum(fired.values()), sum(right.values())
    print(f"{'all':16} {total:6} {good:6} {100 * good / max(total, 1):8.1f}%")


if __name__ == "__main__":
    main()
