import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Part } from '../../../scripts/test/parts.mjs';
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
	const count = () => JSON.parse(content ?? '') as { passed: number; failed: number; skipped: number };
	return part(name, code, { report, count });
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
