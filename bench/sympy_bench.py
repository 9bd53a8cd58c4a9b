#!/usr/bin/python3
"""sympy_bench.py FILE SECONDS: SymPy's side; file and output as in ginac_bench.cpp. A group that needs more than SECONDS
for one pass prints 'over'. SymPy's cache is emptied before each pass: without that it only looks up."""
import re
import signal
import statistics
import sys
import time
import warnings

import sympy
from sympy.core.cache import clear_cache
from sympy.parsing.sympy_parser import parse_expr

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from formulas import parse, sympy_names  # noqa: E402

sys.setrecursionlimit(100000)
warnings.simplefilter("ignore")


NAME = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*\()")


class Over(Exception):
    pass


def depth(text):
    level = deepest = 0
    for character in text:
        level += (character == "(") - (character == ")")
        deepest = max(deepest, level)
    return deepest


def build(tree, names):
    """The tree of formulas.parse as a SymPy expression."""
    kind = tree[0]
    if kind == "number":
        return sympy.Number(tree[1])
    if kind == "name":
        return names[tree[1]]
    if kind == "neg":
        return -build(tree[1], names)
    if kind == "call":
        return getattr(sympy, tree[1])(*(build(arg, names) for arg in tree[2]))
    left, right = build(tree[1], names), build(tree[2], names)
    operator = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "^": "__pow__"}[kind]
    return getattr(left, operator)(right)


def alarm(*_):
    raise Over


def one_pass(tasks, names):
    read = derive = show = 0.0
    characters = refused = 0
    clear_cache()
    for order, variables, text in tasks:
        start = time.process_time()
        local = dict(names)
        # Every name that is not called and not a constant is a real symbol, also where SymPy has its own meaning for it.
        used = set(NAME.findall(text)) - {"e", "pi", "and", "or"}
        local.update((name, sympy.Symbol(name, real=True)) for name in used)
        by = [sympy.Symbol(name, real=True) for name in variables]
        try:
            # Python's reader takes no more than 200 brackets inside one another: the deep one is built by ours.
            deep = depth(text) >= 100
            f = build(parse(text), local) if deep else parse_expr(text.replace("^", "**"), local_dict=local)
            done = time.process_time()
            results = [sympy.diff(f, x, order) for x in by]
            derived = time.process_time()
        except (TypeError, ValueError, AttributeError, SyntaxError):
            refused += 1
            continue
        characters += sum(len(str(r)) for r in results)
        read, derive, show = read + done - start, derive + derived - done, show + time.process_time() - derived
    return read, derive, show, characters, refused


def main():
    groups = {}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            group, _, order, variables, text = line.rstrip("\n").split("\t")
            groups.setdefault(group, []).append((int(order), variables.split(), text))
    limit = int(sys.argv[2])
    names = sympy_names()
    signal.signal(signal.SIGALRM, alarm)
    for group, tasks in groups.items():
        passes = []
        try:
            begin = time.process_time()
            while not passes or (len(passes) < 5 and time.process_time() - begin < limit / 4):
                signal.alarm(limit)
                passes.append(one_pass(tasks, names))
            signal.alarm(0)
        except (Over, RecursionError):
            signal.alarm(0)
            print(group, len(tasks), 0, "over", "over", "over", 0, sep="\t", flush=True)
            continue
        middle = [statistics.median(p[k] for p in passes) for k in range(5)]
        print(group, len(tasks), len(passes), *(f"{m:.6g}" for m in middle[:3]), int(middle[3]),
              f"{int(middle[4])} refused" if middle[4] else "", sep="\t", flush=True)


if __name__ == "__main__":
    main()
