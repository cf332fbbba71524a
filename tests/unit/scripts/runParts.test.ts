import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPlaywright, readVitest, type Count, type Part } from '../../../scripts/test/parts.mjs';
import { runParts } from '../../../scripts/test/run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A part that runs a line of JavaScript. */
const part = (name: string, code: string, more: Partial<Part> = {}): Part => ({
	name,
	command: [process.execPath, '-e', code],
	...more,
});

async function run(parts: readonly Part[], slots = 2) {
	let text = '';
	const write = (piece: string): void => void (text += piece);
	const results = await runParts(parts, { slots, env: process.env, write });
	return { text, counts: results.map(({ name, count }) => [name, count.passed, count.failed]) };
}

const counted = (name: string, code: string, content?: string): Part => {
	const report = join(folder, `${name}.json`);
	if (content !== undefined) writeFileSync(report, content);
	const read = () => ({ count: JSON.parse(content ?? '') as Count, failures: [] });
	return part(name, code, { report, read });
};

describe('the parts of npm test', () => {
	it('run side by side, and the output of each comes in one piece', async () => {
		// Each waits for a file that the other writes: one after the other they would never end.
		const [a, b] = [join(folder, 'a'), join(folder, 'b')].map((file) => JSON.stringify(file));
		const meet = (name: string, own?: string, other?: string): string =>
			`console.log('${name}1'); require('fs').writeFileSync(${own}, ''); ` +
			`while (!require('fs').existsSync(${other})); console.log('${name}2')`;
		const { text, counts } = await run([part('one', meet('a', a, b)), part('two', meet('b', b, a))]);
		expect(counts).toEqual([
			['one', 1, 0],
			['two', 1, 0],
		]);
		expect(text).toContain('a1\na2\n');
		expect(text).toContain('b1\nb2\n');
	});

	it('wait for a slot, and for the part that they need', async () => {
		const log = join(folder, 'log');
		const note = (name: string): string => `require('fs').appendFileSync(${JSON.stringify(log)}, '${name} ')`;
		const parts = [
			part('end', note('end'), { needs: 'build' }),
			part('a', note('a')),
			part('build', note('build')),
		];
		const { text } = await run(parts, 1);
		expect(text.match(/-- \w+ started/g)).toEqual(['-- a started', '-- build started', '-- end started']);
	});

	it('fail without a run where what they need failed, and run where it is not asked for', async () => {
		const end = part('end', '', { needs: 'build' });
		const { text, counts } = await run([part('build', 'process.exit(3)'), end]);
		expect(counts).toEqual([
			['build', 0, 1],
			['end', 0, 1],
		]);
		expect(text).toContain('end: not run, because build failed');
		expect((await run([end])).counts).toEqual([['end', 1, 0]]);
	});

	it.each([
		['ends with an error', part('x', 'process.exit(1)')],
		['is killed', part('x', "process.kill(process.pid, 'SIGKILL')")],
		['cannot be started', { name: 'x', command: ['no-such-program'] }],
		['leaves no report', counted('none', '')],
		['leaves half a report', counted('half', '', '{"passed": 3')],
	])('count as failed if one %s', async (_, broken) => {
		const { counts } = await run([broken]);
		expect(counts).toEqual([[broken.name, 0, 1]]);
	});

	it('count the tests of their reports, and a failure outside the tests too', async () => {
		const content = JSON.stringify({ passed: 5, failed: 0, skipped: 1 });
		const { counts, text } = await run([
			counted('fine', '', content),
			counted('late', 'process.exit(1)', content),
		]);
		expect(counts).toEqual([
			['fine', 5, 0],
			['late', 5, 1],
		]);
		expect(text).toMatch(/== fine: 5 passed, 0 failed, 1 skipped \(\d+ s\)/);
	});
});

describe('the report of a test runner', () => {
	const saved = (name: string, report: object): string => {
		const file = join(folder, name);
		writeFileSync(file, JSON.stringify(report));
		return file;
	};

	it('of vitest names each failed test, and each file that was not loaded', () => {
		const assertionResults = [
			{ status: 'passed', fullName: 'the page opens', failureMessages: [] },
			{
				status: 'failed',
				fullName: 'the page closes',
				failureMessages: ['Error: \u001b[31mstill open\u001b[39m\n at x'],
			},
		];
		const report = {
			numPassedTests: 1,
			numFailedTests: 1,
			numPendingTests: 2,
			numTodoTests: 0,
			testResults: [
				{ name: resolve('tests/ui/page.test.ts'), status: 'failed', message: '', assertionResults },
				{
					name: resolve('tests/ui/lost.test.ts'),
					status: 'failed',
					message: 'No such file',
					assertionResults: [],
				},
			],
		};
		expect(readVitest(saved('vitest.json', report))).toEqual({
			count: { passed: 1, failed: 2, skipped: 2 },
			failures: [
				'tests/ui/page.test.ts > the page closes: Error: still open',
				'tests/ui/lost.test.ts > not loaded: No such file',
			],
		});
	});

	it('of Playwright names each failed test, in inner suites too', () => {
		const spec = (title: string, ok: boolean, message?: string) => ({
			file: 'loop.spec.ts',
			title,
			ok,
			tests: [{ results: [message === undefined ? {} : { error: { message } }] }],
		});
		const suites = [
			{ specs: [spec('samples', true)], suites: [{ specs: [spec('trains', false, 'Timeout\n at y')] }] },
		];
		const config = { rootDir: resolve('tests/e2e') };
		const stats = { expected: 1, unexpected: 1, flaky: 0, skipped: 0 };
		expect(readPlaywright(saved('playwright.json', { config, stats, suites }))).toEqual({
			count: { passed: 1, failed: 1, skipped: 0 },
			failures: ['tests/e2e/loop.spec.ts > trains: Timeout'],
		});
	});
});
