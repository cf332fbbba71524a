/** Fragments of the page's address: any text is read, and what was read is written and read again without change. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { readAddress, writeAddress } from '#app/address.ts';
import { target, type FuzzTarget } from './target.ts';

const fragment = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc
		.tuple(fc.string({ unit: 'binary' }), fc.constantFrom('loss', 'shelf', 'recipe', '__proto__', '%'))
		.map(([run, view]) => `#run=${run}&view=${view}`),
	fc
		.tuple(fc.oneof(fc.integer(), fc.double(), fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }))
		.map(([step, pair]) => `#run=a&step=${String(step)}&pair=${pair}`),
);

export const targets: readonly FuzzTarget[] = [
	target('an address', fragment, (text) => {
		const address = readAddress(text);
		expect(readAddress(writeAddress(address))).toEqual(address);
	}),
];
