#!/usr/bin/env python3
"""The seed's Monte Carlo program in Python: this file is the main part, and what it brings to the nodes as their worker."""

import os
import random
import sys

AT_ONCE = 8


def work(points, seed):
    generator = random.Random(f"{seed}/{os.environ.get('PEWTER_INDEX', 0)}")
    inside = sum(generator.random() ** 2 + generator.random() ** 2 < 1 for _ in range(points))
    print(points, inside)


def main(jobs=AT_ONCE, points=100_000):
    import pewter

    total, inside, done = 0, 0, 0
    with pewter.Pewter() as lab:
        while done < jobs:
            count = min(AT_ONCE, jobs - done)
            command = ["/usr/bin/python3", os.path.basename(__file__), "worker", str(points), str(done)]
            with lab.spawn_n(count, *command, on="state=ready", files=[os.path.abspath(__file__)]) as batch:
                for worker, end in batch.ended():
                    if end.shell_code:
                        sys.exit(f"a worker on {worker.node} {end}: {worker.read(2).decode()}")
                    more, hits = map(int, worker.read().split())
                    total, inside, done = total + more, inside + hits, done + 1
    print(f"{done} results, {total} points: pi = {4 * inside / total:.6f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        work(int(sys.argv[2]), sys.argv[3])
    else:
        main(*map(int, sys.argv[1:]))
