#!/usr/bin/env python3
"""Compares the C header of the bridge with what the Rust crate exports.

Every function of bridge/include/tarn_bridge.h must exist as an `extern "C"` function with the same name, arguments and
result, and the reverse; error codes and the ABI number must agree. Exits 1 and lists the differences otherwise.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent / "bridge"
C_TYPES = {
    "void": "void", "int32_t": "i32", "int64_t": "i64", "uint8_t": "u8", "uint32_t": "u32", "uint64_t": "u64",
    "size_t": "usize", "char": "char", "tlb_str": "TlbStr", "tlb_buf": "TlbBuf", "tlb_call": "TlbCall",
    "tlb_env": "Env", "tlb_session": "Session", "tlb_ds": "Handle", "tlb_tx": "Tx", "tlb_stream": "Stream",
    "tlb_store": "Store", "tlb_sql": "Sql", "tlb_cancel": "Cancel", "tlb_meter": "Meter", "tlb_error": "BridgeError",
    "ArrowArray": "FFI_ArrowArray", "ArrowSchema": "FFI_ArrowSchema", "ArrowArrayStream": "FFI_ArrowArrayStream",
}


def c_type(text: str) -> str:
    """`const struct ArrowArray* name` as Rust would write it."""
    words = text.replace("*", " * ").split()
    words = [w for w in words if w != "struct"]
    const = words[0] == "const"
    words = words[1:] if const else words
    base = C_TYPES[words[0]]
    stars = words.count("*")
    if stars == 0:
        return base
    if base == "void":
        base = "u8"
    inner = ("*const " if const else "*mut ") + base
    return "*mut " * (stars - 1) + inner


def header_functions(text: str) -> dict[str, str]:
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    found = {}
    for result, name, arguments in re.findall(r"([\w\s*]+?)\b(tlb_\w+)\s*\(([^)]*)\)\s*;", text):
        parts = [a.strip() for a in arguments.split(",")]
        parts = [] if parts == ["void"] else parts
        found[name] = f"({', '.join(c_type(p) for p in parts)}) -> {c_type(result)}"
    return found


def rust_type(text: str) -> str:
    text = re.sub(r"\b(?:\w+::)+", "", text.strip())
    return re.sub(r"\s+", " ", text)


def rust_functions(text: str) -> dict[str, str]:
    found = {}
    pattern = r'#\[unsafe\(no_mangle\)\]\s*pub (?:unsafe )?extern "C" fn (\w+)\(([^)]*)\)\s*(?:->\s*([^{]+?))?\s*\{'
    for name, arguments, result in re.findall(pattern, text):
        types = [rust_type(a.split(":", 1)[1]) for a in arguments.split(",") if a.strip()]
        found[name] = f"({', '.join(types)}) -> {rust_type(result) if result else 'void'}"
    return found


def codes(text: str, pattern: str) -> dict[str, int]:
    return {name.replace("_", "").upper(): int(value) for name, value in re.findall(pattern, text)}


def main() -> int:
    header = (ROOT / "include" / "tarn_bridge.h").read_text()
    crate = {path.name: path.read_text() for path in sorted((ROOT / "src").glob("*.rs"))}
    declared = header_functions(header)
    exported = rust_functions("\n".join(crate.values()))
    problems = [f"{name}: declared in the header, not exported by the crate" for name in declared.keys() - exported.keys()]
    problems += [f"{name}: exported by the crate, not declared in the header" for name in exported.keys() - declared.keys()]
    for name in sorted(declared.keys() & exported.keys()):
        if declared[name] != exported[name]:
            problems.append(f"{name}:\n  header {declared[name]}\n  crate  {exported[name]}")
    enum = re.search(r"pub enum Code \{(.*?)\}", crate["error.rs"], flags=re.S).group(1)
    c_codes, rust_codes = codes(header, r"TLB_E_(\w+) = (\d+)"), codes(enum, r"(\w+) = (\d+)")
    problems += [f"error code {name}: header {c_codes.get(name)}, crate {rust_codes.get(name)}"
                 for name in sorted(c_codes.keys() | rust_codes.keys()) if c_codes.get(name) != rust_codes.get(name)]
    c_abi = codes(header, r"#define TLB_ABI_(MAJOR|MINOR) (\d+)")
    rust_abi = codes(crate["ffi.rs"], r"pub const ABI_(MAJOR|MINOR): u32 = (\d+)")
    if c_abi != rust_abi or len(c_abi) != 2:
        problems.append(f"ABI number: header {c_abi}, crate {rust_abi}")
    if len(declared) < 60:
        problems.append(f"only {len(declared)} functions were found in the header: the parser is broken")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"check_abi: {len(declared)} functions, {len(c_codes)} codes, {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
