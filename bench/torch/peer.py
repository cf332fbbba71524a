"""The step in torch + PEFT, as in TRL's DPOTrainer: padded rows, chosen and rejected in one pass, APO-zero,
AdamW.

python peer.py FOLDER [--device cpu|cuda] [--dtype float32|bfloat16] [--threads N]

FOLDER is the output of bench/workloads/exportWorkload.ts. Speaks JSON lines: when ready, reports its device
and versions; then answers each line `step COUNT` with the last step's loss and the mean milliseconds per
step, after all work is done. It does not wait between the steps. Exits at the end of its input.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

# All files are in the folder; no network look-up is allowed.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import peft
import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForCausalLM


def say(message: dict) -> None:
    print(json.dumps(message), flush=True)


def apo_zero(chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
    return 1 - chosen.sigmoid() + rejected.sigmoid()


class Peer:
    def __init__(self, folder: Path, device: str, dtype: str, loss=apo_zero) -> None:
        self.loss = loss
        self.device = torch.device(device)
        self.low = dtype != "float32"
        base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=getattr(torch, dtype))
        # PEFT keeps the adapter in float32; the weights below it are frozen.
        self.model = PeftModel.from_pretrained(base, folder / "adapter", is_trainable=True).to(self.device)
        self.model.train()
        run = json.loads((folder / "run.json").read_text())
        self.beta, self.rates = run["beta"], run["learningRates"]
        self.max_norm = run["optimiser"]["maxGradNorm"]
        self.params = [p for p in self.model.parameters() if p.requires_grad]
        o = run["optimiser"]
        self.adamw = torch.optim.AdamW(
            self.params, lr=0.0, betas=(o["beta1"], o["beta2"]), eps=o["eps"], weight_decay=o["weightDecay"]
        )
        self.batches = [self._upload(batch) for batch in run["batches"]]
        for batch in self.batches:
            with torch.no_grad(), self.model.disable_adapter():
                batch["reference"] = self._logps(batch)
        self.steps = 0

    def _upload(self, batch: dict) -> dict:
        shape = (batch["rows"], batch["tokens"])
        ids = torch.tensor(batch["ids"], device=self.device).view(shape)
        lengths = torch.tensor(batch["lengths"], device=self.device)
        mask = torch.tensor(batch["mask"], device=self.device).view(shape)
        attention = (torch.arange(shape[1], device=self.device) < lengths[:, None]).long()
        return {"ids": ids, "attention": attention, "mask": mask}

    def _logps(self, batch: dict) -> torch.Tensor:
        """[rows] log-probabilities summed over completion tokens."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.low):
            logits = self.model(input_ids=batch["ids"], attention_mask=batch["attention"], use_cache=False).logits
        logits, targets = logits[:, :-1].float(), batch["ids"][:, 1:]
        chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return ((chosen - logits.logsumexp(-1)) * batch["mask"][:, :-1]).sum(-1)

    def step(self) -> torch.Tensor:
        batch = self.batches[self.steps % len(self.batches)]
        for group in self.adamw.param_groups:
            group["lr"] = self.rates[min(self.steps, len(self.rates) - 1)]
        self.steps += 1
        chosen, rejected = (self.beta * (self._logps(batch) - batch["reference"])).chunk(2)
        loss = self.loss(chosen, rejected).mean()
        loss.backward()
        if self.max_norm > 0:
            torch.nn.utils.clip_grad_norm_(self.params, self.max_norm)
        self.adamw.step()
        self.adamw.zero_grad()
        return loss.detach()


def arguments(**options: str) -> argparse.Namespace:
    """FOLDER, --threads and the given options with their defaults; sets torch's number of threads."""
    # Ctrl-C is handled by the parent process; this one stops at the end of its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name, default in options.items():
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    return args


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "peft": peft.__version__, "transformers": transformers.__version__}


def main() -> None:
    args = arguments(device="cpu", dtype="float32")
    if args.device == "cuda" and not torch.cuda.is_available():
        say({"error": "torch sees no CUDA device"})
        return
    peer = Peer(args.folder, args.device, args.dtype)
    name = torch.cuda.get_device_name() if args.device == "cuda" else "cpu"
    say({"ready": True, "device": name, "threads": torch.get_num_threads(), "versions": versions()})
    for line in sys.stdin:
        word, *counts = line.split() or [""]
        if word != "step":
            continue
        count = int(counts[0]) if counts else 1
        begin = time.perf_counter()
        for _ in range(count):
            loss = peer.step()
        value = loss.item()
        if args.device == "cuda":
            torch.cuda.synchronize()
        say({"loss": value, "ms": 1000 * (time.perf_counter() - begin) / count})


if __name__ == "__main__":
    main()
