// Runs the parts of npm test side by side and holds each part's output until it ends, so that outputs do not mix.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOT } from '../install.mjs';

/** @typedef {import('./parts.mjs').Part} Part */
/** @typedef {import('./parts.mjs').Count} Count */
/** @typedef {{ name: string, count: Count, seconds: number }} Result */

/** Milliseconds between two lines that list the running parts. */
const HEARTBEAT = 60_000;
const FAILED = Object.freeze({ passed: 0, failed: 1, skipped: 0 });

/** @param {string} text */
const say = (text) => process.stdout.write(`${text}\n`);
/** @param {number} begin @returns {number} */
const secondsSince = (begin) => Math.round((performance.now() - begin) / 1000);

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: Buffer }>}
 */
function run([program = '', ...args], env) {
	return new Promise((resolve) => {
		const child = spawn(program, args, {
			cwd: ROOT,
			stdio: ['ignore', 'pipe', 'pipe'],
			env,
			shell: process.platform === 'win32',
		});
		/** @type {Buffer[]} */
		const output = [];
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (/** @type {Buffer} */ data) => output.push(data));
		child.on('error', (error) => resolve({ code: 127, output: Buffer.from(`${error.message}\n`) }));
		child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output) }));
	});
}

/** @param {Part} part @param {number} code @returns {Count} */
function countOf({ report, count }, code) {
	if (report === undefined || count === undefined)
		return code === 0 ? { ...FAILED, passed: 1, failed: 0 } : FAILED;
	if (!existsSync(report)) return FAILED;
	try {
		const counted = count(report);
		// A runner that fails outside its tests must not pass.
		return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
	} catch (error) {
		say(`${report} is not readable: ${error instanceof Error ? error.message : String(error)}`);
		return FAILED;
	}
}

/** @param {Part} part @param {NodeJS.ProcessEnv} env @returns {Promise<Result>} */
async function perform(part, env) {
	say(`-- ${part.name} started`);
	const begin = performance.now();
	const { code, output } = await run(part.command, env);
	const seconds = secondsSince(begin);
	say(`\n== ${part.name}`);
	process.stdout.write(output);
	const count = countOf(part, code);
	const { passed, failed, skipped } = count;
	say(`== ${part.name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)\n`);
	return { name: part.name, count, seconds };
}

/**
 * Starts the parts in their order, at most `slots` at a time. If a part fails, the parts that need it fail
 * without a run.
 *
 * @param {readonly Part[]} parts
 * @param {number} slots
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Result[]>} in the order of `parts`
 */
export async function runParts(parts, slots, env) {
	const waiting = [...parts];
	/** @type {Map<string, { begin: number, done: Promise<void> }>} */
	const running = new Map();
	/** @type {Map<string, Result>} */
	const results = new Map();
	const heartbeat = setInterval(() => {
		const names = [...running].map(([name, { begin }]) => `${name} (${secondsSince(begin)} s)`);
		say(`-- running: ${names.join(', ')}`);
	}, HEARTBEAT);
	/** @param {Part} part */
	const isReady = ({ after }) =>
		after === undefined || results.has(after) || !parts.some(({ name }) => name === after);
	/** @param {Part} part @returns {Promise<Result>} */
	const settle = (part) => {
		if ((results.get(part.after ?? '')?.count.failed ?? 0) === 0) return perform(part, env);
		say(`== ${part.name}: not run, because ${part.after} failed\n`);
		return Promise.resolve({ name: part.name, count: FAILED, seconds: 0 });
	};
	while (results.size < parts.length) {
		for (let next; running.size < slots && (next = waiting.findIndex(isReady)) >= 0;) {
			const [part] = /** @type {[Part]} */ (waiting.splice(next, 1));
			const done = settle(part).then((result) => {
				results.set(part.name, result);
				running.delete(part.name);
			});
			running.set(part.name, { begin: performance.now(), done });
		}
		await Promise.race([...running.values()].map(({ done }) => done));
	}
	clearInterval(heartbeat);
	return parts.flatMap(({ name }) => results.get(name) ?? []);
}
