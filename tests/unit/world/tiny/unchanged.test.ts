/** The tiny world's numbers: recorded runs, the pretraining of the embedded model and links depend on them. */
import { expect, test } from 'vitest';
import { hash32 } from '#core/math/hash.ts';
import { rng } from '#core/math/rng.ts';
import { worldOf } from '#core/world/registry.ts';
import { readTask } from '#core/world/tiny/families.ts';
import { scoreAnswer } from '#core/world/tiny/score.ts';
import { answerFor } from '#core/world/tiny/training.ts';

test('prompts, flawed answers, scores and revisions are those of the recorded runs', () => {
	const world = worldOf('tiny');
	const stream = rng(3);
	const rows = (['train', 'heldOut'] as const).flatMap((split) =>
		world.prompts({ count: 200, seed: 1, split }).map((prompt) => {
			const { answer } = answerFor(readTask(prompt.text)!, stream);
			const score = scoreAnswer(prompt.text, answer);
			expect(world.score(prompt.text, answer)).toEqual({
				...score,
				strict: score?.score === 1,
				loose: score?.score === 1,
			});
			return [prompt, answer, score, world.revise(prompt.text, answer, 1)];
		}),
	);
	expect(hash32(JSON.stringify(rows))).toBe(3_360_111_648);
});
