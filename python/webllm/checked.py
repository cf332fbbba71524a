"""The libraries whose check passed: `checked.json`, by id, with the SHA-256 of the shipped program.

    python -m webllm.checked                    prints the ids that wait for their check
    python -m webllm.checked ID outcome.json    records a check that passed (scripts/check-model.mjs writes the outcome)

A library that was recompiled to other bytes has another SHA-256 and waits for its check again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .catalogue import libraries

RECORD = Path(__file__).parent / "checked.json"
INDEX = Path(__file__).parents[2] / "public" / "libraries" / "index.json"


def shipped() -> dict[str, str]:
    """SHA-256 of every compiled library, by id."""
    return {entry["id"]: entry["sha256"] for entry in json.loads(INDEX.read_text())["libraries"]}


def records() -> dict[str, dict]:
    return json.loads(RECORD.read_text()) if RECORD.exists() else {}


def waiting() -> list[str]:
    done, programs = records(), shipped()
    return [library.id for library in libraries() if done.get(library.id, {}).get("sha256") != programs.get(library.id)]


def record(library_id: str, outcome: dict) -> None:
    """outcome: number of checks, and the worst error of a log-probability without and with the adapter, nats."""
    known = {**records(), library_id: {"sha256": shipped()[library_id], **outcome}}
    RECORD.write_text(json.dumps(dict(sorted(known.items())), indent="\t") + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        record(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))
    else:
        print("\n".join(waiting()))
