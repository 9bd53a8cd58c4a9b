#!/usr/bin/env python3
"""t_plot.py: `gradus plot` from outside. Curves are read back from the SVG and compared with Python's own
functions, point by point; edges of domains, poles, jumps and holes are looked for where mathematics puts them; bad
input is refused with words and the right exit code."""
import json
import math
import os
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))
import svg  # noqa: E402

ROOT = os.environ.get("GRADUS_SOURCE", os.path.dirname(os.path.dirname(HERE)))
GRADUS = os.path.join(os.environ.get("GRADUS_BUILD", os.path.join(ROOT, "build")), "gradus")
CURVE = "1.8"          # points: how wide curves are
PAPER = 0.03           # points: numbers are cut to hundredths, and chords lie within FLAT of sample.c
CHORD = 0.15           # points: FLAT of sample.c (0.12) and the cut
X, Y = (-2.0, 2.0), (-3.0, 3.0)
FOLDER = tempfile.mkdtemp()
failed = 0


def verdict(name, wrong=None):
    global failed
    if wrong:
        failed += 1
        print(f"# {wrong}")
    print(f"{'not ok' if wrong else 'ok'} - {name}")


def run(*args, **env):
    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "", **env}
    done = subprocess.run([GRADUS, *args], cwd=FOLDER, env=env, timeout=60, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def draw(*args):
    code, out, err = run("plot", *args, "-o", "picture.svg")
    if code:
        raise RuntimeError(f"{args}: exit code {code}: {err}")
    return svg.Picture(os.path.join(FOLDER, "picture.svg"))


def window(x=X, y=Y):
    return "--range", f"x={x[0]}..{x[1]},y={y[0]}..{y[1]}"


def on_paper(picture, x, y):
    (_, top), (left, bottom), (right, _) = picture.frame
    return (right - left) / (x[1] - x[0]), (bottom - top) / (y[1] - y[0])


def runs_of(formula, *more, x=X, y=Y):
    picture = draw(formula, *window(x, y), *more)
    curves = picture.curves(CURVE)
    return picture, [picture.data(run, x, y) for _, runs in curves for run in runs]


# ---- curves -----------------------------------------------------------------------------------------------


def check_curve(formula, f, x=X, y=Y):
    """Each point of the picture lies on the curve: f within the paper's precision across and down."""
    picture, runs = runs_of(formula, x=x, y=y)
    across, down = on_paper(picture, x, y)
    worst = 0
    for run in runs:
        for u, v in run:
            if not y[0] <= v <= y[1]:
                continue
            near = [u + k * PAPER / across / 4 for k in range(-4, 5)]
            values = []
            for t in near:
                try:
                    values.append(f(t))
                except (ValueError, ZeroDivisionError, OverflowError):
                    pass
            between = values and min(values) <= v <= max(values)
            worst = max(worst, 0 if between else min((abs(v - w) for w in values), default=1) * down)
    covered = sum(run[-1][0] - run[0][0] for run in runs)
    verdict(f"{formula} is drawn where it is", worst > CHORD and f"{worst} points off")
    return runs, covered


def sigmoid(t):
    return 1 / (1 + math.exp(-t))


def check_values():
    for formula, f in [("x^2", lambda t: t * t), ("sin(3*x)", lambda t: math.sin(3 * t)),
                       ("e^-x", lambda t: math.exp(-t)), ("S(x) = 1/(1+e^-x)", sigmoid),
                       ("y = x^3 - x", lambda t: t**3 - t), ("atan(5*x)", lambda t: math.atan(5 * t)),
                       ("|x| - 1", lambda t: abs(t) - 1), ("x*abs(x)", lambda t: t * abs(t))]:
        _, covered = check_curve(formula, f)
        inside = formula in ("x^2", "e^-x", "y = x^3 - x", "x*abs(x)")
        verdict(f"{formula} has no gap", not inside and abs(covered - 4) > 0.01 and f"covers {covered} of 4")
    check_curve("ln(x)", math.log)
    check_curve("1/x", lambda t: 1 / t)
    check_curve("x^x", lambda t: t**t if t > 0 else math.nan)
    # Doubles give 0 or noise here; balls give 1/2.
    check_curve("(1-cos(x))/x^2", lambda t: 0.5, x=(-1e-8, 1e-8), y=(0.0, 1.0))
    # Doubles overflow here: inf/inf.
    check_curve("e^x/(1+e^x)", lambda t: 0.0 if t < -700 else 1.0 if t > 700 else sigmoid(t),
                x=(-3000.0, 3000.0), y=(-1.0, 2.0))


def check_edges():
    picture, runs = runs_of("sqrt(1-x^2)")
    across, down = on_paper(picture, X, Y)
    ends = runs[0][0] + runs[-1][-1]
    off = max(abs(e - w) * s for e, w, s in zip(ends, (-1, 0, 1, 0), (across, down, across, down)))
    verdict("a half circle begins and ends on the axis", (len(runs) != 1 or off > PAPER) and f"{ends}")
    _, runs = runs_of("sqrt(x)")
    verdict("a root begins at 0", max(map(abs, runs[0][0])) > 0.01 and f"{runs[0][0]}")
    _, runs = runs_of("asin(x)")
    verdict("asin ends at pi/2", abs(runs[-1][-1][1] - math.pi / 2) > 0.01 and f"{runs[-1][-1]}")
    _, runs = runs_of("ln(x)")
    verdict("a logarithm falls out of the frame", runs[0][0][1] > -2.9 and f"{runs[0][0]}")
    _, runs = runs_of("1/x")
    wrong = [r for r in runs if r[0][0] < 0 < r[-1][0]]
    verdict("a pole is not crossed", (wrong or len(runs) != 2) and f"{len(runs)} runs")
    for words, ends in [("x=-5..5", 5.0), ("x=-2*pi..2*pi", 2 * math.pi)]:
        picture = draw("tan(x)", "--range", words)
        at = [picture.data(run, (-ends, ends), (0, 1)) for _, runs in picture.curves(CURVE) for run in runs]
        wrong = [r for r in at for k in (-1.5, -0.5, 0.5, 1.5) if r[0][0] < k * math.pi < r[-1][0]]
        verdict(f"tan over {words} is not joined at its poles", (wrong or len(at) != 5) and f"{len(at)} runs")
    _, runs = runs_of("[x > 1]")
    wrong = len(runs) != 2 or abs(runs[0][-1][0] - 1) > 0.01 or abs(runs[1][0][0] - 1) > 0.01
    verdict("a step is two runs", wrong and f"{runs}")
    picture, runs = runs_of("ln(x)", "--derivative")
    wrong = min(r[0][0] for r in runs) < -0.01
    verdict("a derivative ends where its function does", wrong and "1/x is drawn left of 0")
    picture, runs = runs_of("x/x")
    hole = [look for look, _ in picture.paths
            if look["fill"] == "rgb(100%,100%,100%)" and look["stroke"] == "rgb(0%,38%,64%)"]
    verdict("x/x has a hole at 0", not hole and "no open mark")


def check_ranges():
    def shown(*args):
        code, out, err = run("plot", *args, "--json", "-o", "r.svg")
        if code:
            raise RuntimeError(err)
        return json.loads(out)["range"]
    wanted = [(("x^2",), {"x": (-5, 5)}), (("7",), {"x": (-5, 5)}), (("t^2",), {"t": (-5, 5)}),
              (("x^3-x",), {"x": (-2.4, 2.4)}), (("x^2+y^2",), {"x": (-3, 3), "y": (-3, 3)}),
              (("x^2", "--range", "0..1/3"), {"x": (0, 1 / 3)}),
              (("x^2", "--range", "x=-pi..2*pi"), {"x": (-math.pi, 2 * math.pi)}),
              (("x*y", "--range", "y=1..2"), {"x": (-3, 3), "y": (1, 2)})]
    for args, ranges in wanted:
        found = shown(*args)
        off = {n: (found.get(n), r) for n, r in ranges.items() if tuple(found.get(n, ())) != r}
        verdict(f"the range of {' '.join(args)}", off or (set(found) != set(ranges) and f"{found}"))
    for formula, low, high in [("ln(x)", -1, 0), ("sqrt(x-100)", 50, 100), ("sqrt(1e-6-x)", -math.inf, 0)]:
        r = shown(formula)["x"]
        verdict(f"the range of {formula} begins at its domain", not low <= r[0] <= high and f"{r}")
    r = shown("x^2", "--tangent", "x=1000")["x"]
    verdict("a tangent is in the middle", abs(sum(r) / 2 - 1000) > 100 and f"{r}")


def check_marks():
    for args, words in [
            (("x^2", "--secant", "x=1,2"), "Secant through (1, 1) and (2, 4), slope 3."),
            (("x^2", "--tangent", "x=1"), "Tangent at (1, 1), slope 2."),
            (("sin(x)", "--tangent", "x=pi/2"), "Tangent at (π/2, 1), slope 0."),
            (("x^(1/3)", "--tangent", "0"), "Tangent at (0, 0), upright."),
            (("x*abs(x)", "--tangent", "0"), "Tangent at (0, 0), slope 0."),
            (("x^2", "--point", "x=3"), "Point (3, 9)."), (("x^2", "--point", "3,1/2"), "Point (3, 1/2)."),
            (("x^2+y^2", "--point", "1,1"), "Point (1, 1)."), (("(sin(x), cos(x))",), "Curve cos(x) from"),
            (("a*x", "--at", "a=2"), "Curve a · x, a = 2 from"),
            (("S(x)", "--define", "S(x)=1/(1+e^-x)", "--derivative"), "S′(x) = S(x) · (1 − S(x))"),
            (("f(x)=x^2", "--derivative=2"), "f′′(x) = 2 from"),
            (("x^2+y^2", "--map"), "Contour map z = x² + y²"),
            (("x^2+y^2", "--from", "x=1,y=1", "--rate", "0.1"), "of 89 points from (1, 1) to (0, 0)."),
            (("y^2+2*x^2", "--from", "y=1,x=0.5"), "points from (0.5, 1) to (0, 0)."),
            (("(x-1)^2", "--from", "x=3", "--rate", "0.4"), "from (3, 4) to (1, 0).")]:
        picture = draw(*args)
        verdict(" ".join(args), words not in picture.description and f"{picture.description}")


def check_data():
    with open(os.path.join(FOLDER, "line.csv"), "w", encoding="utf-8") as csv:
        csv.write("t,d\n" + "".join(f"{t},{3 + 2 * t}\n" for t in range(10)))
    picture = draw("d = a + b*t", "--data", "line.csv", "--start", "a=0,b=1")
    wrong = "Data d of 10 points. Curve a + b · t, a = 3, b = 2" not in picture.description
    verdict("data with a fitted curve", wrong and picture.description)
    picture = draw("--data", "line.csv", "--x", "t", "--y", "d")
    verdict("data alone", "Data d of 10" not in picture.description and picture.description)
    code, _, err = run("plot", "--data", "line.csv", "--x", "t", "--y", "e")
    verdict("an unknown column", (code != 2 or "e" not in err) and f"{code}: {err}")


# ---- where it goes ----------------------------------------------------------------------------------------


def check_output():
    for ending, head in [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG"), ("SVG", b"<?xml")]:
        path = os.path.join(FOLDER, f"a.{ending}")
        code, _, _ = run("plot", "x^2", "-o", path)
        with open(path, "rb") as file:
            verdict(f"a file .{ending}", (code or not file.read(8).startswith(head)) and "other content")
    code, out, _ = run("plot", "x^2", "-o", "-")
    wrong = code or not out.startswith("<?xml") or not out.rstrip().endswith("</svg>")
    verdict("SVG on standard output", wrong and out[:80])
    code, out, _ = run("plot", "x^2", "--width", "60", "--height", "20")
    lines = out.rstrip("\n").split("\n")
    verdict("the terminal's size", (len(lines) != 20 or max(map(len, lines)) > 60) and f"{len(lines)} lines")
    verdict("no colours without a terminal", "\x1b" in out and "escapes")
    code, out, _ = run("plot", "sin(x)", "--ascii")
    verdict("ASCII only", any(ord(c) > 126 for c in out) and "other characters")
    code, out, _ = run("descend", "x^2+y^2", "--from", "x=1,y=1", "--rate", "0.1", "--plot", "d.svg")
    words = svg.Picture(os.path.join(FOLDER, "d.svg")).description
    verdict("descend --plot", (code or "Path of the descent of 89 points" not in words) and out)
    first = [run("plot", "x^2+y^2", "--from", "x=1,y=1", "-o", "-")[1] for _ in range(2)]
    verdict("the same bytes each time", first[0] != first[1] and "different")


def refused(code, words, *args, file=None):
    found, out, err = run(*args)
    wrong = found != code or not all(word in err for word in words.split("|")) or "\x1b" in err
    left = file and os.path.exists(os.path.join(FOLDER, file))
    found = f"exit code {found}: {err}{' and left a file' if left else ''}"
    verdict(f"refused: {' '.join(args)[:90]}", (wrong or left) and found)


def check_refusals():
    os.mkdir(os.path.join(FOLDER, "folder.svg"))
    os.symlink("/dev/full", os.path.join(FOLDER, "full.svg"))
    plot = ("plot",)
    refused(2, "needs a formula", *plot)
    refused(2, "nosuch", *plot, "nosuch(x)")
    refused(2, "a, b, c", *plot, "a*b*c")
    refused(2, "x, y|--at y=1", *plot, "x^2", "y^2")
    refused(2, "empty|both ends are the same", *plot, "x^2", "--range", "x=1..1")
    refused(2, "first end is greater", *plot, "x^2", "--range", "x=5..1")
    refused(2, "infinite", *plot, "x^2", "--range", "x=0..inf")
    refused(2, "a range is given for t", *plot, "x^2", "--range", "t=0..1")
    refused(2, "is not a number", *plot, "x^2", "--range", "x=0..a")
    refused(2, "--range x=-5..5", *plot, "x^2", "--range", "x")
    refused(2, "nothing to see|-1 - x^2|not positive", *plot, "log(-1-x^2)", "-o", "n.svg", file="n.svg")
    refused(2, "nothing to see", *plot, "sqrt(-1-x^2-y^2)")
    refused(2, "condition", *plot, "x < 1")
    refused(2, "several values", *plot, "inv(A)", "--given", "A=[[1,2],[3,4]]")
    refused(2, "no tangent|from the left and from the right", *plot, "|x|", "--tangent", "x=0")
    refused(2, "no tangent|division by 0", *plot, "1/x", "--tangent", "x=0")
    refused(2, "the variable is x", *plot, "x^2", "--tangent", "t=1")
    refused(2, "two different places", *plot, "x^2", "--secant", "1,1")
    refused(2, "--secant x=1,2", *plot, "x^2", "--secant", "1")
    refused(2, ".svg, .pdf or .png", *plot, "x^2", "-o", "a.gif", file="a.gif")
    refused(3, "folder.svg|directory", *plot, "x^2", "-o", "folder.svg")
    refused(3, "No such file", *plot, "x^2", "-o", "none/a.svg")
    refused(3, "No space left", *plot, "x^2", "-o", "/dev/full")
    refused(3, "No space left", *plot, "x^2", "-o", "full.svg")
    refused(2, "one formula", *plot, "x^2", "x", "--from", "x=1")
    refused(2, "one variable or two", *plot, "x+y+z", "--from", "x=1,y=1,z=1", "--at", "z=1")
    refused(2, "--derivative", *plot, "x^2", "--derivative=9")
    refused(3, "budget", *plot, "sum[i=1..30000](sin(i*x))", "--limit-seconds", "0.2", "-o", "l.svg",
            file="l.svg")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([GRADUS, "plot", "x^2"], stdout=full, stderr=subprocess.PIPE, check=False)
        code, err = done.returncode, done.stderr.decode()
    verdict("a full terminal", (code != 3 or "No space left" not in err) and f"{code}: {err}")
    if os.geteuid() != 0:
        os.chmod(FOLDER, stat.S_IRUSR | stat.S_IXUSR)
        refused(3, "Permission denied", *plot, "x^2", "-o", "p.svg")
        os.chmod(FOLDER, stat.S_IRWXU)


def main():
    for check in (check_values, check_edges, check_ranges, check_marks, check_data, check_output,
                  check_refusals):
        try:
            check()
        except (RuntimeError, OSError, IndexError, json.JSONDecodeError) as error:
            verdict(check.__name__, f"{type(error).__name__}: {error}")
    subprocess.run(["rm", "-rf", FOLDER], check=False)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
