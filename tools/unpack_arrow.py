#!/usr/bin/env python3
"""Takes the C++ half of a pyarrow wheel: headers, libarrow, libarrow_compute, libarrow_acero and the licences.

Usage: unpack_arrow.py WHEEL TARGET-FOLDER
"""
import pathlib
import re
import sys
import zipfile

LIBRARY = re.compile(r"pyarrow/(lib(?:arrow|arrow_compute|arrow_acero|parquet)\.so\.\d+)$")


def main(wheel: str, target: str) -> None:
    out = pathlib.Path(target)
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.namelist():
            if entry.endswith("/"):
                continue
            if entry.startswith(("pyarrow/include/arrow/", "pyarrow/include/parquet/")):
                place = out / "include" / entry.removeprefix("pyarrow/include/")
            elif match := LIBRARY.match(entry):
                place = out / "lib" / match.group(1)
            elif pathlib.PurePosixPath(entry).name in ("LICENSE.txt", "NOTICE.txt"):
                place = out / pathlib.PurePosixPath(entry).name
            else:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(archive.read(entry))
    for library in (out / "lib").glob("lib*.so.*"):
        link = library.with_name(library.name.split(".so.")[0] + ".so")
        link.unlink(missing_ok=True)
        link.symlink_to(library.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
