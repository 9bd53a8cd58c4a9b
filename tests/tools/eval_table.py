#!/usr/bin/env python3
"""Writes tests/data/eval.tsv: values of formulas at points, by mpmath at 80 digits.

Each row: the formula in the language, its points, and its value: 50 digits, or `undefined`, `inf`, `-inf`.
The second road is written out by hand beside each formula as a Python expression; nothing here reads the language.
Run again after adding a row:  python3 tests/tools/eval_table.py > tests/data/eval.tsv
"""
from mpmath import (acosh, acos, acot, asin, asinh, atan, atan2, atanh, airyai, airybi, besseli, besselj, besselk, bessely,
                    beta, cbrt, ceil, chi, ci, cos, cosh, digamma, e, ei, ellipe, ellipk, erf, erfc, erfi, erfinv, exp,
                    expm1, factorial, floor, fresnelc, fresnels, fsum, gamma, hypot, inf, lambertw, li, log, log1p,
                    loggamma, mp, mpf, nstr, pi, polygamma, shi, si, sign, sin, sinh, sqrt, tan, tanh, zeta)

mp.dps = 80


def sigmoid(t):
    return 1 / (1 + exp(-t))


def softplus(t):
    return log1p(exp(t)) if t < 50 else t + log1p(exp(-t))


def frac(s):
    if "/" in s:
        p, q = s.split("/")
        return mpf(p) / mpf(q)
    return mpf(s)


