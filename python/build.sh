#!/usr/bin/env bash
# Rebuilds the embedded model from scratch, up to public/models/anchor-1m: text of the world, pretraining,
# WebLLM's files, the compiled library, and its check in headless Chromium. Needs two CPU cores and no GPU.
#
#   python/build.sh               everything (npm run model)
#   python/build.sh --from-base   keep the pretrained weights in python/build/base: convert, compile, check
#   python/build.sh --check       only check the model in public/models
#   python/build.sh --family      compile and check a small random model of every supported kind, two also in four bits
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
. python/environment.sh
name=anchor-1m title="Anchor 1M" seed=1 examples=300000
from=${1:-}

case $from in
	'' | --from-base | --check | --family) ;;
	*) fail "Unknown option $from. Known: --from-base, --check, --family." ;;
esac

pretrain() {
	say "Exporting $examples examples of the world"
	node scripts/export-world.ts --count $examples --seed $seed --out $build/world.jsonl
	say 'Pretraining (the long part: about 20 minutes on two cores)'
	$venv/bin/python python/pretrain/train.py --world $build/world.jsonl --out $build/base --seed $seed
}

convert_and_compile() {
	say "Converting and compiling $name"
	(cd python && .venv/bin/python -m webllm.build --base build/base --out ../public/models/$name --work build \
		--title "$title" --seed $seed --prompts build/world.jsonl)
}

check() {
	say "Checking $name in headless Chromium"
	node scripts/check-model.mjs public/models/$name $build
}

check_kind() { # KIND QUANTIZATION
	say "Family: $1 in $2"
	(cd python && .venv/bin/python -m webllm.build --base build/family/$1 --out build/family-$2/$1 --work build/family-work \
		--quantization $2 --random-weights --prefill-chunk 64 --context 256 --link=-O1)
	node scripts/check-model.mjs $build/family-$2/$1 $build/family-work
}

check_family() {
	local kind
	$venv/bin/python python/tests/family.py $build/family
	for kind in $build/family/*/; do check_kind "$(basename "$kind")" q0f32; done
	check_kind untied q4f32_1
	check_kind qwen3-own-head-size q4f32_1
}

if [ "$from" != --check ]; then
	need_debian_packages
	say 'Python environment'
	make_environment python/requirements.txt python/pretrain/requirements.txt
	if [ "$from" = --family ]; then
		check_family
		exit
	fi
	[ "$from" = --from-base ] || pretrain
	convert_and_compile
fi
check
du -sh public/models/$name >&2
