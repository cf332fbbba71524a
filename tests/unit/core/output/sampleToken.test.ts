import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rng } from '#core/math/rng.ts';
import { sampleToken } from '#core/output/sampleToken.ts';

const LOGITS = Float32Array.of(2, 1, 0, -1, 3);

function frequencies(temperature: number, topP: number, draws = 20_000): number[] {
	const random = rng(1);
	const counts = [0, 0, 0, 0, 0];
	for (let i = 0; i < draws; i++) counts[sampleToken(LOGITS, temperature, topP, random.next())]! += 1 / draws;
	return counts;
}

test('temperature 0 takes the largest logit for any draw', () => {
	for (const draw of [0, 0.5, 0.999]) expect(sampleToken(LOGITS, 0, 1, draw)).toBe(4);
});

test('at temperature 1 the frequencies of tokens equal the softmax', () => {
	const weights = [...LOGITS].map(Math.exp);
	const total = weights.reduce((a, b) => a + b, 0);
	// Three standard deviations of a share of 20,000 draws.
	for (const [i, share] of frequencies(1, 1).entries())
		expect(Math.abs(share - weights[i]! / total)).toBeLessThan(0.011);
});

test('a low temperature sharpens, a high one flattens', () => {
	expect(frequencies(0.3, 1)[4]).toBeGreaterThan(frequencies(1, 1)[4]!);
	expect(frequencies(3, 1)[4]).toBeLessThan(frequencies(1, 1)[4]!);
});

test('top-p keeps the fewest tokens with that mass', () => {
	// Shares at temperature 1: 0.636, 0.234, 0.086, 0.032, 0.012.
	expect(frequencies(1, 0.6)).toEqual([0, 0, 0, 0, expect.closeTo(1, 9)]);
	expect(frequencies(1, 0.8).map((share) => share > 0)).toEqual([true, false, false, false, true]);
});

test('the same seed draws the same token, and every draw is a token', () => {
	fc.assert(
		fc.property(
			fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 }),
			fc.integer({ min: 0, max: 2 ** 31 - 1 }),
			fc.double({ min: 0.01, max: 1, noNaN: true }),
			(list, seed, topP) => {
				const logits = Float32Array.from(list);
				const token = sampleToken(logits, 1, topP, rng(seed).next());
				expect(token).toBe(sampleToken(logits, 1, topP, rng(seed).next()));
				expect(token).toBeGreaterThanOrEqual(0);
				expect(token).toBeLessThan(logits.length);
			},
		),
	);
});

/** Top-p by sorting every token. */
function bySorting(logits: Float32Array, topP: number, draw: number): number {
	const largest = Math.max(...logits);
	const tokens = [...logits].map((z, id) => ({ id, weight: Math.exp(z - largest) }));
	const total = tokens.reduce((sum, { weight }) => sum + weight, 0);
	tokens.sort((a, b) => b.weight - a.weight || a.id - b.id);
	let sum = 0;
	const last = tokens.findIndex(({ weight }) => (sum += weight) >= topP * total);
	const kept = last < 0 ? tokens : tokens.slice(0, last + 1);
	let rest = draw * kept.reduce((mass, { weight }) => mass + weight, 0);
	return kept.find(({ weight }) => (rest -= weight) < 0)?.id ?? kept[0]!.id;
}

test.each([0.1, 1, 30])('top-p draws as if every token were sorted, logits of spread %f', (spread) => {
	const random = rng(7);
	const logits = Float32Array.from({ length: 3000 }, () => spread * random.normal());
	for (const topP of [0.05, 0.5, 0.9, 0.999, 0.9999999])
		for (let n = 0; n < 20; n++) {
			const draw = random.next();
			expect(sampleToken(logits, 1, topP, draw)).toBe(bySorting(logits, topP, draw));
		}
});
