"""Compares TRL's metrics with those of the run in Anchorage, step by step: python compare.py"""

import json
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
METRICS = ["loss", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "logps/chosen",
           "logps/rejected", "kl", "grad_norm", "learning_rate", "num_tokens"]


def main():
    settings = yaml.safe_load((HERE / "settings.yaml").read_text())
    state = json.loads((HERE / settings["output"] / "trainer_state.json").read_text())
    here = {row["step"]: row for row in state["log_history"] if "loss" in row}
    there = [json.loads(line) for line in (HERE / "anchorage-metrics.jsonl").read_text().splitlines()]
    print(f"Largest differences over {sum(row['step'] in here for row in there)} steps, and at the first step:")
    for name in METRICS:
        differences = [
            (abs(float(row[name]) - float(here[row["step"]][name])), row["step"])
            for row in there
            if name in row and name in here.get(row["step"], {})
        ]
        if differences:
            largest, step = max(differences)
            print(f"{name:20} {largest:.2e} at step {step:<6} {differences[0][0]:.2e}")


if __name__ == "__main__":
    main()
