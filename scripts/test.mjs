// npm test [-- PART…]: installs missing packages, finds a Chromium, runs every part, and ends with one line
// "N passed, N failed".
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { findChromium } from './chromium.mjs';
import { ensureInstalled, toolEnvironment } from './install.mjs';
import { E2E_REPORT, PARTS, REPORTS } from './test/parts.mjs';
import { runParts } from './test/run.mjs';

/**
 * Parts at a time. SwiftShader, the linter and the compilers each use one core, so two parts fill two cores.
 * Each browser takes up to 2 GB of memory.
 */
const SLOTS = Math.max(2, Math.min(4, availableParallelism() - 1));

/** @param {readonly string[]} names @returns {import('./test/parts.mjs').Part[]} */
function partsNamed(names) {
	const unknown = names.filter((wanted) => !PARTS.some(({ name }) => name === wanted));
	if (unknown.length > 0) {
		throw new Error(`No part "${unknown.join('", "')}". Parts: ${PARTS.map(({ name }) => name).join(', ')}.`);
	}
	return PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** @param {import('./test/run.mjs').Result[]} results @param {number} seconds of the whole run */
function table(results, seconds) {
	const rows = [
		['part', 'seconds', 'passed', 'failed', 'skipped'],
		...results.map(({ name, seconds, count }) => [name, seconds, count.passed, count.failed, count.skipped]),
		['all', seconds, '', '', ''],
	];
	return rows.map(([name, ...cells]) => {
		const columns = cells.map((cell) => String(cell).padStart(9)).join('');
		return `${String(name).padEnd(16)}${columns}`.trimEnd();
	});
}

async function main() {
	const parts = partsNamed(process.argv.slice(2));
	ensureInstalled();
	const env = toolEnvironment({
		// The parts write to pipes.
		...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
		CHROMIUM_PATH: await findChromium(),
		PLAYWRIGHT_JSON_OUTPUT_NAME: E2E_REPORT,
	});
	rmSync(REPORTS, { recursive: true, force: true });
	mkdirSync(REPORTS, { recursive: true });
	const begin = performance.now();
	const write = (/** @type {string} */ text) => void process.stdout.write(text);
	const results = await runParts(parts, { slots: SLOTS, env, write });
	const total = { passed: 0, failed: 0, skipped: 0 };
	for (const { count } of results) {
		total.passed += count.passed;
		total.failed += count.failed;
		total.skipped += count.skipped;
	}
	const seconds = Math.round((performance.now() - begin) / 1000);
	process.stdout.write(`\n${table(results, seconds).join('\n')}\n`);
	for (const { name, count, failures } of results) {
		// A log that keeps only its end still names the tests.
		if (count.failed > 0) process.stdout.write(`\nNot passed: ${[name, ...failures].join('\n  ')}\n`);
	}
	const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
	process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
	process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

main().catch((/** @type {unknown} */ error) => {
	process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n\n0 passed, 1 failed\n`);
	process.exit(1);
});
