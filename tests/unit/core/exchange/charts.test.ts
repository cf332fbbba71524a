/** Charts as SVG files: round ticks, the run's own values, and names that stay text. */
import { describe, expect, it, test } from 'vitest';
import { lineChartSvg } from '#core/exchange/svg/lineChart.ts';
import { readCsv } from '#core/format/csv.ts';
import { writeCsv } from '#core/format/writeCsv.ts';
import { roundTicks } from '#core/math/linearScale.ts';

describe('ticks', () => {
	it.each([
		[
			[0, 1],
			[0, 0.2, 0.4, 0.6000000000000001, 0.8, 1],
		],
		[
			[0, 99],
			[0, 20, 40, 60, 80, 100],
		],
		[
			[-0.3, 0.45],
			[-0.4, -0.2, 0, 0.2, 0.4, 0.6000000000000001],
		],
		[
			[5, 5],
			[5, 6],
		],
		[[], [0, 1]],
	])('of %j are %j', (values, expected) => {
		expect(roundTicks(values)).toEqual(expected);
	});
});

describe('a chart', () => {
	it('keeps markup in names as text', () => {
		const svg = lineChartSvg({
			title: '<script>x</script> & "y"',
			xLabel: 'step',
			reach: [0, 1],
			lines: [{ label: '<b>', color: '#000', points: [[0, 0.5]] }],
		});
		expect(svg).toContain('&lt;script&gt;x&lt;/script&gt; &amp; &quot;y&quot;');
		expect(svg).not.toContain('<script');
		expect(svg).not.toContain('<b>');
	});

	it('leaves out points that are not numbers', () => {
		const points = [
			[0, 1],
			[1, NaN],
			[2, 3],
		] as const;
		const line = { label: 'x', color: '#000', points };
		expect(lineChartSvg({ title: 'x', xLabel: 'step', reach: [], lines: [line] })).not.toContain('NaN');
	});
});

test('CSV quotes every text, and leaves an absent value empty', () => {
	const text = writeCsv(
		['a', 'b'],
		[
			['x, "y"\nz', 0.5],
			[null, -1],
		],
	);
	expect(text).toBe('"a","b"\r\n"x, ""y""\nz",0.5\r\n,-1\r\n');
	expect(readCsv(text, ',').map(({ cells }) => cells)).toEqual([
		['a', 'b'],
		['x, "y"\nz', '0.5'],
		['', '-1'],
	]);
});

test('CSV has no text that a spreadsheet runs as a formula', () => {
	const text = writeCsv(['a'], [['=1+1'], ['-1+1'], ['@x'], ['- a list'], ['1=1']]);
	expect(text).toBe('"a"\r\n"\'=1+1"\r\n"\'-1+1"\r\n"\'@x"\r\n"- a list"\r\n"1=1"\r\n');
});
