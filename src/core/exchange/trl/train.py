"""Trains the adapter of this folder with TRL: accelerate launch train.py

settings.yaml has all numbers. data/steps.jsonl lists the rows of every step, so that a step sees the rows that it saw in
Anchorage, on any number of processes.
"""

import json
import sys
from pathlib import Path

import yaml
from datasets import load_dataset
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
from trl import DPOConfig as Config
from trl import DPOTrainer as Trainer

HERE = Path(__file__).resolve().parent


def place(name):
    """A folder beside this file, or a name on the hub."""
    return str(HERE / name) if (HERE / name).is_dir() else name


def load_model(settings):
    """The base model with the LoRA adapter to train."""
    base = AutoModelForCausalLM.from_pretrained(
        place(settings["model"]), revision=settings["revision"], dtype=settings["dtype"]
    )
    if settings["parent"]:
        # The run continues this adapter: merged into the base, it is also the reference.
        base = PeftModel.from_pretrained(base, place(settings["parent"])).merge_and_unload()
    if settings["adapter"]:
        return PeftModel.from_pretrained(base, place(settings["adapter"]), is_trainable=True)
    return get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", **settings["lora"]))


def load_rows(settings):
    """The rows of all steps, one step after the other, and the number of rows of a step."""
    rows = load_dataset("json", data_files=str(HERE / settings["data"]), split="train")
    steps = [json.loads(line) for line in (HERE / settings["steps"]).read_text().splitlines()]
    return rows.select([row for step in steps for row in step]), len(steps[0])


def split_step(rows_per_step, processes, at_once):
    """Rows of a process at once, and how often it accumulates gradients until a step has all its rows."""
    share, rest = divmod(rows_per_step, processes)
    at_once = at_once or share
    if rest or share % at_once:
        sys.exit(
            f"A step has {rows_per_step} rows, which {processes} processes cannot share in equal batches of"
            f" {at_once}: change their number, or rows_at_once in settings.yaml."
        )
    return at_once, share // at_once


def without_end(row, end):
    """Answers that were cut at their limit have no end, so the template's end token and all after it are dropped."""
    for side, is_open in row["open"].items():
        if is_open:
            ids = row[f"{side}_ids"]
            row[f"{side}_ids"] = ids[: len(ids) - 1 - ids[::-1].index(end)]
    return row


def main():
    settings = yaml.safe_load((HERE / "settings.yaml").read_text())
    # The rows are in the order of the steps already.
    args = Config(
        output_dir=str(HERE / settings["output"]), train_sampling_strategy="sequential", **settings["trainer"]
    )
    set_seed(args.seed)
    rows, rows_per_step = load_rows(settings)
    args.per_device_train_batch_size, args.gradient_accumulation_steps = split_step(
        rows_per_step, args.world_size, settings["rows_at_once"]
    )
    tokenizer = AutoTokenizer.from_pretrained(place(settings["model"]), revision=settings["revision"])
    trainer = Trainer(
        model=load_model(settings),
        processing_class=tokenizer,
        train_dataset=rows,
        args=args,
    )
    if "open" in rows.column_names:
        trainer.train_dataset = trainer.train_dataset.map(without_end, fn_kwargs={"end": tokenizer.eos_token_id})
    trainer.train()
    # The metrics of every step are in trainer_state.json.
    trainer.save_state()
    if trainer.is_world_process_zero():
        # TRL keeps a frozen copy of the first adapter as "ref"; only the trained one is saved.
        model = trainer.accelerator.unwrap_model(trainer.model)
        model.save_pretrained(HERE / settings["output"], selected_adapters=["default"])


if __name__ == "__main__":
    main()
