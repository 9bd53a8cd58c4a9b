#!/usr/bin/env python3
"""run_console.py [--update] [FILE...]: every example of README.md and docs/ is run and its output compared.

An example is a fenced block marked `console`: lines `$ command`, each followed by what a terminal shows (both
streams), closed by a line `[exit code N]` if N is not 0. A line `...` stands for any lines. A command may go on in the next
line after a backslash. Commands of one file run in one folder that holds copies of tests/doc/files/, where `gradus`
and `./gradus` are the built program. --update writes what the commands print today into the files.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("GRADUS_SOURCE", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("GRADUS_BUILD", os.path.join(ROOT, "build"))
SECONDS = 60


def documents():
    names = [os.path.join(ROOT, "README.md")]
    for where, _, files in sorted(os.walk(os.path.join(ROOT, "docs"))):
        names += [os.path.join(where, name) for name in sorted(files) if name.endswith(".md")]
    return [name for name in names if os.path.exists(name)]


def run(command, folder):
    path = os.path.join(folder, ".bin") + os.pathsep + os.environ["PATH"]
    env = dict(os.environ, PATH=path, LC_ALL="C.UTF-8", TERM="dumb", COLUMNS="100", NO_COLOR="1")
    try:
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except subprocess.TimeoutExpired:
        return [f"[no answer in {SECONDS} s]"]
    lines = done.stdout.decode("utf-8", "replace").rstrip("\n").split("\n")
    lines = [] if lines == [""] else [line.rstrip() for line in lines]
    return lines + ([f"[exit code {done.returncode}]"] if done.returncode else [])


def matches(expected, found):
    """Line by line; `...` stands for any number of lines."""
    pattern = "".join("(?:.*\n)*" if line.strip() == "..." else re.escape(line.rstrip()) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in found)) is not None


def folder_for_examples(folder):
    files = os.path.join(HERE, "files")
    if os.path.isdir(files):
        shutil.copytree(files, folder, dirs_exist_ok=True)
    os.mkdir(os.path.join(folder, ".bin"))
    for link in (os.path.join(folder, "gradus"), os.path.join(folder, ".bin", "gradus")):
        os.symlink(os.path.join(BUILD, "gradus"), link)


def check(path, update):
    """(good, bad) of one document."""
    with open(path, encoding="utf-8") as text:
        lines = text.read().split("\n")
    out, at, good, bad, inside = [], 0, 0, 0, False
    with tempfile.TemporaryDirectory() as folder:
        folder_for_examples(folder)
        while at < len(lines):
            line = lines[at]
            out.append(line)
            at += 1
            if line.strip().startswith("```"):
                inside = not inside and line.strip() == "```console"
                continue
            if not inside or not line.startswith("$ "):
                continue
            where, command = at, line[2:]
            while command.endswith("\\"):
                command += "\n" + lines[at]
                out.append(lines[at])
                at += 1
            expected = []
            while not lines[at].startswith(("$ ", "```")):
                expected.append(lines[at])
                at += 1
            blank = []
            while expected and not expected[-1].strip():
                blank.append(expected.pop())
            found = run(command, folder)
            fits = matches(expected, found)
            out += (expected if fits or not update else found) + blank
            name = f"{os.path.relpath(path, ROOT)}:{where}: {command.splitlines()[0]}"
            if fits:
                good += 1
                print(f"ok - {name}")
            else:
                bad += 1
                print("\n".join(["# expected:", *expected, "# found:", *found]))
                print(f"not ok - {name}")
    if update and bad:
        with open(path, "w", encoding="utf-8") as text:
            text.write("\n".join(out))
    return good, bad


def main():
    update = "--update" in sys.argv
    paths = [arg for arg in sys.argv[1:] if not arg.startswith("--")] or documents()
    bad = sum(check(path, update)[1] for path in paths)
    return 1 if bad and not update else 0


if __name__ == "__main__":
    sys.exit(main())
