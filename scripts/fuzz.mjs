// npm run test:fuzz [-- TEXT] [-- --runs 12000] [-- --seed 1]: generates inputs for every function that takes
// outside input and checks its properties. TEXT selects the targets whose names contain it. Prints the seed,
// with which the same inputs come again.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readArguments } from './arguments.mjs';
import { ROOT, runScript } from './install.mjs';

const OPTIONS = /** @type {const} */ ({
	runs: { type: 'string', default: '12000' },
	seed: { type: 'string' },
});

/** @param {string} name @param {string} text @param {number} least */
function wholeNumber(name, text, least) {
	const value = Number(text);
	if (Number.isInteger(value) && value >= least && value < 2 ** 31) return value;
	throw new Error(`--${name} must be a whole number of at least ${least}, not “${text}”.`);
}

function main() {
	const { values, positionals } = readArguments('fuzz', OPTIONS, { most: Infinity });
	const runs = wholeNumber('runs', values.runs, 1);
	const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('seed', values.seed, 0);
	process.stderr.write(`${runs} inputs per target, seed ${seed} (again with --seed ${seed}).\n`);
	const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'fuzz', '--reporter', 'verbose'], {
		cwd: ROOT,
		stdio: 'inherit',
		env: {
			...process.env,
			ANCHORAGE_FUZZ_RUNS: String(runs),
			ANCHORAGE_FUZZ_SEED: String(seed),
			ANCHORAGE_FUZZ_ONLY: positionals.join(' '),
		},
	});
	process.exitCode = status ?? 1;
}

await runScript(import.meta.url, () => Promise.resolve(main()));
