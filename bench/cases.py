"""The formulas that are measured: (a) the corpus, (b) to (e) the four large ones, in the corpus grammar."""
import csv
import random
import sys


def corpus(path):
    csv.field_size_limit(sys.maxsize)
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield row["id"], row["formula"], row["variable"], int(row["order"])


def products(n):
    return " + ".join(f"{k}*x^{k % 7 + 1}*sin({k}*x)" for k in range(1, n + 1))


def nested_sigmoid(depth):
    return "1/(1+exp(-(" * depth + "x" + ")))" * depth


def log_likelihood(variables=20, components=5):
    """log of a sum of weighted Gaussians; numbers with two decimals from a fixed seed."""
    chance = random.Random(20)
    parts = []
    for _ in range(components):
        inner = " + ".join(f"{chance.randint(50, 300) / 100}*(x{i} - {chance.randint(-200, 200) / 100})^2".replace("- -", "+ ")
                           for i in range(1, variables + 1))
        parts.append(f"{chance.randint(5, 95) / 100}*exp(-1/2*({inner}))")
    return "log(" + " + ".join(parts) + ")", [f"x{i}" for i in range(1, variables + 1)]


def large():
    """key, formula, variables, order"""
    yield "products", products(10000), ["x"], 1
    yield "nested", nested_sigmoid(200), ["x"], 1
    yield "tenth", "1/(1+exp(-x))", ["x"], 10
    formula, variables = log_likelihood()
    yield "gradient", formula, variables, 1
