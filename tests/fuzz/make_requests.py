#!/usr/bin/env python3
"""Random requests for `gradus batch`, one JSON object a line, the same for the same seed.

    make_requests.py SEED COUNT

Most are requests that a person could mean: formulas grown from a grammar, with points, arrays and definitions that
fit or do not fit. The rest is hostile: bytes changed, members of the wrong type, numbers out of range, deep nesting.
Every line is one request (no line feed within), so that replies can be counted. Standard library only."""
import json
import random
import sys

FUNCTIONS = ("exp log log2 log10 log1p expm1 sqrt cbrt abs sign floor ceil round sin cos tan sec csc cot arcsin arccos "
             "arctan sinh cosh tanh arcsinh arccosh arctanh erf erfc gamma lgamma digamma beta sinc sigmoid logit softplus "
             "relu leaky_relu elu selu gelu silu mish softsign hardtanh heaviside logaddexp atan2 hypot pow max min "
             "polygamma besselj nosuch ln f g h S").split()
TWO = {"beta", "logaddexp", "atan2", "hypot", "pow", "max", "min", "polygamma", "besselj", "g"}
NAMES = ["x", "y", "t", "a", "b", "n", "e", "pi", "d", "dx", "sum", "i", "w", "α", "inf", "L", "x_1", "nan", "f", "h", "T"]
NUMBERS = ["0", "1", "2", "3", "-1", "0.5", "0.1", "1/3", "1e-3", "1e308", "1e-400", "1e400", "12345678901234567890",
           "10", "7", "1.", ".5", "2^31", "9223372036854775808", "1e999999999", "0.0000000001"]
ARRAYS = ["v", "w", "A", "X", "u"]
OPS = ["diff", "eval", "grad", "jacobian", "hessian", "slope", "check", "simplify", "limit", "print", "define", "reset",
       "functions", "implicit", "direction"]
METHODS = ["quotient", "power", "logarithmic", "expand", "definition", "product", "chain", "magic", ""]
REDUCERS = ["sum", "prod", "max", "min", "mean", "argmax", "logsumexp", "argmin"]
LATEX = [r"\frac{d}{dx} x^2 \sin x", r"\sum_{i=1}^{n} x_i", r"\sqrt[3]{x}", r"\left| x \right|", r"\lim_{x \to 0} \frac{\sin x}{x}",
         r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}", r"f'(x)", r"\int_0^1 x dx", r"\frac{\partial f}{\partial x}",
         r"e^{-x^2/2}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\log_2 x", r"\mathbf{w}^\top \mathbf{x}", r"\prod_{k=1}^{5} (x-k)",
         r"\sigma(x)", r"x_{i,j}", r"\frac12", r"\hat{y}", r"\lVert w \rVert_2^2", r"\operatorname{relu}(x)"]