# formula, points, value as a function of the points (None: undefined)
ROWS = [
    # arithmetic and powers
    ("1/3 + 1/6", "", lambda: mpf(1) / 2),
    ("x^3 - 2*x + 1", "x=0.3", lambda x: x ** 3 - 2 * x + 1),
    ("x^-2 + x^(5/2)", "x=1.7", lambda x: x ** -2 + x ** (mpf(5) / 2)),
    ("(x - y)/(x + y)", "x=1/3 y=2/7", lambda x, y: (x - y) / (x + y)),
    ("sqrt(x)*sqrt(y)", "x=2 y=3", lambda x, y: sqrt(x) * sqrt(y)),
    ("x^y", "x=2.5 y=-3.25", lambda x, y: x ** y),
    ("x^y", "x=-2 y=5", lambda x, y: mpf(-32)),
    ("x^y", "x=-2 y=1/2", None),
    ("x^(1/3)", "x=-8", None),
    ("cbrt(x)", "x=-8", lambda x: mpf(-2)),
    ("cbrt(x)", "x=5", lambda x: cbrt(x)),
    ("x^0", "x=0", lambda x: mpf(1)),
    ("1/x", "x=0", None),
    ("x/x^2", "x=0", None),
    ("sqrt(x)", "x=-1e-300", None),
    ("(1 + x)^1000", "x=0.001", lambda x: (1 + x) ** 1000),
    ("pi^e - e^pi", "", lambda: pi ** e - e ** pi),
    ("2^3^2 - -2^2", "", lambda: mpf(516)),
    # exponentials, logarithms
    ("exp(x) - 1 - x", "x=1e-12", lambda x: exp(x) - 1 - x),
    ("expm1(x) + log1p(x)", "x=1e-20", lambda x: expm1(x) + log1p(x)),
    ("ln(1 + e^-x)", "x=800", lambda x: log1p(exp(-x))),
    ("log2(x) + log10(x) + log(x, 7)", "x=3", lambda x: log(x, 2) + log(x, 10) + log(x, 7)),
    ("ln(x)", "x=0", None),
    ("ln(x)", "x=-3", None),
    ("exp(exp(x))", "x=5", lambda x: exp(exp(x))),
    # trigonometric and hyperbolic
    ("sin(x)", "x=1e22", lambda x: sin(x)),
    ("tan(x) + cos(x)", "x=1.5707963267948966", lambda x: tan(x) + cos(x)),
    ("asin(x) + acos(x) - pi/2", "x=0.3", lambda x: mpf(0)),
    ("asin(x)", "x=1.5", None),
    ("atan(x) + acot(x)", "x=2.5", lambda x: atan(x) + acot(x)),
    ("atan2(y, x)", "x=-1 y=-2", lambda x, y: atan2(y, x)),
    ("sinh(x)*cosh(x)*tanh(x)", "x=-2.25", lambda x: sinh(x) * cosh(x) * tanh(x)),
    ("asinh(x) + acosh(x)", "x=1.25", lambda x: asinh(x) + acosh(x)),
    ("acosh(x)", "x=0.5", None),
    ("atanh(x)", "x=0.75", lambda x: atanh(x)),
    ("atanh(x)", "x=1", None),
    # machine learning
    ("sigmoid(x)*(1 - sigmoid(x))", "x=40", lambda x: sigmoid(x) * (1 - sigmoid(x))),
    ("softplus(x) - x", "x=50", lambda x: softplus(x) - x),
    ("relu(x) + leaky_relu(x)*0 + abs(x)", "x=-0.75", lambda x: -x),
    ("max(x, y, 1/3) + min(x, y)", "x=0.25 y=-1", lambda x, y: mpf(1) / 3 - 1),
    ("silu(x)", "x=1.5", lambda x: x * sigmoid(x)),
    ("gelu(x)", "x=1.5", lambda x: x * (1 + erf(x / sqrt(mpf(2)))) / 2),
    ("logit(x)", "x=0.9", lambda x: log(x / (1 - x))),
    ("logit(x)", "x=1", None),
    # special functions
    ("erf(x) + erfc(x)/2", "x=0.7", lambda x: erf(x) + erfc(x) / 2),
    ("erfc(x)", "x=20", lambda x: erfc(x)),
    ("erfi(x)", "x=1.25", lambda x: erfi(x)),
    ("erfinv(x)", "x=0.9", lambda x: erfinv(x)),
    ("gamma(x)", "x=-2.5", lambda x: gamma(x)),
    ("gamma(x)", "x=-3", None),
    ("lgamma(x)", "x=1e10", lambda x: loggamma(x)),
    ("digamma(x) + polygamma(2, x)", "x=3.25", lambda x: digamma(x) + polygamma(2, x)),
    ("beta(x, y)", "x=2.5 y=0.5", lambda x, y: beta(x, y)),
    ("factorial(x)", "x=20", lambda x: factorial(x)),
    ("zeta(x)", "x=3", lambda x: zeta(x)),
    ("besselj(1, x) + bessely(0, x)", "x=2.5", lambda x: besselj(1, x) + bessely(0, x)),
    ("besseli(1, x)*besselk(1, x)", "x=2.5", lambda x: besseli(1, x) * besselk(1, x)),
    ("airyai(x) + airybi(x)", "x=-1.5", lambda x: airyai(x) + airybi(x)),
    ("ellipk(x) + ellipe(x)", "x=0.4", lambda x: ellipk(x) + ellipe(x)),
    ("lambertw(x)", "x=2", lambda x: lambertw(x).real),
    ("Si(x) + Ci(x) + Shi(x) + Chi(x)", "x=1.5", lambda x: si(x) + ci(x) + shi(x) + chi(x)),
    ("Ei(x) + li(x)", "x=2.5", lambda x: ei(x) + li(x)),
    ("fresnels(x) - fresnelc(x)", "x=0.5", lambda x: fresnels(x) - fresnelc(x)),
    ("hypot(x, y)", "x=3e200 y=4e200", lambda x, y: hypot(x, y)),
    # steps, cases, brackets
    ("floor(x) + ceil(x) + sign(x)", "x=-7/3", lambda x: mpf(-6)),
    ("mod(x, 3)", "x=-7/2", lambda x: mpf(5) / 2),
    ("{x^2 if x > 0; ln(x) if x > -1; 7 otherwise}", "x=-3", lambda x: mpf(7)),
    ("{x^2 if x > 0; ln(-x) otherwise}", "x=-3", lambda x: log(mpf(3))),
    ("{1 if 3*x == 1; 2 otherwise}", "x=1/3", lambda x: mpf(1)),
    ("{1/x if x != 0; 5 otherwise}", "x=0", lambda x: mpf(5)),
    ("[x > 0]*ln(x) + 1", "x=-1", lambda x: mpf(1)),
    ("[x > 0]*ln(x)/(x + 1)", "x=-1", lambda x: mpf(0)),
    ("[x < 0]*ln(x)", "x=-1", None),
    ("[ln(x) < 0]", "x=-1", None),
    ("[x > 0 and ln(x) < 5]*3", "x=-1", lambda x: mpf(0)),
    # reducers
    ("sum[i=1..n](1/i^2)", "n=200", lambda n: fsum(mpf(1) / i ** 2 for i in range(1, 201))),
    ("sum[i=1..n](sin(i*x))", "n=50 x=0.3", lambda n, x: fsum(sin(i * x) for i in range(1, 51))),
    ("sum[i=1..n](sum[j=1..i](x^j/j))", "n=12 x=0.9",
     lambda n, x: fsum(fsum(x ** j / j for j in range(1, i + 1)) for i in range(1, 13))),
    ("prod[i=1..n](1 + x/i)", "n=30 x=0.5", lambda n, x: gamma(31 + x) / gamma(31) / gamma(1 + x)),
    ("max[i=1..n](sin(i)) + min[i=1..n](cos(i))", "n=100",
     lambda n: max(sin(mpf(i)) for i in range(1, 101)) + min(cos(mpf(i)) for i in range(1, 101))),
    ("argmax[i=1..n](sin(i))", "n=100", lambda n: mpf(33)),
    ("mean[i=1..n](exp(-i))", "n=10", lambda n: fsum(exp(mpf(-i)) for i in range(1, 11)) / 10),
    ("mean[i=1..n](exp(-i))", "n=0", None),
    ("logsumexp[i=1..n](1000*x*i)", "n=3 x=2", lambda n, x: 6000 + log(1 + exp(mpf(-2000)) + exp(mpf(-4000)))),
    ("max[i=1..n](x*i)", "n=0 x=1", lambda n, x: -inf),
    ("sum[i=0..n](x^i)", "n=4 x=0", lambda n, x: mpf(1)),
    ("sum[i=1..3, j=1..3 : i < j](i*j*x)", "x=0.5", lambda x: mpf(11) / 2),
    ("sum[i=1..n](1/(i - x))", "n=5 x=3", None),
    # cancellation: more bits are needed than a double has
    ("sqrt(x^2 + 1) - x", "x=1e9", lambda x: sqrt(x ** 2 + 1) - x),
    ("(1 - cos(x))/x^2", "x=1e-9", lambda x: (1 - cos(x)) / x ** 2),
    ("exp(x)*exp(-x) - 1 + 1e-40", "x=0.7", lambda x: mpf(10) ** -40),
    ("sin(pi*k) + 1", "k=5", lambda k: mpf(1)),
    ("tanh(x)^2 + 1/cosh(x)^2", "x=3.5", lambda x: mpf(1)),
    ("gamma(x + 1)/gamma(x) - x", "x=5.5", lambda x: mpf(0)),
    ("inf - 3", "", lambda: inf),
]


def show(v):
    if v == inf:
        return "inf"
    if v == -inf:
        return "-inf"
    return nstr(v, 50, strip_zeros=True)


def main():
    print("formula\tpoints\tvalue")
    for formula, points, value in ROWS:
        args = [frac(p.split("=")[1]) for p in points.split()]
        names = [p.split("=")[0] for p in points.split()]
        if value is None:
            text = "undefined"
        else:
            text = show(value(**dict(zip(names, args))))
        print(formula, points, text, sep="\t")


if __name__ == "__main__":
    main()
