import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at } from '#core/math/at.ts';
import { hash32, hash64 } from '#core/math/hash.ts';
import { rng } from '#core/math/rng.ts';

const COUNT = 40_000;

describe('the seeded stream', () => {
	test('is the same on every machine: the first numbers equal constants', () => {
		const source = rng(42);
		// mulberry32 of 42, computed in Python from its published definition.
		expect([source.next(), source.next(), source.next()]).toEqual([
			0.6011037519201636, 0.44829055899754167, 0.8524657934904099,
		]);
	});

	test('is uniform', () => {
		const source = rng(1);
		const bins = new Array<number>(20).fill(0);
		for (let i = 0; i < COUNT; i++) {
			const bin = source.int(20);
			bins[bin] = at(bins, bin) + 1;
		}
		const expected = COUNT / 20;
		const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
		// χ² with 19 degrees of freedom: 99.9% are below 43.8.
		expect(chiSquare).toBeLessThan(43.8);
	});

	test('has normal draws of mean 0 and variance 1', () => {
		const source = rng(2);
		const draws = Array.from({ length: COUNT }, () => source.normal());
		const mean = draws.reduce((sum, value) => sum + value, 0) / COUNT;
		const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
		// Four standard errors.
		expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(COUNT));
		expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / COUNT));
		expect(draws.every(Number.isFinite)).toBe(true);
	});

	test('shuffles into permutations, each place equally likely', () => {
		const places = [0, 0, 0, 0, 0];
		for (let seed = 0; seed < 5000; seed++) {
			const order = rng(seed).fork('shuffle').shuffle([0, 1, 2, 3, 4]);
			expect(order.toSorted()).toEqual([0, 1, 2, 3, 4]);
			const place = order.indexOf(0);
			places[place] = at(places, place) + 1;
		}
		// 1000 each, standard deviation 28.
		for (const count of places) expect(Math.abs(count - 1000)).toBeLessThan(4 * 28.3);
	});

	test('has forks that do not depend on earlier draws', () => {
		const a = rng(3);
		const b = rng(3);
		b.next();
		expect(a.fork('x').next()).toBe(b.fork('x').next());
		expect(a.fork('x').next()).not.toBe(a.fork('y').next());
		expect(a.fork('x').next()).not.toBe(rng(4).fork('x').next());
	});

	test('picks only from a list with items', () => {
		expect(() => rng(1).pick([])).toThrow(/is outside a list of 0/);
		expect(rng(1).pick(['a'])).toBe('a');
	});
});

describe('the hash', () => {
	test('is a 32-bit whole number, equal for equal texts', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				const hash = hash32(text);
				expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
				expect(hash32(text)).toBe(hash);
			}),
			{ seed: 1 },
		);
	});

	test('has usable low bits on texts that differ in one digit', () => {
		const fifths = [0, 0, 0, 0, 0];
		for (let i = 0; i < 10_000; i++) {
			const fifth = hash32(`prompt ${i}`) % 5;
			fifths[fifth] = at(fifths, fifth) + 1;
		}
		// 2000 each, standard deviation 40.
		for (const count of fifths) expect(Math.abs(count - 2000)).toBeLessThan(160);
	});

	test('keeps its values (computed in Python from its definition), because splits and ids of saved runs depend on them', () => {
		expect([hash32(''), hash32('a'), hash32('prompt 🙂')]).toEqual([2786964252, 3910565007, 2558689894]);
	});
});

test('checked access names the index and the length', () => {
	expect(at([1, 2], 1)).toBe(2);
	expect(() => at([1, 2], 2)).toThrow(/Index 2 is outside a list of 2/);
	expect(() => at(new Float32Array(1), -1)).toThrow(/Index -1/);
});

describe('64-bit hash', () => {
	test('has the values of the Python package mmh3 (hash_bytes, x64arch=False), first 8 bytes', () => {
		expect(
			['', 'a', 'hello', '0123456789abcdef', 'prompt 🙂', 'größer als sechzehn Bytes, viel'].map(hash64),
		).toEqual([
			'0000000000000000',
			'a794933c5556b01b',
			'2b2444a0db91def7',
			'fb7d440936aed30a',
			'a9442b80e5e42547',
			'9b215c5ab2a965c7',
		]);
	});

	test('tells apart texts that have one hash of 32 bits', () => {
		expect(hash32('Prompt 5pfs')).toBe(hash32('Prompt mvja'));
		expect(hash64('Prompt 5pfs')).not.toBe(hash64('Prompt mvja'));
	});
});
