"""Compiles the libraries of the published models: `npm run libraries`.

    python -m webllm.libraries --out ../public/libraries [--only ID …]

writes `<id>.wasm.gz` and index.json. `--only` compiles some and keeps the other entries.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import tempfile
import time
from pathlib import Path

from .architecture import ANY_RANK
from .catalogue import Library, entry, libraries

OBJECTS = Path(__file__).parent.parent / "build"
INDEX = "index.json"
LIMIT = 20 * 10**6
"""Bytes of all compressed libraries together: they are committed."""


def main() -> None:
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = [library for library in libraries() if not options.only or library.id in options.only]
    unknown = set(options.only) - {library.id for library in wanted}
    if unknown:
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(l.id for l in libraries())}")
    for library in wanted:
        start = time.monotonic()
        made = compile_one(library, options.out)
        write_index(options.out, made)
        print(f"{library.id}: {made['bytes']} bytes, compressed {made['compressedBytes']}, {time.monotonic() - start:.0f} s", flush=True)
    remove_unlisted(options.out)


def compile_one(library: Library, out: Path) -> dict:
    """Writes the compressed library and returns its entry."""
    from .library import Build, compile_library  # TVM takes seconds to import: not needed to read --help

    with tempfile.TemporaryDirectory() as folder:
        wasm = Path(folder) / "library.wasm"
        compile_library(library.arch, library.chat_config, wasm, OBJECTS, Build(ANY_RANK, **SHIPPED))
        raw = wasm.read_bytes()
    packed = gzip.compress(raw, 9, mtime=0)
    name = f"{library.id}.wasm.gz"
    (out / name).write_bytes(packed)
    return entry(library, name, raw, packed, hashlib.sha256(raw).hexdigest())


SHIPPED = {"link": "-O1", "quick_passes": True, "checked": False, "every_position": False}
"""How libraries are built for the page: small, without the function that only the check calls."""


def write_index(out: Path, made: dict) -> None:
    """Puts one entry into index.json, in the catalogue's order; entries without a library disappear."""
    path = out / INDEX
    old = json.loads(path.read_text())["libraries"] if path.exists() else []
    by_id = {item["id"]: item for item in [*old, made]}
    listed = [by_id[library.id] for library in libraries() if library.id in by_id]
    total = sum(item["compressedBytes"] for item in listed)
    if total > LIMIT:
        raise SystemExit(f"The libraries are {total} bytes together, more than {LIMIT}: drop the least needed from sizes/.")
    path.write_text(json.dumps({"schema": 1, "libraries": listed}, indent="\t") + "\n")


def remove_unlisted(out: Path) -> None:
    listed = {item["file"] for item in json.loads((out / INDEX).read_text())["libraries"]}
    for path in out.glob("*.wasm.gz"):
        if path.name not in listed:
            path.unlink()


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("../public/libraries"), help="folder to write")
    parser.add_argument("--only", nargs="*", default=[], metavar="ID", help="compile only these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
