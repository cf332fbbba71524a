#!/usr/bin/env bash
# Scores the base and the tuned model with lm-evaluation-harness: bash evaluate.sh [tasks]
# Begins with IFEval, instructions whose answers a rule can check. The data of a task come from the Hugging Face hub.
#   pip install "lm-eval[hf,ifeval]==0.4.13"
set -euo pipefail
cd "$(dirname "$0")"

tasks=${1:-ifeval}
base=MODEL

score() { # name, arguments of the model
  lm_eval --model hf --model_args "$2" --tasks "$tasks" --apply_chat_template --batch_size 16 --output_path "results/$1"
}

score base "pretrained=$base,dtype=float32"
score tuned "pretrained=$base,dtype=float32,peft=tuned"
