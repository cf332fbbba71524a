"""Whole cells of a grid in torch + PEFT, as a script around TRL's DPOTrainer runs them: for each cell, answers are sampled, held-out
answers are generated before, during and after training, and the adapter is trained on padded rows. Nothing is shared between cells.

python cells.py FOLDER [--device cpu] [--dtype float32] [--threads N]

FOLDER is the output of bench/workloads/exportWorkload.ts, with cells.json beside run.json. Speaks JSON lines: when ready, reports its
versions; then answers each line `cell OBJECTIVE` with the wall seconds of the cell by phase. Exits at the end of its input.
"""

import json
import sys
import time
from pathlib import Path

import torch
from peer import Peer, apo_zero, arguments, say, versions

# Rows of a batch of answers, as the page generates them.
ANSWER_ROWS = 32

LOSSES = {
    "apo_zero": apo_zero,
    "apo_down": lambda w, l: w.sigmoid() + 1 - (w - l).sigmoid(),
    "dpo": lambda w, l: -torch.nn.functional.logsigmoid(w - l),
}


class Cell:
    def __init__(self, folder: Path, objective: str) -> None:
        self.facts = json.loads((folder / "cells.json").read_text())
        self.peer = Peer(folder, "cpu", "float32", LOSSES[objective])
        self.seconds: dict[str, float] = {}

    def run(self) -> dict[str, float]:
        facts = self.facts
        self._timed("sampling", lambda: self.answer(facts["sampled"], True))
        self._timed("evaluating-before", self.evaluate)
        for step in range(1, facts["steps"] + 1):
            self._timed("training", self.peer.step)
            if step % facts["evaluateEvery"] == 0 and step < facts["steps"]:
                self._timed("evaluating", lambda: self.answer(facts["heldOut"], False))
        self._timed("evaluating-after", self.evaluate)
        return self.seconds

    def evaluate(self) -> None:
        self.answer(self.facts["heldOut"], False)
        self.answer(self.facts["heldOut"], True)

    @torch.no_grad()
    def answer(self, prompts: list[list[int]], sample: bool) -> None:
        model, stop = self.peer.model, self.facts["stop"]
        model.eval()
        for start in range(0, len(prompts), ANSWER_ROWS):
            rows = prompts[start : start + ANSWER_ROWS]
            width = max(map(len, rows))
            ids = torch.tensor([[stop] * (width - len(row)) + row for row in rows])
            mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
            how = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0} if sample else {"do_sample": False}
            model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=self.facts["maxTokens"],
                eos_token_id=stop,
                pad_token_id=stop,
                **how,
            )
        model.train()

    def _timed(self, phase: str, work) -> None:
        begin = time.perf_counter()
        work()
        self.seconds[phase] = self.seconds.get(phase, 0.0) + time.perf_counter() - begin


def main() -> None:
    args = arguments(device="cpu", dtype="float32")
    if (args.device, args.dtype) != ("cpu", "float32"):
        say({"error": "cells are played on the processor in float32"})
        return
    torch.manual_seed(1)
    say({"ready": True, "device": "cpu", "versions": versions()})
    for line in sys.stdin:
        word, *rest = line.split() or [""]
        if word != "cell" or not rest or rest[0] not in LOSSES:
            continue
        begin = time.perf_counter()
        seconds = Cell(args.folder, rest[0]).run()
        say({"seconds": seconds, "total": time.perf_counter() - begin})


if __name__ == "__main__":
    main()
