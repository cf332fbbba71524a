// The command line of the benchmark.
import { existsSync } from 'node:fs';

/**
 * @typedef {object} Options
 * @property {string[]} parts    ids in the order of the list; if none is named, all except the forced ones
 * @property {boolean} json      ends stdout with one line of JSON
 * @property {number | null} steps rounds measured after the warm-up; null uses the part's default
 * @property {boolean} torch     false omits torch + PEFT
 * @property {boolean} software  lets the part `gpu` run on a software adapter
 * @property {string | null} report a file from which the part `gpu` reads its report instead of running
 */

export const USAGE =
	'npm run bench [-- PART… [--steps N] [--json] [--no-torch] [--software] [--report FILE]]\n' +
	'  --steps N     rounds measured after the warm-up\n' +
	'  --json        ends stdout with one line of JSON\n' +
	'  --no-torch    leaves torch + PEFT out, which is otherwise installed on first use\n' +
	'  --software    lets the part gpu run on a software adapter, to try the code: nothing is recorded\n' +
	'  --report FILE the part gpu writes down what its folder, .cache/bench/gpu, printed on another machine';

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} known ids of the parts
 * @returns {Options}
 * @throws {Error} naming the wrong argument and the known values
 */
export function parseArgs(args, known) {
	/** @type {Options} */
	const options = { parts: [], json: false, steps: null, torch: true, software: false, report: null };
	const rest = [...args];
	const named = new Set();
	for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
		if (arg === '--json') options.json = true;
		else if (arg === '--no-torch') options.torch = false;
		else if (arg === '--software') options.software = true;
		else if (arg === '--report') options.report = fileOf(rest.shift());
		else if (arg === '--steps') options.steps = stepsOf(rest.shift());
		else if (arg.startsWith('--steps=')) options.steps = stepsOf(arg.slice('--steps='.length));
		else if (arg.startsWith('-')) throw new Error(`Unknown option ${arg}.\n${USAGE}`);
		else if (known.includes(arg)) named.add(arg);
		else throw new Error(`The benchmark has no part "${arg}". Parts: ${known.join(', ')}.\n${USAGE}`);
	}
	options.parts = known.filter((id) => named.size === 0 || named.has(id));
	return options;
}

/** @param {string | undefined} path */
function fileOf(path) {
	if (path !== undefined && existsSync(path)) return path;
	throw new Error(
		`--report needs a file, not ${path === undefined ? 'nothing' : `"${path}", which is not there`}.`,
	);
}

/** @param {string | undefined} text */
function stepsOf(text) {
	const steps = Number(text);
	if (text !== undefined && Number.isInteger(steps) && steps >= 1) return steps;
	throw new Error(
		`--steps needs a whole number of at least 1, not ${text === undefined ? 'nothing' : `"${text}"`}.`,
	);
}
