#!/usr/bin/env python3
"""t_gallery.py [--update]: the pictures of docs/GALLERY.md come from the commands above them, as they stand.

Each command is run; its picture must have the words of the stored one, the same strokes in the same order of
colours, widths and patterns, and each of them in the same place. Places may differ by TOLERANCE, since the room for
the axes' numbers depends on the fonts of the machine. --update stores what the commands draw today."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))
import svg  # noqa: E402

ROOT = os.environ.get("GRADUS_SOURCE", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("GRADUS_BUILD", os.path.join(ROOT, "build"))
PICTURES = os.path.join(ROOT, "docs", "pictures")
TOLERANCE = 12  # points: two digits more or less beside an axis


def commands():
    with open(os.path.join(ROOT, "docs", "GALLERY.md"), encoding="utf-8") as text:
        page = text.read().replace("\\\n", "")
    made = re.findall(r"^\$ (gradus plot .*?-o (\S+\.svg))$", page, re.M)
    return made, re.findall(r"\]\(pictures/(\S+)\)", page)


def box(runs):
    at = [point for run in runs for point in run]
    return [f(point[k] for point in at) for k in (0, 1) for f in (min, max)]


def strokes(picture):
    """(looks, place) of what is drawn, letters left out; the many faces of a surface as their number."""
    drawn, faces = [], 0
    for look, runs in picture.paths:
        if not runs:
            continue
        if look["fill"] != "none" and look["stroke"] == "none":
            faces += 1
            continue
        drawn.append((tuple(sorted(look.items())), box(runs)))
    return drawn, faces


def differences(found, stored):
    if found.title != stored.title or found.description != stored.description:
        yield f"words: {found.title}: {found.description}"
    if found.size() != stored.size():
        yield f"size: {found.size()}"
    (new, new_faces), (old, old_faces) = strokes(found), strokes(stored)
    if [look for look, _ in new] != [look for look, _ in old]:
        yield f"strokes: {len(new)} instead of {len(old)}, or other colours, widths or patterns"
        return
    if abs(new_faces - old_faces) > old_faces // 20:
        yield f"faces: {new_faces} instead of {old_faces}"
    for (look, place), (_, before) in zip(new, old):
        if any(abs(a - b) > TOLERANCE for a, b in zip(place, before)):
            yield f"place: {dict(look).get('stroke')} at {place} instead of {before}"


def main():
    update, bad = "--update" in sys.argv, 0
    wanted, shown = commands()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(HERE, "files"), folder, dirs_exist_ok=True)
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.join(BUILD, "gradus"), os.path.join(folder, "bin", "gradus"))
        path = os.path.join(folder, "bin") + os.pathsep + os.environ["PATH"]
        env = dict(os.environ, PATH=path, LC_ALL="C.UTF-8")
        for command, file in wanted:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, timeout=60, check=False,
                                  capture_output=True)
            drawn, stored, wrong = os.path.join(folder, file), os.path.join(PICTURES, file), []
            if done.returncode != 0 or not os.path.exists(drawn):
                wrong = [f"exit code {done.returncode}: {done.stderr.decode()}"]
            elif update:
                shutil.copyfile(drawn, stored)
            elif not os.path.exists(stored):
                wrong = ["no stored picture"]
            else:
                wrong = list(differences(svg.Picture(drawn), svg.Picture(stored)))
            for line in wrong:
                print(f"# {line}")
            print(f"{'not ok' if wrong else 'ok'} - {file}")
            bad += bool(wrong)
    files = sorted(name for name in os.listdir(PICTURES) if name.endswith(".svg"))
    same = sorted(shown) == files == sorted(file for _, file in wanted)
    print(f"{'ok' if same else 'not ok'} - every picture is shown, stored and made by a command")
    return 1 if bad or not same else 0


if __name__ == "__main__":
    sys.exit(main())
