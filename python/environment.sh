# Sourced by build.sh and libraries.sh: the tools and the Python environment that both need. `root` is the
# repository's folder, which is also the current one.
venv=python/.venv build=python/build

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# npm's scripts run with Node 24 from node_modules; the same Node runs when a script is started by hand.
export PATH="$root/node_modules/.bin:$PATH"
[ -x node_modules/.bin/node ] || fail 'Run "npm install" first: the scripts need the Node of node_modules.'

need_debian_packages() {
	local missing=()
	command -v emcc >/dev/null || missing+=(emscripten)
	command -v wasm-opt >/dev/null || missing+=(binaryen)
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
	[ ${#missing[@]} -eq 0 ] && return
	[ -x /usr/bin/apt-get ] && [ "$(id -u)" = 0 ] ||
		fail "Missing: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}. Elsewhere: emscripten 3.1, binaryen and Python 3.11."
	say "Installing the Debian packages ${missing[*]} (this is Debian or like it, and you are root)"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# make_environment REQUIREMENTS …
make_environment() {
	# pip comes last: an environment whose creation was interrupted has none.
	[ -x $venv/bin/pip ] || python3 -m venv $venv
	$venv/bin/pip install -q --disable-pip-version-check $(printf -- '-r %s ' "$@")
	mkdir -p $build
}
