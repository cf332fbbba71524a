// The parts of npm test. A part without a count (types, lint, …) counts as one; a test runner counts its
// tests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';

export const REPORTS = join(ROOT, '.cache', 'reports');

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string[]} command
 * @property {string} [needs] name of a part that must pass first, if it is among the parts
 * @property {string} [report] file that the command writes; the part fails without it
 * @property {(file: string) => Count} [count] reads the report
 */

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

/** @param {string} project @returns {Part} */
function vitest(project) {
	const report = join(REPORTS, `${project}.json`);
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
	return {
		name: project,
		command: ['vitest', 'run', '--project', project, ...reporters],
		report,
		count: countVitest,
	};
}

export const E2E_REPORT = join(REPORTS, 'e2e.json');

/**
 * In the order of their start: the longest first, so that the last parts end together.
 * @type {readonly Part[]}
 */
export const PARTS = [
	vitest('gpu'),
	{ name: 'build', command: ['vite', 'build', '--logLevel', 'warn'] },
	{
		name: 'end to end',
		command: ['playwright', 'test'],
		needs: 'build',
		report: E2E_REPORT,
		count: countPlaywright,
	},
	{ name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
	vitest('ui'),
	vitest('unit'),
	{ name: 'types (svelte)', command: ['svelte-check', '--fail-on-warnings', '--output', 'human'] },
	vitest('golden'),
	vitest('fuzz'),
	{ name: 'types', command: ['tsc', '--noEmit'] },
	{ name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
	{ name: 'import rule', command: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'] },
];
