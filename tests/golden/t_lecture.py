#!/usr/bin/env python3
"""Everything in the lecture, as commands with their output: lecture.md. --update writes what is printed today."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "doc"))
import run_console  # noqa: E402

_, BAD = run_console.check(os.path.join(HERE, "lecture.md"), "--update" in sys.argv)
sys.exit(1 if BAD else 0)
