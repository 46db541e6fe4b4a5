"""The `follows` graph: persons who follow persons, 10 uniform edges each, and hubs followed by 0.5 to 5 % of all.

The same seed gives the same bytes. Writes persons.parquet, follows.parquet, graph.jsonl, follows.pg, edges.bin (uint32
pairs, for the limits) and data.json (parameters and digests).
Usage: follows.py PERSONS FOLDER
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20261121
CITIES = 1000
SCHEMA = """node Person { key: String @key  age: I32  city: String  gender: enum(f, m) }
edge Follows: Person -> Person { since: I32  @unique(src, dst) }
"""


def edges(rng: np.random.Generator, persons: int) -> np.ndarray:
    uniform_src = np.repeat(np.arange(persons, dtype=np.uint32), 10)
    uniform = np.stack([uniform_src, rng.integers(0, persons, uniform_src.size, dtype=np.uint32)], axis=1)
    hubs = rng.choice(persons, size=min(500, persons // 20), replace=False).astype(np.uint32)
    parts = [uniform]
    for hub in hubs:
        followers = rng.choice(persons, size=int(persons * rng.uniform(0.005, 0.05)), replace=False).astype(np.uint32)
        parts.append(np.stack([followers, np.full(followers.size, hub, dtype=np.uint32)], axis=1))
    pairs = np.unique(np.concatenate(parts), axis=0)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def main(persons: int, folder: pathlib.Path) -> None:
    if (folder / "data.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    keys = np.array([f"p{i:08d}" for i in range(persons)])
    ages = rng.integers(15, 90, persons, dtype=np.int32)
    cities = np.array([f"city{i:04d}" for i in rng.integers(0, CITIES, persons)])
    genders = np.array(["f", "m"])[rng.integers(0, 2, persons)]
    pairs = edges(rng, persons)
    since = rng.integers(2000, 2026, len(pairs), dtype=np.int32)
    pq.write_table(pa.table({"key": keys, "age": ages, "city": cities, "gender": genders}), folder / "persons.parquet")
    pq.write_table(pa.table({"src": keys[pairs[:, 0]], "dst": keys[pairs[:, 1]], "since": since}), folder / "follows.parquet")
    pairs.astype("<u4").tofile(folder / "edges.bin")
    (folder / "follows.pg").write_text(SCHEMA)
    with open(folder / "graph.jsonl", "w") as out:
        for i in range(persons):
            out.write(f'{{"type":"Person","data":{{"key":"{keys[i]}","age":{ages[i]},"city":"{cities[i]}","gender":"{genders[i]}"}}}}\n')
        for (src, dst), year in zip(pairs, since):
            out.write(f'{{"edge":"Follows","from":"{keys[src]}","to":"{keys[dst]}","data":{{"since":{year}}}}}\n')
    degree = np.bincount(pairs[:, 1], minlength=persons)
    (folder / "data.json").write_text(json.dumps({
        "name": f"follows-{persons}", "seed": SEED, "persons": persons, "edges": int(len(pairs)),
        "uniform": [str(k) for k in keys[rng.integers(0, persons, 100)]],
        "hubs": [str(keys[i]) for i in np.argsort(-degree)[:20]],
        "sha256": hashlib.sha256((folder / "edges.bin").read_bytes()).hexdigest(),
    }))


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]))
