/** Fragments of the page's address: any text is read, and what was read is written and read again without change. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { readAddress, writeAddress } from '#app/address.ts';
import { readRunFileAddress } from '#core/run/fileAddress.ts';
import { cleanName } from '#core/text/name.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const fragment = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc
		.tuple(fc.string({ unit: 'binary' }), fc.constantFrom('loss', 'shelf', 'recipe', '__proto__', '%'))
		.map(([run, view]) => `#run=${run}&view=${view}`),
	fc.string({ unit: 'binary' }).map((grid) => `#view=grids&grid=${grid}&run=a`),
	fc.string({ unit: 'binary' }).map((second) => `#view=compare&run=a&with=${second}&step=3`),
	fc
		.tuple(fc.oneof(fc.integer(), fc.double(), fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }))
		.map(([step, pair]) => `#run=a&step=${String(step)}&pair=${pair}`),
);

/** Addresses of run files, whole and damaged. */
const fileAddress = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 3000 }),
	fc.webUrl({ withQueryParameters: true, withFragments: true }),
	fc
		.tuple(
			fc.constantFrom('https://', 'http://', 'HTTP:\\', 'javascript:', 'data:text/html,', 'file:///', '//'),
			fc.string({ unit: 'binary' }),
		)
		.map((parts) => parts.join('')),
);

export const targets: readonly FuzzTarget[] = [
	target('an address', fragment, (text) => {
		const address = readAddress(text);
		expect(readAddress(writeAddress(address))).toEqual(address);
	}),
	target('a link to a run file', fileAddress, (file) => {
		const fragment = writeAddress({ file, run: null, view: 'loss', step: 3, pair: null });
		// A lone half of a character pair becomes U+FFFD, as in every address.
		expect(readAddress(fragment).file ?? '').toBe(
			new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(file)),
		);
		const read = onlyAppErrors(() => readRunFileAddress(file, false));
		if (read === null) return;
		const { protocol, origin, username, password, hash } = new URL(read.address);
		expect(['http:', 'https:']).toContain(protocol);
		expect([origin, username, password, hash]).toEqual([read.origin, '', '', '']);
		expect(read.name).toBe(cleanName(read.name));
		expect(readRunFileAddress(read.address, false)).toEqual(read);
	}),
];