MARKS = list("()[]{}|^_+-*/,;:=<>!'.\\&$#@~\"` ") + ["d/dx", "for", "if", "otherwise", ";;", "->", "inf", "\\frac", "\\left("]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def pick(self, some):
        return self.r.choice(some)

    def chance(self, p):
        return self.r.random() < p

    def leaf(self):
        k = self.r.random()
        if k < 0.5:
            return self.pick(["x", "x", "x", "y", "t"])
        if k < 0.75:
            return self.pick(["1", "2", "3", "1/2", "0.1", "5"]) if self.chance(0.8) else self.pick(NUMBERS)
        if k < 0.88:
            return self.pick(NAMES)
        index = self.pick(["i", "j", "k", "1", "2", "0", "7", "-1", "i+1", "i-1", "2*i", "x", "1/2"])
        return self.pick(["v[%s]", "w[%s]", "A[%s,j]", "A[1,%s]", "x[%s]", "h[%s]", "X[i,%s]", "(1,2,3)[%s]"]) % index

    def condition(self, deep):
        return self.pick(["%s > %s", "%s < %s", "%s == %s", "%s != %s", "not %s >= %s", "0 < %s < %s", "%s > 0 and %s <= 1",
                          "%s < 1 or %s == 2"]) % (self.formula(deep), self.formula(deep))

    def reducer(self, deep):
        head = self.pick(["i", "i=1..3", "i=1..n", "i,j", "i : i < 2", "i,j : i < j", "i=1..1000000000", "i=5..1", "i=0..2",
                          "i=1..x", "j=1..2", "i=-2..2", "t=1..3"])
        return "%s[%s](%s)" % (self.pick(REDUCERS), head, self.formula(deep))

    def call(self, deep):
        f = self.pick(FUNCTIONS)
        n = 2 if f in TWO else 1
        if self.chance(0.04):
            n = self.r.randrange(0, 4)
        args = ", ".join(self.formula(deep) for _ in range(n))
        if n == 1 and self.chance(0.06):
            return "%s^%s(%s)" % (f, self.pick(["2", "-1", "3", "(1/2)"]), args)
        return "%s%s(%s)" % (f, self.pick(["", "", "", "", "", "'", "''"]) if f in "fgh" else "", args)

    def special(self, deep):
        a, b = self.formula(deep), self.formula(deep)
        return self.pick(["d/dx (%s)", "d^2/dx^2 (%s)", "|%s|", "[%s > 0]*(%%s)" % a, "{%s if x > 0; 0 otherwise}", "lim[x -> 0](%s)",
                          "lim[x -> inf](%s)", "grad(%s)", "grad(%s; x)", "D(f)(%s; 1)", "dot(v, w)*(%s)", "norm(v)*(%s)", "det(A)*(%s)",
                          "tr(inv(A))+%s", "(A*v)[1]+%s", "v^T*A*v*(%s)", "softmax(v)[1]*(%s)", "logdet(A)*(%s)", "hess(%s)", "dL/dx+%s",
                          "kron(A, A)[1,1]*(%s)", "normF(A*A^T)+%s", "diag(v)[1,1]+%s", "d/dy (%s)", "lim[h -> 0]((%s)/h)", "jac(%s)"]) % b

    def formula(self, deep):
        if deep <= 0:
            return self.leaf()
        k = self.r.random()
        if k < 0.12:
            return self.leaf()
        if k < 0.55:
            return "(%s)%s(%s)" % (self.formula(deep - 1), self.pick(["+", "-", "*", "/", "^", "*", "+", " "]), self.formula(deep - 1))
        if k < 0.62:
            return "%s^%s" % (self.pick(["x", "e", "2", "(x+1)", "t"]), self.pick(["2", "3", "-1", "x", "(1/2)", "-x", "100", "0"]))
        if k < 0.82:
            return self.call(deep - 1)
        if k < 0.9:
            return self.reducer(deep - 1)
        if k < 0.93:
            return "{%s if %s; %s otherwise}" % (self.formula(deep - 1), self.condition(deep - 1), self.formula(deep - 1))
        return self.special(deep - 1)

    def definition(self):
        f = self.formula(2)
        return self.pick(["f(x) = %s", "g(x, y) = %s", "h[0] = 1;; h[t] = h[t-1] + %s for t = 1..5", "L = %s", "S(x) = 1/(1+%s)", "a = a + %s",
                          "f(x) = g(x, x);; g(x, y) = f(x) + %s", "h[t] = h[t+1] + %s for t = 1..5", "h[5] = 1;; h[t] = h[t+1]*%s for t = 4..0",
                          "e = %s", "pi = %s", "d = %s", "dx = %s", "sum = %s", "x = %s", "f(f) = %s", "f(x, x) = %s", "u[i] = %s", "v[i] = i*(%s)",
                          "h[t] = h[t-2] + %s for t = 1..1000000000", "A[i,j] = %s", "T = 3;; z[i] = sum[j](A[i,j]*v[j])+%s", "1 = %s", "= %s",
                          "f(x) = f(x-1)*%s", "sin(x) = %s", "h[t] = h[t-1]*%s for t = 1..n", "b = c;; c = b + %s", "f(x) = x;; f(x) = %s", "%s"]) % f

    def spoil(self, text):
        """A formula with a few characters lost, doubled or put in."""
        s = list(text)
        for _ in range(self.r.randrange(1, 4)):
            at = self.r.randrange(len(s) + 1)
            k = self.r.random()
            if k < 0.4 and at < len(s):
                del s[at]
            elif k < 0.7:
                s.insert(at, self.pick(MARKS))
            elif at < len(s):
                s[at] = self.pick(["\u0000", "\u2212", "²", "√", "\ud7ff", "\ufeff", "é", "∞", "Σ", "\u202e", "\t", "\n", "\r", "𝛼"])
        return "".join(s)

    def number(self):
        return self.pick([0, 1, 2, -1, 0.5, 1.5, -3, 1e-300, 1e300, "1/3", "pi/2", "nan", "inf", "-inf", "0.1", "2^10", 1e-8, 10**18, "1/0",
                          "x", "", "1e400", 3, 0.25, 7])

    def array(self, deep=0):
        k = self.r.random()
        if k < 0.35:
            return [self.r.randrange(-3, 4) for _ in range(self.r.choice([0, 1, 2, 2, 3]))]
        if k < 0.75:
            n, m = self.r.choice([1, 2, 2, 3]), self.r.choice([0, 1, 2, 2, 3])
            return [[self.pick([0, 1, 2, -1, 0.5]) for _ in range(m)] for _ in range(n)]
        return self.pick([3, "nan", [[1, 2], [3]], [[]], [], [1, [2]], [[1], 2], ["nan", "inf"], {"a": 1}, None, [None], [[[[[1]]]]],
                          [[[[[[[[[[[1]]]]]]]]]]], "text", [1e308, 1e308], True, [[1, 2], [2, 4]], [[0, 0], [0, 0]]])

    def wrt(self):
        return self.pick(["x", "x", "x", "y", "t", ["x", "y"], ["x"], ["y", "x", "t"], "w[k]", "A[k,l]", "v", "A", "v[1]", "w[i]", "x+1", "", "e",
                          "pi", [], ["x", "x"], "2", "sin", ["v", "x"], "f", "X[a,b]", "q", "x[1", "d", "v[9]", "A[1]"])

    def expression(self, op):
        if op == "define":
            return self.definition()
        if op == "implicit":
            return "%s = %s" % (self.formula(2), self.formula(1))
        if op == "limit" and self.chance(0.8):
            return "lim[x -> %s](%s)" % (self.pick(["0", "0+", "0-", "inf", "-inf", "1", "a", "y", "x"]), self.formula(2))
        if op == "check" and self.chance(0.3):
            return "\n".join(self.formula(2) for _ in range(self.r.randrange(1, 4)))
        if op == "jacobian" and self.chance(0.7):
            return "(%s)" % ", ".join(self.formula(1) for _ in range(self.r.randrange(1, 4)))
        return self.formula(self.r.choice([0, 1, 2, 2, 3, 3, 4]))

    def request(self, number):
        op = self.pick(OPS) if self.chance(0.8) else self.pick(["diff", "eval", "check", "grad"])
        q = {"id": number, "op": op, "expr": self.expression(op), "limit": {"seconds": 2}}
        if self.chance(0.06):
            q["expr"] = self.spoil(q["expr"])
        if self.chance(0.08):
            q["format"], q["expr"] = "latex", " ".join(self.pick(LATEX) for _ in range(self.r.randrange(1, 4)))
            if self.chance(0.4):
                q["expr"] = self.spoil(q["expr"])
        if self.chance(0.5) or op in ("implicit", "direction"):
            q["wrt"] = ["x", "y"] if op in ("implicit", "direction") and self.chance(0.7) else self.wrt()
        if op == "direction" and self.chance(0.9):
            q["along"] = [self.formula(0) for _ in range(self.r.choice([2, 2, 2, 1, 0]))]
        if op == "check" and self.chance(0.9):
            q["of"] = q["expr"] if self.chance(0.2) else self.pick(["d/dx (%s)", "%s", "d/dx (%s)", "d^2/dx^2 (%s)"]) % self.formula(2)
        if self.chance(0.15):
            q["order"] = self.pick([0, 1, 2, 3, 2, 10, 1000])
        if self.chance(0.5) or op == "slope":
            q["at"] = {n: self.number() for n in self.r.sample(["x", "y", "t", "a", "b", "n", "w", "α"], self.r.randrange(0, 5))}
            if self.chance(0.8):
                q["at"]["x"] = self.pick([0, 0.5, 1, 2, "1/3", -1])
        if self.chance(0.15):
            q["given"] = {n: self.array() for n in self.r.sample(ARRAYS + ["x", "n", "e"], self.r.randrange(1, 3))}
        if self.chance(0.03):
            q["declare"] = self.pick(["X[i=1..n, j=1..p], y[i=1..n]", "v[i=1..n]", "A[i=1..n,j=1..n]", "A[", "x", "f(x)", "v[i=1..0]", ""])
        if self.chance(0.3):
            q["steps"] = self.pick([True, "brief", "full", "atomic", False, "none"])
        if self.chance(0.06):
            q["hint"] = self.r.randrange(0, 6)
        if self.chance(0.08):
            q["method"] = self.pick(METHODS)
        if self.chance(0.1):
            q["digits"] = self.pick([0, 1, 5, 30, 1000])
        if self.chance(0.25):
            q["engine"] = self.pick(["float", "ball"])
        if self.chance(0.1):
            q["output"] = self.pick(["unicode", "mathml", "json", "latex", "text"])
        return q

    def disturb(self, q):
        """One member gets a value of another type or out of every range, or is lost."""
        name = self.pick(list(q) + ["wrt", "order", "digits", "hint", "at", "given", "steps", "along", "of", "method", "zzz"])
        q[name] = self.pick([None, True, False, 0, -1, 1e308, 10**18, "", "x", [], {}, [[]], {"x": {}}, ["", ""], [1, "x"], {"": 1}, "nan",
                             1.5, {"x": None}, {"x[1]": 1}, {"2": 2}, {"sin": [1]}, {"nodes": 10}, {"seconds": 0.001}, {"seconds": "x"}])
        if self.chance(0.1):
            del q[name]
        return q

    def deep(self):
        n = self.r.choice([10, 500, 3000])
        a, b = self.pick([("(", ")"), ("sin(", ")"), ("-", ""), ("[x>", "]"), ("{", " if x>0; 1 otherwise}"), ("x^", ""), ("1/(1+", ")"), ("|", "|"),
                          ("sum[i=1..2](", ")"), ("d/dx (", ")"), ("f'(", ")"), ("not ", ""), ("\\frac{1}{", "}"), ("\\sqrt{", "}"), ("((1,2)", ")"),
                          ("x*", ""), ("max(x,", ")"), ("lim[x -> 0](", ")")])
        if a == "d/dx (":
            n = min(n, 10)
        tail = b * n if self.chance(0.7) else ""
        q = {"op": self.pick(OPS), "expr": a * n + "x" + tail, "at": {"x": 0.5}, "limit": {"seconds": 2}}
        if a.startswith("\\"):
            q["format"] = "latex"
        return json.dumps(q, ensure_ascii=False)

    def broken(self, line):
        """Bytes of a request changed: mostly no JSON any more."""
        b = bytearray(line)
        for _ in range(self.r.randrange(1, 5)):
            at = self.r.randrange(len(b))
            k = self.r.random()
            if k < 0.4:
                b[at] = self.r.randrange(256)
            elif k < 0.6:
                del b[at:at + self.r.randrange(1, 9)]
            elif k < 0.8:
                b[at:at] = self.pick([b'"', b"{", b"[", b"\\u0000", b"\\ud800", b"1e999", b"\x80", b"\xff\xfe", b"[" * 3000, b"null"])
            else:
                del b[at:]
            if not b:
                b = bytearray(b"?")
        return bytes(b).replace(b"\n", b"\\n")

    def line(self, number):
        k = self.r.random()
        if k < 0.03:
            return self.deep().encode("utf-8", "surrogatepass")
        q = self.request(number)
        if k < 0.12:
            q = self.disturb(q)
        line = json.dumps(q, ensure_ascii=self.chance(0.5)).encode("utf-8", "surrogatepass")
        if k > 0.93:
            line = self.broken(line)
        return line


def main():
    maker = Maker(int(sys.argv[1]))
    for number in range(int(sys.argv[2])):
        sys.stdout.buffer.write(maker.line(number) + b"\n")


if __name__ == "__main__":
    main()
