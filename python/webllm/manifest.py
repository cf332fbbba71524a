"""manifest.json: the files of a model's folder and their sources, so that an app can check every byte it
downloads.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("apache-tvm", "apache-tvm-ffi", "numpy", "tokenizers", "safetensors")
WEB_LLM = "0.2.86"  # the version that was checked; the adapter is written through its private API


def write_manifest(folder: Path, files: list[str], facts: dict) -> None:
    """files: names in `folder`; sizes and SHA-256 are read from there. Without dates and paths, so the same
    input gives the same bytes.
    """
    listed = [_file(folder, name) for name in sorted(files)]
    manifest = {**facts, "versions": _versions(), "bytes": sum(f["bytes"] for f in listed), "files": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent="\t", ensure_ascii=False) + "\n")


def _file(folder: Path, name: str) -> dict:
    data = (folder / name).read_bytes()
    return {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _versions() -> dict:
    emcc = subprocess.run(["emcc", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    wheels = {package: version(package) for package in PACKAGES}
    return {**wheels, "emscripten": emcc.split(")", 1)[1].split()[0], "@mlc-ai/web-llm": WEB_LLM}
