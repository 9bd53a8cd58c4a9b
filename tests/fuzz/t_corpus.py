#!/usr/bin/env python3
"""Hostile requests through one `gradus batch`: every line gets exactly one reply in time, and no reply says "bug".

    t_corpus.py                     the corpus, then 2,000 random requests
    t_corpus.py SEED COUNT [LIST]   other random requests; those that fail go to LIST

Replays tests/fuzz/corpus/*.jsonl (requests that once failed) and what make_requests.py makes of a seed. A request's
budget is 2 seconds; a reply may take LATE seconds, since the machine may be busy. Leaks and errors that a sanitizer
reports end the process with another exit code than 0, which fails the test as well."""
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import make_requests  # noqa: E402

LATE = float(os.environ.get("GRADUS_FUZZ_LATE", "25"))
CODES = {"syntax", "shape", "domain", "unable", "limit", "nomem", "io"}


class Server:
    """One `gradus batch`; its replies are read by a thread, so that a silent process is noticed."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.replies = queue.Queue()
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()
        self.hearing = threading.Thread(target=lambda: self.said.append(self.process.stderr.read()), daemon=True)
        self.hearing.start()

    def listen(self):
        for line in self.process.stdout:
            self.replies.put(line)
        self.replies.put(None)

    def ask(self, line):
        """The reply; None if the process died, b"" if it is late."""
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            return None
        try:
            return self.replies.get(timeout=LATE + 7)
        except queue.Empty:
            return b""

    def close(self, by_force=False):
        """The exit code and what was said on standard error; no reply may be left over."""
        if by_force:
            self.process.kill()
        try:
            self.process.stdin.close()
        except OSError:
            pass
        code = self.process.wait()
        self.hearing.join(5)
        rest = [r for r in list(self.replies.queue) if r is not None]
        said = b"".join(self.said).decode("utf-8", "replace")
        return (code or (99 if rest else 0)), said


def no_constant(name):
    raise ValueError("%s is no JSON" % name)


def fault(reply, seconds):
    """What is wrong with a reply, or None."""
    try:
        r = json.loads(reply.decode("utf-8"), parse_constant=no_constant)
    except ValueError as e:
        return "the reply is not JSON: %s" % e
    if not isinstance(r, dict) or not isinstance(r.get("ok"), bool):
        return 'the reply has no "ok"'
    if not r["ok"]:
        e = r.get("error")
        if not isinstance(e, dict) or e.get("code") not in CODES or not e.get("message"):
            return "the error is %s" % json.dumps(e)[:300]
    if seconds > LATE:
        return "the reply took %.1f s" % seconds
    return None


class Run:
    def __init__(self, program, failures=None):
        self.program, self.server, self.failures = program, None, failures
        self.asked = self.failed = 0
        self.slowest = 0.0

    def blame(self, where, line, what):
        self.failed += 1
        print("%s: %s\n  %s" % (where, what, line[:400].decode("utf-8", "replace")), flush=True)
        if self.failures:
            with open(self.failures, "ab") as f:
                f.write(line + b"\n")

    def ask(self, where, line):
        if not self.server:
            self.server = Server(self.program)
        began = time.monotonic()
        reply = self.server.ask(line)
        seconds = time.monotonic() - began
        self.slowest = max(self.slowest, seconds)
        self.asked += 1
        if reply:
            what = fault(reply, seconds)
            if what:
                self.blame(where, line, what)
            return
        code, said = self.server.close(by_force=reply == b"")
        self.server = None
        what = "no reply in %.0f s" % seconds if reply == b"" else "died with %d\n%s" % (code, said[:3000])
        self.blame(where, line, what)

    def close(self):
        if self.server:
            code, said = self.server.close()
            if code:
                self.blame("end", b"", "exit code %d\n%s" % (code, said[:8000]))
        print("%d requests, %d failed, slowest %.2f s" % (self.asked, self.failed, self.slowest))
        return 1 if self.failed else 0


def main():
    build = os.environ.get("GRADUS_BUILD", str(HERE.parent.parent / "build"))
    program = os.environ.get("GRADUS_PROGRAM", build + "/gradus")
    seed, count = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (1, 2000)
    run = Run(program, sys.argv[3] if len(sys.argv) > 3 else None)
    if len(sys.argv) < 3:
        for path in sorted((HERE / "corpus").glob("*.jsonl")):
            for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
                if line.strip():
                    run.ask("%s:%d" % (path.name, number), line)
    maker = make_requests.Maker(seed)
    for number in range(count):
        line = maker.line(number)
        if line.strip():
            run.ask("seed %d, request %d" % (seed, number), line)
    return run.close()


if __name__ == "__main__":
    sys.exit(main())
