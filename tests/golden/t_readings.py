#!/usr/bin/env python3
"""Every row of data/readings.tsv through `gradus batch`: its value, or a refusal that mentions the words."""
import csv
import json
import os
import subprocess
import sys

BUILD = os.environ.get("GRADUS_BUILD", "build")
DATA = os.environ.get("GRADUS_DATA", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data"))
TOLERANCE = 1e-12  # relative: values are read as doubles, the corpus states them to 16 digits


def flat(value):
    return [x for entry in value for x in flat(entry)] if isinstance(value, list) else [value]


def requests(row):
    for i, text in enumerate(filter(None, row["define"].split(";;"))):
        yield {"id": f"{row['id']}.{i}", "op": "define", "expr": text}
    yield {"id": row["id"], "op": "eval", "expr": row["input"], "format": row["format"],
           "at": json.loads(row["at"]), "given": json.loads(row["given"])}
    yield {"id": f"{row['id']}.reset", "op": "reset"}


def fault(row, reply):
    """What is wrong with the reply, or None."""
    if reply is None:
        return "no reply"
    if row["expect"] == "error":
        said = json.dumps(reply.get("error"), ensure_ascii=False)
        missing = [w for w in filter(None, row["mention"].split(";;")) if w not in said]
        return "accepted" if reply.get("ok") else f"{missing} not in {said}" if missing else None
    want, got = flat(json.loads(row["expect"])), flat(reply.get("value"))
    fits = reply.get("ok") and len(want) == len(got) and all(
        isinstance(g, (int, float)) and abs(g - w) <= TOLERANCE * max(1, abs(w)) for g, w in zip(got, want))
    return None if fits else f"{reply.get('value')} {reply.get('error')}, expected {row['expect']}"


def main():
    with open(os.path.join(DATA, "readings.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    asked = "".join(json.dumps(r) + "\n" for row in rows for r in requests(row))
    done = subprocess.run([os.path.join(BUILD, "gradus"), "batch"], input=asked.encode(), stdout=subprocess.PIPE,
                          timeout=120, check=False)
    replies = {r.get("id"): r for r in map(json.loads, done.stdout.decode().splitlines())}
    wrong = 0
    for row in rows:
        why = fault(row, replies.get(row["id"]))
        wrong += why is not None
        print(f"{'ok' if why is None else 'not ok'} - {row['id']} {row['input']}" + (f": {why}" if why else ""))
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
