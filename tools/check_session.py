#!/usr/bin/env python3
"""The README's first session is what really happened: every line of it stands in the log of the quickstart, in order.

Ids, times and costs differ from run to run, so a line that begins with an ellipsis is a gap, and whatever the README writes
as `…` inside a line matches anything. Usage: check_session.py README LOG
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- session:.*?-->\n```text\n(.*?)```", re.S)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def pattern(line: str) -> re.Pattern:
    return re.compile("^" + ".*".join(re.escape(part) for part in line.split("…")) + "$")


def main(readme: str, log: str) -> None:
    blocks = BLOCK.findall(pathlib.Path(readme).read_text())
    if not blocks:
        sys.exit(f"{readme} shows no session")
    happened = [COLOUR.sub("", line).rstrip() for line in pathlib.Path(log).read_text().splitlines()]
    at, shown = 0, 0
    for line in "\n".join(blocks).splitlines():
        if not line.strip() or line.startswith("…"):
            continue
        wanted = pattern(line.rstrip())
        found = next((i for i in range(at, len(happened)) if wanted.match(happened[i])), None)
        if found is None:
            sys.exit(f"{readme}: the quickstart never printed, behind its line {at}:\n  {line}")
        at, shown = found + 1, shown + 1
    print(f"check_session: {shown} lines of {readme} happened as written")


if __name__ == "__main__":
    main(*sys.argv[1:])
