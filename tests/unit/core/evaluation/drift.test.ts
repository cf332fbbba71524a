import { expect, it } from 'vitest';
import { driftOf } from '#core/evaluation/drift.ts';

it('is the mean log-ratio of sampled answers, their entropy per token, and their length', () => {
	const drift = driftOf([
		{ policy: [-1, -2], reference: [-2, -4] },
		{ policy: [-1], reference: [-0.5] },
		{ policy: [], reference: [] },
	]);
	expect(drift?.kl.score).toBeCloseTo((3 - 0.5 + 0) / 3, 12);
	expect(drift?.entropy).toMatchObject({ score: 1.25, n: 2 });
	expect(drift?.tokens.score).toBe(1);
	expect(drift?.kl.low).toBeLessThanOrEqual(drift?.kl.score ?? 0);
});

it('needs an answer with tokens', () => {
	expect(driftOf([])).toBeNull();
	expect(driftOf([{ policy: [], reference: [] }])).toBeNull();
});
