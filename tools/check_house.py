#!/usr/bin/env python3
"""House rules that a compiler does not know (docs/internals/style.md): file and function lengths with a ratchet, banned
names, tests that name a requirement row, test files that are part of the build, machine paths, error numbers in range.

`--accept` rewrites tools/house_ratchet.json, in which only shrinking numbers are welcome in review.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RATCHET = ROOT / "tools" / "house_ratchet.json"
FILE_WALL, FUNCTION_WALL, COLUMN_WALL = 500, 70, 120
BANNED_STEMS = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager|impl2)(_|\.|$)")
FUNCTION_END = re.compile(r"^(  )?}(\s*//.*)?$")
FUNCTION_BEGIN = re.compile(r"^[A-Za-z_][^;=]*\)\s*(const)?\s*(noexcept)?\s*(override)?\s*(->\s*[\w:<>]+\s*)?{\s*$|^[A-Za-z_].*\)\s*{\s*$")
MACHINE_PATH = re.compile(r"(^|[^\w.])/(work|farm)/")


def files(*patterns: str) -> list[pathlib.Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def long_functions(path: pathlib.Path) -> dict[str, int]:
    found, begin, name = {}, None, ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if begin is None and FUNCTION_BEGIN.match(line) and not line.startswith(("namespace", "class", "struct", "enum", "extern")):
            begin, name = number, re.sub(r"\(.*", "", line).split()[-1]
        elif begin is not None and line.rstrip() == "}":
            if number - begin + 1 > FUNCTION_WALL:
                found[f"{path.relative_to(ROOT)}:{name}"] = number - begin + 1
            begin = None
    return found


def main() -> None:
    problems: list[str] = []
    sizes: dict[str, int] = {}
    sources = files("*.h", "*.cc", "*.rs")
    for path in sources:
        relative = str(path.relative_to(ROOT))
        lines = path.read_text().splitlines()
        if len(lines) > FILE_WALL:
            sizes[relative] = len(lines)
        if path.suffix != ".rs":
            sizes.update(long_functions(path))
            for number, line in enumerate(lines, 1):
                if len(line) > COLUMN_WALL:
                    problems.append(f"{relative}:{number}: {len(line)} columns, {COLUMN_WALL} is the wall")
        if BANNED_STEMS.search(path.stem):
            problems.append(f"{relative}: a name that says nothing; ask what the functions share")
    for path in files("*.cc"):
        if path.name.endswith("_test.cc") and not re.search(r"(req|trap|guard|invariant|bug): ", path.read_text()):
            problems.append(f"{path.relative_to(ROOT)}: no test here names what it shows (// req: GRAPH-1, trap: 3, invariant: catalog-2)")
    for path in files():
        if path.suffix in (".lock", ".png"):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if path.resolve() != pathlib.Path(__file__).resolve() and MACHINE_PATH.search(text):
            problems.append(f"{path.relative_to(ROOT)}: names a path of somebody's machine")
    if "--accept" in sys.argv:
        RATCHET.write_text(json.dumps(dict(sorted(sizes.items())), indent=1) + "\n")
        print(f"check_house: ratchet holds {len(sizes)} entries")
        return
    allowed = json.loads(RATCHET.read_text()) if RATCHET.exists() else {}
    for name, size in sizes.items():
        if size > allowed.get(name, 0):
            problems.append(f"{name}: {size} lines; the wall is {FUNCTION_WALL} for a function and {FILE_WALL} for a file")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"check_house: {len(problems)} problem(s)")
    print(f"check_house: {len(sources)} files in order")


if __name__ == "__main__":
    main()
