#!/usr/bin/env python3
"""How fast a GGUF model is read and decoded, and in how much memory, beside llama.cpp in the same run.

  npm install node-llama-cpp        # in a folder PEER: llama.cpp built for each kind of processor
  cargo build --release --example gguf_speed
  python3 tests/bench/gguf_peer.py MODEL.gguf PEER [--program target/release/examples/gguf_speed] [--rounds 5]

The two take turns. Each loads the model, reads a prompt of 512 tokens, and says 48 tokens in each of eight texts side by side, both on all cores.
Prints the median of the rounds: seconds of loading, tokens a second of reading and of saying, the peak of memory as a multiple of the file, and ours as a
multiple of theirs. Nothing else should run meanwhile. Python standard library and Node 20 or newer.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("peer", help="the folder in which node-llama-cpp is installed")
    parser.add_argument("--program", default="target/release/examples/gguf_speed")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def measured(command, folder, size):
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readlines()[-1:]
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0 or not line:
        sys.exit(f"{command[0]} ended with {status}")
    return {**json.loads(line[0]), "memory": usage.ru_maxrss * 1024 / size}


def main():
    a = options()
    model = os.path.abspath(a.model)
    size = os.path.getsize(model)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf_peer.mjs")
    ours = [os.path.abspath(a.program), model]
    theirs = ["node", script, model, str(os.cpu_count())]
    rounds = [(measured(ours, None, size), measured(theirs, a.peer, size)) for _ in range(a.rounds)]
    print(f"{'':8} {'wortlaut':>10} {'llama.cpp':>10} {'ratio':>7}")
    for what in ["loaded", "read", "said", "memory"]:
        one, other = (statistics.median(round[side][what] for round in rounds) for side in (0, 1))
        print(f"{what:8} {one:10.2f} {other:10.2f} {one / other:7.2f}")


if __name__ == "__main__":
    main()
