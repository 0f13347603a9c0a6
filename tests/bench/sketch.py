"""Runs in a virtual environment of its own: what a pipeline with datasketch does for a text, shingles, sketch, look-up, insertion; no
sentence is judged. A line in is a text's words, as JSON; a line out the seconds it took."""

from __future__ import annotations

import json
import sys
import time

from datasketch import MinHash, MinHashLSH

PERMUTATIONS, THRESHOLD = 128, 0.5  # what its documentation recommends


def main(shingle: int) -> None:
    """Sketch every text that comes."""
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for number, line in enumerate(sys.stdin):
        words = json.loads(line)
        began = time.perf_counter()
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([" ".join(words[i : i + shingle]).encode() for i in range(len(words) - shingle + 1)])
        lsh.query(sketch)
        lsh.insert(number, sketch)
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
