"""The browser runtime of TVM as three wasm objects, built from the sources inside the PyPI wheels.

The wheels contain the runtime's C++ but lack a few headers; `runtime/` holds our own. The sources are copied,
not linked, because they include each other by `../` paths. Objects are kept under `build/runtime-<versions>`
and reused.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

SHIMS = Path(__file__).parent / "runtime"
UNITS = ("wasm_runtime", "webgpu_runtime", "wasm_support")
# WebLLM needs no remote sessions, no sort, no recurrent state, and not the ffi's test functions.
LEFT_OUT = ("src/runtime/rpc/", "contrib/sort/sort.cc", "vm/rnn_state.cc", "testing/testing.cc")


def runtime_objects(work: Path, optimise: str = "-Oz") -> list[Path]:
    """Paths of the runtime's objects; builds them with emcc if they are missing.

    work: folder for build products. optimise: emcc's flag; -Oz because the library is downloaded.
    Raises RuntimeError with the compiler's text if it fails.
    """
    folder = work / f"runtime-{_fingerprint(optimise)}"
    objects = [folder / f"{unit}.o" for unit in UNITS]
    if all(path.exists() for path in objects):
        return objects
    tree = folder / "tree"
    _copy_sources(tree)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda path: _compile(tree, path, optimise), objects))
    return objects


def _fingerprint(optimise: str) -> str:
    """Changes with every input of the objects: the wheels, our shims, the flag."""
    digest = hashlib.sha256(optimise.encode())
    for package in ("apache-tvm", "apache-tvm-ffi"):
        digest.update(version(package).encode())
    digest.update(repr(LEFT_OUT).encode())
    for path in sorted(SHIMS.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(SHIMS).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _copy_sources(tree: Path) -> None:
    site = Path(sysconfig.get_paths()["purelib"])
    shutil.rmtree(tree, ignore_errors=True)
    ffi = tree / "3rdparty" / "tvm-ffi"
    for source, target in (
        (site / "tvm" / "include", tree / "include"),
        (site / "tvm" / "src", tree / "src"),
        (site / "tvm" / "web", tree / "web"),
        (site / "tvm_ffi" / "include", ffi / "include"),
        (site / "tvm_ffi" / "src", ffi / "src"),
        (site / "tvm_ffi" / "3rdparty" / "dlpack", ffi / "3rdparty" / "dlpack"),
        (SHIMS / "include", tree / "include"),
        (SHIMS / "src", tree / "src"),
        (SHIMS / "web", tree / "web"),
        (SHIMS / "compiler-rt", tree / "3rdparty" / "compiler-rt"),
    ):
        shutil.copytree(source, target, dirs_exist_ok=True)
    unit = tree / "web" / "emcc" / "wasm_runtime.cc"
    lines = unit.read_text().splitlines(keepends=True)
    unit.write_text("".join(line for line in lines if not any(part in line for part in LEFT_OUT)))


def _compile(tree: Path, target: Path, optimise: str) -> None:
    includes = (
        ".",
        "include",
        "3rdparty/tvm-ffi/include",
        "3rdparty/tvm-ffi/3rdparty/dlpack/include",
        "3rdparty/compiler-rt",
    )
    # Messages contain __FILE__, and the names of lambdas contain the path of their file. Relative paths, seen from
    # the sources' folder, give the same bytes in every folder of every machine.
    command = ["emcc", *(f"-I{path}" for path in includes), optimise, "-std=c++17", "-Wno-ignored-attributes"]
    command += ["-c", "-o", str(target.resolve()), f"web/emcc/{target.stem}.cc"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"emcc could not build {target.stem}:\n{done.stdout}{done.stderr}")
