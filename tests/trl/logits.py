"""Logits of PEFT: logits.py MODEL ADAPTER IDS writes one JSON list, row by row, for the token ids of a JSON list."""

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def main():
    model_folder, adapter_folder, ids = sys.argv[1:]
    base = AutoModelForCausalLM.from_pretrained(model_folder, dtype="float32")
    model = PeftModel.from_pretrained(base, adapter_folder)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([json.loads(ids)])).logits[0]
    print(json.dumps(logits.flatten().tolist()))


if __name__ == "__main__":
    main()
