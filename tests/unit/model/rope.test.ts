import { expect, test } from 'vitest';
import { ropeFrequencies } from '#model/rope.ts';

const plain = { headDim: 8, ropeTheta: 10000, ropeScaling: null };

test('frequencies fall geometrically from 1', () => {
	const expected = [1, 10000 ** -0.25, 10000 ** -0.5, 10000 ** -0.75];
	for (const [i, frequency] of ropeFrequencies(plain).entries())
		expect(frequency).toBeCloseTo(expected[i]!, 6);
});

test('Llama 3 keeps short wavelengths, slows long ones by the factor and blends between', () => {
	const ropeScaling = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 64 };
	const scaled = ropeFrequencies({ ...plain, headDim: 64, ropeScaling });
	const unscaled = ropeFrequencies({ ...plain, headDim: 64 });
	for (const [i, frequency] of unscaled.entries()) {
		const wavelength = (2 * Math.PI) / frequency;
		const ratio = scaled[i]! / frequency;
		if (wavelength < 16) expect(ratio).toBe(1);
		else if (wavelength > 64) expect(ratio).toBeCloseTo(1 / 8, 6);
		else expect(ratio > 1 / 8 && ratio < 1).toBe(true);
	}
	expect(scaled.some((f, i) => f < unscaled[i]! && f > unscaled[i]! / 8)).toBe(true);
});
