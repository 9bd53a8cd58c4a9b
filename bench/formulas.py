"""Formulas of the corpus in the syntax of the peers: a small reader for the corpus grammar and two writers."""
import re

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|[-+*/^(),<>]))")
BINDING = {"or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8}


class Unsupported(Exception):
    """The peer has no way to say this."""


def tokens(text):
    at, out = 0, []
    text = text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise Unsupported(text[at:at + 10])
        out.append(found.group(1) and ("number", found.group(1)) or found.group(2) and ("name", found.group(2))
                   or ("sign", found.group(3)))
        at = found.end()
    return out + [("end", "")]


def parse(text):
    """Nested tuples: ("number", s), ("name", s), ("call", f, args), (operator, left, right), ("neg", t)."""
    stream, at = tokens(text), 0

    def peek():
        return stream[at][1]

    def take(expected=None):
        nonlocal at
        token = stream[at]
        if expected and token[1] != expected:
            raise Unsupported(f"{expected} expected")
        at += 1
        return token

    def primary():
        kind, value = take()
        if kind == "number":
            return ("number", value)
        if kind == "name":
            if peek() != "(":
                return ("name", value)
            take("(")
            args = [expression(0)]
            while peek() == ",":
                take()
                args.append(expression(0))
            take(")")
            return ("call", value, args)
        if value == "(":
            inner = expression(0)
            take(")")
            return inner
        if value == "-":
            return ("neg", expression(7))
        if value == "+":
            return expression(7)
        raise Unsupported(value)

    def expression(least):
        left = primary()
        while BINDING.get(peek(), -1) >= max(least, 1):
            sign = take()[1]
            right = expression(7 if sign == "^" else BINDING[sign] + 1)
            left = (sign, left, right)
        return left

    tree = expression(0)
    take("")
    return tree


# What GiNaC lacks but can say: the function as a formula in its arguments.
AS_FORMULA = {
    "ln": "log({0})", "log2": "(log({0})/log(2))", "log10": "(log({0})/log(10))", "log1p": "log(1+{0})",
    "expm1": "(exp({0})-1)", "exp2": "2^({0})", "cbrt": "({0})^(1/3)", "sec": "(1/cos({0}))", "csc": "(1/sin({0}))",
    "cot": "(1/tan({0}))", "sech": "(1/cosh({0}))", "csch": "(1/sinh({0}))", "coth": "(1/tanh({0}))",
    "arcsin": "asin({0})", "arccos": "acos({0})", "arctan": "atan({0})", "arsinh": "asinh({0})",
    "arcosh": "acosh({0})", "artanh": "atanh({0})", "acoth": "atanh(1/({0}))", "asech": "acosh(1/({0}))",
    "acsch": "asinh(1/({0}))", "asec": "acos(1/({0}))", "acsc": "asin(1/({0}))", "acot": "atan(1/({0}))",
    "sigmoid": "(1/(1+exp(-({0}))))", "softplus": "log(1+exp({0}))", "logit": "log(({0})/(1-({0})))",
    "silu": "(({0})/(1+exp(-({0}))))", "swish": "(({0})/(1+exp(-({0}))))", "gamma": "tgamma({0})",
    "tgamma": "tgamma({0})", "digamma": "psi({0})", "trigamma": "psi(1,{0})", "polygamma": "psi({0},{1})",
    "hypot": "sqrt(({0})^2+({1})^2)", "sinc": "(sin({0})/({0}))", "softsign": "(({0})/(1+abs({0})))",
    "mish": "(({0})*tanh(log(1+exp({0}))))",
}
GINAC_OWN = {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "exp", "log",
             "sqrt", "abs", "lgamma", "beta", "zeta", "atan2", "psi", "factorial"}


def summands(tree):
    """The parts of a sum from left to right: a bracket for each of 10,000 would be too deep for GiNaC's reader."""
    parts = []
    while tree[0] == "+":
        parts.append(tree[2])
        tree = tree[1]
    return [tree] + parts[::-1]


def ginac(tree):
    """The formula as GiNaC's reader takes it. Variables get a letter in front, so that none meets a name of GiNaC's."""
    kind = tree[0]
    if kind == "number":
        return tree[1]
    if kind == "name":
        return {"pi": "Pi", "e": "exp(1)"}.get(tree[1], "v" + tree[1])
    if kind == "neg":
        return f"(-{ginac(tree[1])})"
    if kind == "call":
        name, args = tree[1], [ginac(arg) for arg in tree[2]]
        if name == "log" and len(args) == 2:
            return f"(log({args[0]})/log({args[1]}))"
        if name == "logsumexp":
            return "log(" + "+".join(f"exp({arg})" for arg in args) + ")"
        if name in AS_FORMULA:
            return AS_FORMULA[name].format(*args)
        if name in GINAC_OWN:
            return f"{name}({','.join(args)})"
        raise Unsupported(name)
    if kind in "+-*/^":
        if kind == "^" and tree[1] == ("name", "e"):
            return f"exp({ginac(tree[2])})"
        if kind == "+":
            return "(" + "+".join(ginac(part) for part in summands(tree)) + ")"
        return f"({ginac(tree[1])}{kind}{ginac(tree[2])})"
    raise Unsupported(kind)


def sympy_names():
    """What SymPy must be told to read the corpus grammar."""
    import sympy as s
    def piecewise(*parts):
        pairs = list(zip(parts[1:-1:2], parts[0:-1:2]))
        return s.Piecewise(*pairs, (parts[-1], True))

    names = {
        "piecewise": piecewise, "sign": s.sign, "abs": s.Abs, "arsech": s.asech, "step": s.Heaviside,
        "ln": s.log, "log": lambda x, b=None: s.log(x) if b is None else s.log(x, b), "log2": lambda x: s.log(x) / s.log(2),
        "log10": lambda x: s.log(x) / s.log(10), "log1p": lambda x: s.log(1 + x), "expm1": lambda x: s.exp(x) - 1,
        "exp2": lambda x: 2**x, "cbrt": lambda x: s.sign(x) * abs(x) ** s.Rational(1, 3), "arcsin": s.asin, "arccos": s.acos,
        "arctan": s.atan, "arsinh": s.asinh, "arcosh": s.acosh, "artanh": s.atanh, "sigmoid": lambda x: 1 / (1 + s.exp(-x)),
        "softplus": lambda x: s.log(1 + s.exp(x)), "logit": lambda x: s.log(x / (1 - x)),
        "silu": lambda x: x / (1 + s.exp(-x)), "swish": lambda x: x / (1 + s.exp(-x)), "relu": lambda x: s.Max(0, x),
        "gelu": lambda x: x * (1 + s.erf(x / s.sqrt(2))) / 2, "tgamma": s.gamma, "lgamma": s.loggamma,
        "trigamma": lambda x: s.polygamma(1, x), "hypot": lambda x, y: s.sqrt(x**2 + y**2), "max": s.Max, "min": s.Min,
        "heaviside": s.Heaviside, "floor": s.floor, "ceil": s.ceiling, "sinc": lambda x: s.sin(x) / x,
        "softsign": lambda x: x / (1 + abs(x)), "mod": lambda a, b: a - b * s.floor(a / b), "lambertw": s.LambertW,
        "ellipk": s.elliptic_k, "ellipe": s.elliptic_e, "logsumexp": lambda *xs: s.log(sum(s.exp(x) for x in xs)),
        "mish": lambda x: x * s.tanh(s.log(1 + s.exp(x))), "e": s.E, "pi": s.pi,
    }
    return names
