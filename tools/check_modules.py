#!/usr/bin/env python3
"""Holds the order of the house.

Reads every src/tarn/*/CMakeLists.txt (tarn_module NAME USES ... PUBLIC ...) and every #include below src/tarn, and fails on
  - an include of a module that the including module does not list under USES,
  - an include of another module's header that is not PUBLIC there,
  - a USES edge that points up or sideways-right in ORDER, or a cycle,
  - a call of a bridge function from a module that does not own its topic (BRIDGE_OWNERS).
`--graph` prints the module graph as Mermaid, which docs/internals/map.md shows.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tarn"

# Bottom to top. A module may use modules of lower lines, and on its own line those to its left.
ORDER = [
    ["base"],
    ["columnar", "store", "lance"],
    ["schema", "ir", "catalog"],
    ["gq"],
    ["search", "plan", "exec", "write", "changes"],
    ["engine"],
    ["wire"],
    ["cli"],
]
# Which module may call which functions of the bridge.
BRIDGE_OWNERS = {
    "store": ("tlb_abi", "tlb_build", "tlb_env", "tlb_error", "tlb_buf", "tlb_cancel", "tlb_meter", "tlb_fault", "tlb_session", "tlb_store"),
    "lance": ("tlb_ds", "tlb_stage", "tlb_tx", "tlb_commit", "tlb_restore", "tlb_scan", "tlb_take", "tlb_stream", "tlb_tokenize",
              "tlb_branch", "tlb_sql", "tlb_error", "tlb_buf", "tlb_session", "tlb_env"),
}
MODULE = re.compile(r"tarn_module\(\s*(\w+)(.*?)\)", re.S)
INCLUDE = re.compile(r'^\s*#include "tarn/(\w+)/([\w/.]+)"', re.M)
BRIDGE_CALL = re.compile(r"\btlb_[a-z_]+(?=\s*\()")


def declared() -> dict[str, dict[str, list[str]]]:
    modules = {}
    for path in sorted(SOURCE.glob("*/CMakeLists.txt")):
        match = MODULE.search(re.sub(r"#.*", "", path.read_text()))
        if not match:
            sys.exit(f"{path}: no tarn_module(...)")
        facts: dict[str, list[str]] = {"USES": [], "PUBLIC": [], "LIBS": [], "TEST_LIBS": []}
        key = None
        for word in match.group(2).split():
            if word in facts:
                key = word
            elif key:
                facts[key].append(word)
        modules[match.group(1)] = facts
    return modules


def check_order(modules) -> list[str]:
    place = {name: (line, column) for line, row in enumerate(ORDER) for column, name in enumerate(row)}
    problems = []
    for name, facts in modules.items():
        if name not in place:
            problems.append(f"module {name} has no place in ORDER")
            continue
        for used in facts["USES"]:
            if used not in place:
                problems.append(f"module {name} uses {used}, which has no place in ORDER")
            elif not (place[used][0] < place[name][0] or (place[used][0] == place[name][0] and place[used][1] < place[name][1])):
                problems.append(f"module {name} uses {used}, which stands above it")
    return problems


def check_includes(modules) -> list[str]:
    problems = []
    for path in sorted([*SOURCE.rglob("*.h"), *SOURCE.rglob("*.cc")]):
        relative = path.relative_to(ROOT)
        module = path.relative_to(SOURCE).parts[0]
        text = path.read_text()
        in_test = path.name.endswith("_test.cc")
        for used, header in INCLUDE.findall(text):
            if used == module:
                continue
            public = modules.get(used, {}).get("PUBLIC", [])
            if used not in modules.get(module, {}).get("USES", []) and not in_test:
                problems.append(f"{relative}: module {module} does not list {used} under USES")
            if "*" not in public and header not in public:
                problems.append(f"{relative}: {used}/{header} is not a PUBLIC header of {used}")
        for call in BRIDGE_CALL.findall(re.sub(r"//.*", "", text)):
            if not call.startswith(BRIDGE_OWNERS.get(module, ())) or module not in BRIDGE_OWNERS:
                problems.append(f"{relative}: module {module} may not call {call}")
    return problems


def print_graph(modules) -> None:
    print("graph BT")
    for name, facts in modules.items():
        direct = set(facts["USES"])
        for used in sorted(direct):
            # an edge that another used module implies already says nothing new
            if not any(used in modules[other]["USES"] for other in direct if other in modules and other != used):
                print(f"  {name} --> {used}")


def main() -> None:
    modules = declared()
    if "--graph" in sys.argv:
        print_graph(modules)
        return
    problems = check_order(modules) + check_includes(modules)
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"check_modules: {len(problems)} problem(s)")
    print(f"check_modules: {len(modules)} modules in order")


if __name__ == "__main__":
    main()
