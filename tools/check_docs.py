#!/usr/bin/env python3
"""Every relative link of the Markdown files points at something, and the map's code paths exist."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE_PATH = re.compile(r"`((?:src|docs|tests|bench|tools|bridge|examples|changes)/[\w./*-]+)`")


def main() -> None:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    problems = []
    pages = [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]
    for page in pages:
        text = page.read_text()
        for target in LINK.findall(text):
            if "://" not in target and not (page.parent / target).exists():
                problems.append(f"{page.relative_to(ROOT)}: link to {target} leads nowhere")
        for path in CODE_PATH.findall(text):
            if not list(ROOT.glob(path.rstrip("/"))):
                problems.append(f"{page.relative_to(ROOT)}: there is no {path}")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"check_docs: {len(problems)} problem(s)")
    print(f"check_docs: {len(pages)} pages")


if __name__ == "__main__":
    main()
