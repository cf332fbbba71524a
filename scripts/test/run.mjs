// Runs the parts of npm test side by side and holds each part's output until it ends, so that outputs do not mix.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ROOT } from '../install.mjs';

/** @typedef {import('./parts.mjs').Part} Part */
/** @typedef {import('./parts.mjs').Report} Report */
/** @typedef {{ name: string, seconds: number } & Report} Result */

/**
 * @typedef {object} Options
 * @property {number} slots parts at a time
 * @property {NodeJS.ProcessEnv} env
 * @property {(text: string) => void} write
 */

/** Milliseconds between two lines that list the running parts. */
const HEARTBEAT = 60_000;
/** Milliseconds that output may still come after a program has ended: a process that it left behind may hold its pipes open. */
const LAST_OUTPUT = 5_000;
/** @type {Report} */
const PASSED = { count: { passed: 1, failed: 0, skipped: 0 }, failures: [] };
/** @type {Report} */
const FAILED = { count: { passed: 0, failed: 1, skipped: 0 }, failures: [] };

/** @param {number} begin */
const secondsSince = (begin) => Math.round((performance.now() - begin) / 1000);
/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number, output: string }>} code 127 if the program cannot be started, 1 if it is killed
 */
function run([program = '', ...args], env) {
	const shell = process.platform === 'win32';
	const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env, shell });
	const streams = [child.stdout, child.stderr];
	/** @type {Buffer[]} */
	const output = [];
	for (const stream of streams) stream.on('data', (/** @type {Buffer} */ data) => output.push(data));
	return new Promise((resolve) => {
		const end = (/** @type {number | null} */ code) => {
			for (const stream of streams) stream.destroy();
			resolve({ code: code ?? 1, output: Buffer.concat(output).toString() });
		};
		child.on('error', (error) => resolve({ code: 127, output: `${error.message}\n` }));
		child.on('exit', (code) => void setTimeout(end, LAST_OUTPUT, code).unref());
		child.on('close', end);
	});
}

/** @param {Part} part @param {number} code @returns {Report} */
function reportOf({ report, read }, code) {
	if (report === undefined || read === undefined) return code === 0 ? PASSED : FAILED;
	if (!existsSync(report)) return FAILED;
	const { count, failures } = read(report);
	// A runner that fails outside its tests must not pass.
	return { count: code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count, failures };
}

/** @param {Part} part @param {Options} options @returns {Promise<Result>} */
async function perform(part, { env, write }) {
	write(`-- ${part.name} started\n`);
	const begin = performance.now();
	const { code, output } = await run(part.command, env);
	const seconds = secondsSince(begin);
	write(`\n== ${part.name}\n${output}`);
	let report = FAILED;
	try {
		report = reportOf(part, code);
	} catch (error) {
		write(`${part.report} is not readable: ${messageOf(error)}\n`);
	}
	const { passed, failed, skipped } = report.count;
	write(`== ${part.name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)\n\n`);
	return { name: part.name, ...report, seconds };
}

/**
 * Starts the parts in their order. If a part fails, the part that needs it fails without a run.
 *
 * @param {readonly Part[]} parts
 * @param {Options} options
 * @returns {Promise<Result[]>} in the order of `parts`
 */
export async function runParts(parts, options) {
	const { slots, write } = options;
	const waiting = [...parts];
	/** @type {Map<string, { begin: number, done: Promise<void> }>} */
	const running = new Map();
	/** @type {Map<string, Result>} */
	const results = new Map();
	const heartbeat = setInterval(() => {
		const names = [...running].map(([name, { begin }]) => `${name} (${secondsSince(begin)} s)`);
		write(`-- running: ${names.join(', ')}\n`);
	}, HEARTBEAT);
	/** @param {Part} part */
	const isReady = ({ needs }) =>
		needs === undefined || results.has(needs) || !parts.some(({ name }) => name === needs);
	/** @param {Part} part */
	const settle = async (part) => {
		const lacks = (results.get(part.needs ?? '')?.count.failed ?? 0) > 0;
		if (lacks) write(`== ${part.name}: not run, because ${part.needs} failed\n\n`);
		const result = lacks ? { name: part.name, ...FAILED, seconds: 0 } : await perform(part, options);
		results.set(part.name, result);
		running.delete(part.name);
	};
	while (results.size < parts.length) {
		const next = running.size < slots ? waiting.findIndex(isReady) : -1;
		const part = next < 0 ? undefined : waiting.splice(next, 1)[0];
		if (part === undefined) await Promise.race([...running.values()].map(({ done }) => done));
		else running.set(part.name, { begin: performance.now(), done: settle(part) });
	}
	clearInterval(heartbeat);
	return parts.flatMap(({ name }) => results.get(name) ?? []);
}
