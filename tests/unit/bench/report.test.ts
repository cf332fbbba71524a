import { describe, expect, it } from 'vitest';
import { jsonLine, replaceSection } from '../../../bench/node/report.mjs';
import { table, times } from '../../../bench/node/table.mjs';

const DOCUMENT = `# Benchmarks

By hand.

<!-- begin step -->

old step

<!-- end step -->

Between, by hand.

<!-- begin leak -->

old leak

<!-- end leak -->
`;

describe('a section of docs/benchmarks.md', () => {
	it('is replaced, and nothing else', () => {
		const changed = replaceSection(DOCUMENT, 'step', '## Step\n\nnew\n');
		expect(changed).toBe(DOCUMENT.replace('old step', '## Step\n\nnew'));
	});

	it('stays as it is when it is replaced by the same text', () => {
		expect(replaceSection(DOCUMENT, 'leak', 'old leak')).toBe(DOCUMENT);
	});

	it('is added at the end where there is none', () => {
		const added = replaceSection(DOCUMENT, 'gpu', 'first gpu');
		expect(added.startsWith(DOCUMENT)).toBe(true);
		expect(added.slice(DOCUMENT.length)).toBe('\n<!-- begin gpu -->\n\nfirst gpu\n\n<!-- end gpu -->\n');
		expect(replaceSection(added, 'gpu', 'second')).toBe(added.replace('first gpu', 'second'));
	});

	it('may hold what replacement patterns use', () => {
		expect(replaceSection(DOCUMENT, 'step', 'costs $& and $1')).toContain('costs $& and $1');
	});

	it('is not written where a mark lacks its twin', () => {
		const cut = DOCUMENT.replace('<!-- end step -->', '');
		expect(() => replaceSection(cut, 'step', 'new')).toThrow('only one of the marks of "step"');
	});
});

describe('the line of JSON', () => {
	const form = [
		'step',
		'dispatchesPerLayer',
		'submitsPerStep',
		'generation',
		'leakBytes',
		'peakBytes',
		'estimatedBytes',
	];

	it('has every field of the form, null where its part did not run', () => {
		expect(JSON.parse(jsonLine({}))).toEqual(Object.fromEntries(form.map((key) => [key, null])));
	});

	it('holds what was measured, on one line, and more beside it', () => {
		const line = jsonLine({ step: { ours: { wall: 0.5, cpu: 1 } }, leakBytes: 0, device: 'a\nb' });
		expect(line).not.toContain('\n');
		expect(JSON.parse(line)).toMatchObject({ step: { ours: { wall: 0.5, cpu: 1 } }, leakBytes: 0 });
		expect(Object.keys(JSON.parse(line) as object)).toEqual([...form, 'device']);
	});
});

describe('a table', () => {
	it('is Markdown', () => {
		expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |');
	});

	it('shows a dash where there is no ratio', () => {
		expect([times(NaN), times(2.345), times(19.44)]).toEqual(['–', '2.35×', '19.4×']);
	});
});
