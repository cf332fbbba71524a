"""Compiles the model library: TVM lowers the module to WGSL and a wasm host; emcc links it with the runtime.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tvm
from tvm import relax
from tvm.s_tir import dlight

from .architecture import Architecture
from .kernels.backends import SCHEDULES
from .model import build_module
from .runtime_objects import runtime_objects

# A wasm host without optional features, so that Debian's lld 14 accepts the objects of TVM's newer LLVM.
HOST = {"kind": "llvm", "mtriple": "wasm32-unknown-unknown-wasm", "mcpu": "mvp"}
TARGET = tvm.target.Target("webgpu", host=HOST)
_HERE = Path(__file__).parent
COMPILER_FILES = [
    *(_HERE / name for name in ("architecture.py", "cache.py", "library.py", "model.py", "runtime_objects.py")),
    *(path for folder in ("kernels", "runtime") for path in (_HERE / folder).rglob("*")),
]
# No ASYNCIFY: tvmjs works without it, and with it the link takes minutes.
LINK = [
    "--no-entry",
    *("-s", "STANDALONE_WASM=1"),
    *("-s", "ALLOW_MEMORY_GROWTH=1"),
    *("-s", "WASM_BIGINT=1"),
    *("-s", "INITIAL_MEMORY=64MB"),
    *("-s", "ERROR_ON_UNDEFINED_SYMBOLS=0"),  # WebLLM's JavaScript defines the remaining symbols
]


# wasm-opt's passes that save most for their time: with all of -Os a library is a tenth smaller, in ten times the time.
QUICK_PASSES = [
    *("--shrink-level=1", "--inlining", "--duplicate-function-elimination", "--remove-unused-module-elements"),
    *("--simplify-locals", "--vacuum", "--coalesce-locals", "--reorder-locals"),
]


@dataclass(frozen=True)
class Build:
    """How a library is compiled. lora_rank: the largest rank, ANY_RANK, or 0 to leave LoRA out; schedule: a key of
    SCHEDULES; link: emcc's flag, of which -Os runs all of wasm-opt; quick_passes: runs QUICK_PASSES after the link;
    checked: kernels check their arguments' shapes; every_position: with the function `prefill_all`.
    """

    lora_rank: int | str
    schedule: str = "barrier-free"
    link: str = "-Os"
    quick_passes: bool = False
    checked: bool = True
    every_position: bool = True


def compile_library(arch: Architecture, chat_config: dict, output: Path, work: Path, build: Build) -> None:
    """Writes the library (.wasm) that WebLLM loads for this architecture, independent of the weights.

    work: folder for build products, reused.
    """
    kept = work / f"library-{_fingerprint(arch, chat_config, build)}.wasm"
    if not kept.exists():
        _compile(arch, chat_config, kept, work, build)
    shutil.copyfile(kept, output)


def _fingerprint(arch: Architecture, chat_config: dict, build: Build) -> str:
    """Changes with every input of the library; other weights of the same architecture need no new library."""
    sizes = [chat_config[key] for key in ("quantization", "context_window_size", "prefill_chunk_size")]
    wheels = [version(package) for package in ("apache-tvm", "apache-tvm-ffi")]
    digest = hashlib.sha256(json.dumps([repr(arch), sizes, wheels, repr(build)]).encode())
    for path in sorted(path for path in COMPILER_FILES if path.suffix in (".py", ".h", ".cc")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _compile(arch: Architecture, chat_config: dict, output: Path, work: Path, build: Build) -> None:
    backend = SCHEDULES[build.schedule]()
    module = build_module(arch, backend, chat_config, build.lora_rank, TARGET, build.every_position)
    with tvm.transform.PassContext(opt_level=3, config={} if build.checked else {"tirx.disable_assert": True}):
        executable = tvm.compile(module, target=TARGET, relax_pipeline=_pipeline(backend.schedule_rules))
    objects = runtime_objects(work)

    def link(target: str, files: list[str], **_options) -> None:
        _run(["emcc", build.link, *LINK, "-o", target, *map(str, objects), *files])

    link.object_format = "o"
    linked = output.with_name(f"{output.stem}-linked.wasm")
    executable.export_library(str(linked), fcompile=link)
    linked.write_bytes(without_custom_sections(linked.read_bytes()))
    if build.quick_passes:
        _run(["wasm-opt", str(linked), *QUICK_PASSES, "-o", str(linked)])
    linked.replace(output)  # atomic, because later builds reuse the file


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} could not link the library:\n{done.stdout}{done.stderr}")


def _pipeline(schedule_rules) -> tvm.transform.Pass:
    passes = relax.transform

    @tvm.transform.module_pass(opt_level=0)
    def lower(module, _context):
        with TARGET:
            return tvm.transform.Sequential(
                [
                    passes.LegalizeOps(),
                    passes.AnnotateTIROpPattern(),
                    passes.FoldConstant(),
                    passes.FuseOps(),
                    passes.FuseTIR(),
                    passes.DeadCodeElimination(),
                    dlight.ApplyDefaultSchedule(*schedule_rules),
                    passes.RewriteDataflowReshape(),
                    passes.DeadCodeElimination(),  # the reshapes that became views
                    passes.ToNonDataflow(),
                    passes.RemovePurityChecking(),
                    passes.CallTIRRewrite(),
                    passes.StaticPlanBlockMemory(),
                    passes.LowerAllocTensor(),
                    passes.KillAfterLastUse(),
                    passes.LowerRuntimeBuiltin(),
                    passes.ComputePrimValue(),
                    passes.VMShapeLower(),
                    passes.AttachGlobalSymbol(),
                ]
            )(module)

    return lower


def without_custom_sections(wasm: bytes) -> bytes:
    """The module without names and other custom sections (kind 0), which are three quarters of the linker's
    output.
    """
    kept, at = bytearray(wasm[:8]), 8
    while at < len(wasm):
        size, body = _leb128(wasm, at + 1)
        if wasm[at] != 0:
            kept += wasm[at : body + size]
        at = body + size
    return bytes(kept)


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned number at `at`, and the offset after it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
