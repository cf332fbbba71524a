// npm test: installs what is missing, finds a Chromium, runs every check, and ends with one line "N passed, N failed".
// A check that prints no result of its own (types, lint, …) counts as one; a test runner counts its tests.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './chromium.mjs';
import { ensureInstalled, ROOT, toolEnvironment } from './install.mjs';

const REPORTS = join(ROOT, '.cache', 'reports');

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @param {string} file @returns {Count} */
function countVitest(file) {
	const report = JSON.parse(readFileSync(file, 'utf8'));
	// A file that could not be loaded has no tests to fail; it counts as one failure.
	const brokenFiles = report.testResults.filter(
		(/** @type {{ status: string, assertionResults: unknown[] }} */ f) =>
			f.status === 'failed' && f.assertionResults.length === 0,
	).length;
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests + brokenFiles,
		skipped: report.numPendingTests + report.numTodoTests,
	};
}

/** @param {string} file @returns {Count} */
function countPlaywright(file) {
	const { stats } = JSON.parse(readFileSync(file, 'utf8'));
	return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
}

/** @param {string} project */
const vitest = (project) => {
	const file = join(REPORTS, `${project}.json`);
	return {
		name: project,
		command: [
			'vitest',
			'run',
			'--project',
			project,
			'--reporter=default',
			'--reporter=json',
			`--outputFile.json=${file}`,
		],
		file,
		count: countVitest,
	};
};

const e2eReport = join(REPORTS, 'e2e.json');
/** @typedef {{ name: string, command: string[], file?: string, count?: (file: string) => Count }} Check */

/** One process each, and none of them times anything: the longest beside the others. @type {Check[][]} */
const STATIC = [
	[{ name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] }],
	[
		{ name: 'types (svelte)', command: ['svelte-check', '--fail-on-warnings', '--output', 'human'] },
		{ name: 'types', command: ['tsc', '--noEmit'] },
		{ name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
		{ name: 'import rule', command: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'] },
	],
];
/** One after the other. @type {Check[]} */
const RUNNERS = [
	vitest('unit'),
	vitest('golden'),
	{ name: 'build', command: ['vite', 'build', '--logLevel', 'warn'] },
	vitest('gpu'),
	vitest('ui'),
	{ name: 'end to end', command: ['playwright', 'test'], file: e2eReport, count: countPlaywright },
];

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} held its output comes in one piece when it has ended
 * @returns {Promise<number>}
 */
function run([program = '', ...args], env, held) {
	return new Promise((resolve) => {
		const child = spawn(program, args, {
			cwd: ROOT,
			stdio: held ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
			env,
			shell: process.platform === 'win32',
		});
		/** @type {Buffer[]} */
		const output = [];
		for (const stream of [child.stdout, child.stderr])
			stream?.on('data', (/** @type {Buffer} */ data) => output.push(data));
		child.on('error', () => resolve(127));
		child.on('close', (code) => {
			process.stdout.write(Buffer.concat(output));
			resolve(code ?? 1);
		});
	});
}

/**
 * @param {Check} check
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} held see run()
 * @returns {Promise<{ name: string, count: Count }>}
 */
async function perform(check, env, held = false) {
	process.stdout.write(`\n== ${check.name}\n`);
	const begin = performance.now();
	const code = await run(check.command, env, held);
	let count = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
	if (check.count !== undefined && check.file !== undefined && existsSync(check.file)) {
		count = check.count(check.file);
		// A runner that fails outside its tests must not pass for a green one.
		if (code !== 0 && count.failed === 0) count.failed = 1;
	}
	const seconds = ((performance.now() - begin) / 1000).toFixed(0);
	process.stdout.write(
		`== ${check.name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)\n`,
	);
	return { name: check.name, count };
}

/** Checks in their order. @param {readonly Check[]} checks @param {NodeJS.ProcessEnv} env @param {boolean} held */
async function inTurn(checks, env, held) {
	const results = [];
	for (const check of checks) results.push(await perform(check, env, held));
	return results;
}

async function main() {
	ensureInstalled();
	const env = toolEnvironment({
		CHROMIUM_PATH: await findChromium(),
		PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport,
	});
	rmSync(REPORTS, { recursive: true, force: true });
	mkdirSync(REPORTS, { recursive: true });
	const only = process.argv.slice(2);
	const wanted = (/** @type {Check} */ { name }) => only.length === 0 || only.includes(name);
	const beside = STATIC.map((checks) => inTurn(checks.filter(wanted), env, true));
	const results = [
		...(await Promise.all(beside)).flat(),
		...(await inTurn(RUNNERS.filter(wanted), env, false)),
	];
	const total = { passed: 0, failed: 0, skipped: 0 };
	for (const { count } of results) {
		total.passed += count.passed;
		total.failed += count.failed;
		total.skipped += count.skipped;
	}
	const failedChecks = results.filter(({ count }) => count.failed > 0).map(({ name }) => name);
	if (failedChecks.length > 0) process.stdout.write(`\nNot passed: ${failedChecks.join(', ')}\n`);
	const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
	process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
	process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

main().catch((/** @type {unknown} */ error) => {
	process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n\n0 passed, 1 failed\n`);
	process.exit(1);
});
