// The parts of npm test. A part without a count (types, lint, …) counts as one; a test runner counts its
// tests.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../install.mjs';

export const REPORTS = join(ROOT, '.cache', 'reports');

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * @typedef {object} Report
 * @property {Count} count
 * @property {string[]} failures names of the failed tests, each with its file and the first line of its message
 */

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string[]} command
 * @property {string} [needs] name of a part that must pass first, if it is among the parts
 * @property {string} [report] file that the command writes; the part fails without it
 * @property {(file: string) => Report} [read] reads the report
 */

/** @param {string} file @param {string} name @param {string} [message] */
const failure = (file, name, message = '') =>
	`${relative(ROOT, file)} > ${name}: ${stripVTControlCharacters(message).split('\n', 1)[0]}`;

/** @param {string} file @returns {Report} */
export function readVitest(file) {
	/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test */
	/** @typedef {{ name: string, status: string, message: string, assertionResults: Test[] }} File */
	const report = JSON.parse(readFileSync(file, 'utf8'));
	/** @type {File[]} */
	const files = report.testResults;
	// A file that could not be loaded has no tests to fail; it counts as one failure.
	const broken = files.filter(
		({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
	);
	const failed = files.flatMap(({ name, assertionResults }) =>
		assertionResults
			.filter(({ status }) => status === 'failed')
			.map((test) => failure(name, test.fullName, test.failureMessages[0])),
	);
	return {
		count: {
			passed: report.numPassedTests,
			failed: report.numFailedTests + broken.length,
			skipped: report.numPendingTests + report.numTodoTests,
		},
		failures: [...failed, ...broken.map(({ name, message }) => failure(name, 'not loaded', message))],
	};
}

/** @param {string} file @returns {Report} */
export function readPlaywright(file) {
	/** @typedef {{ file: string, title: string, ok: boolean, tests: { results: { error?: { message?: string } }[] }[] }} Spec */
	/** @typedef {{ specs?: Spec[], suites?: Suite[] }} Suite */
	const { stats, suites, config } = JSON.parse(readFileSync(file, 'utf8'));
	/** @param {Suite} suite @returns {Spec[]} */
	const specsOf = ({ specs = [], suites: inner = [] }) => [...specs, ...inner.flatMap(specsOf)];
	const failed = specsOf({ suites }).filter(({ ok }) => !ok);
	return {
		count: { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped },
		failures: failed.map(({ file: name, title, tests }) =>
			failure(
				join(config.rootDir, name),
				title,
				tests.flatMap(({ results }) => results).find(({ error }) => error)?.error?.message,
			),
		),
	};
}

/** @param {string} project @returns {Part} */
function vitest(project) {
	const report = join(REPORTS, `${project}.json`);
	const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
	return {
		name: project,
		command: ['vitest', 'run', '--project', project, ...reporters],
		report,
		read: readVitest,
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
		read: readPlaywright,
	},
	{ name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
	vitest('ui'),
	vitest('unit'),
	// Checks every file of tsconfig.json, not only components.
	{ name: 'types', command: ['svelte-check', '--fail-on-warnings', '--output', 'human'] },
	vitest('golden'),
	vitest('fuzz'),
	{ name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
	{ name: 'import rule', command: ['depcruise', 'src', '--config', '.dependency-cruiser.cjs'] },
];
