import { describe, expect, it } from 'vitest';
import { parseArgs } from '../../../bench/node/args.mjs';

const KNOWN = ['step', 'recipe', 'gpu'];

describe('the command line of the benchmark', () => {
	it('takes all parts where none is named', () => {
		expect(parseArgs([], KNOWN)).toEqual({
			parts: KNOWN,
			json: false,
			steps: null,
			torch: true,
			software: false,
			report: null,
		});
	});

	it('takes the parts that are named, once each and in the order of the list', () => {
		expect(parseArgs(['gpu', '--json', 'step', 'gpu'], KNOWN)).toMatchObject({
			parts: ['step', 'gpu'],
			json: true,
		});
	});

	it('reads the number of steps in both spellings', () => {
		expect(parseArgs(['--steps', '3'], KNOWN).steps).toBe(3);
		expect(parseArgs(['--steps=12', 'step'], KNOWN)).toMatchObject({ steps: 12, parts: ['step'] });
	});

	it('reads the other switches', () => {
		expect(parseArgs(['--no-torch', '--software'], KNOWN)).toMatchObject({ torch: false, software: true });
	});

	it('reads a report that is there', () => {
		expect(parseArgs(['gpu', '--report', 'package.json'], KNOWN).report).toBe('package.json');
	});

	it.each([
		[['speed'], /no part "speed"\. Parts: step, recipe, gpu/],
		[['--fast'], /Unknown option --fast/],
		[['--steps'], /--steps needs a whole number of at least 1, not nothing/],
		[['--steps', 'step'], /not "step"/],
		[['--steps', '0'], /not "0"/],
		[['--steps', '1.5'], /not "1\.5"/],
		[['--report'], /--report needs a file, not nothing/],
		[['--report', 'none.json'], /"none\.json", which is not there/],
	])('says what is wrong with %j', (args, message) => {
		expect(() => parseArgs(args, KNOWN)).toThrow(message);
	});
});
