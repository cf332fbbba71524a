import { lossAt, pushAt } from '#core/loss/objectives/atPair.ts';
import { compileObjective } from '#core/loss/objectives/compile.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { describe, expect, test } from 'vitest';

const texts = { trlName: '', title: '', whenToUse: '', does: '', source: '' };
const lengths = { chosen: 8, rejected: 4, meanChosen: 10 };
const rewards = { chosen: 0.5, rejected: -0.25 };

describe('the push of an objective on a pair of a run', () => {
	test('of SFT is one over the mean length of the step, as its formula says', () => {
		expect(pushAt(objectiveOf('sft'), { beta: 0.1 }, rewards, lengths)).toEqual({ chosen: 0.1, rejected: 0 });
	});

	test('of DPO depends on the rewards alone', () => {
		const push = 1 / (1 + Math.exp(0.75));
		for (const known of [lengths, null]) {
			const { chosen, rejected } = pushAt(objectiveOf('dpo'), { beta: 0.1 }, rewards, known)!;
			expect(chosen).toBeCloseTo(push, 12);
			expect(rejected).toBeCloseTo(-push, 12);
		}
	});

	test('uses the parameters and β of the recipe', () => {
		const tau = { default: 1, min: 0, max: 10, meaning: '' };
		const objective = compileObjective({
			...texts,
			id: 'x',
			loss: 'tau*beta*(r_l - r_w)',
			parameters: { tau },
		});
		const settings = { beta: 0.5, parameters: { tau: 4 } };
		expect(pushAt(objective, settings, rewards, null)).toEqual({ chosen: 2, rejected: -2 });
		expect(pushAt(objective, { beta: 0.5 }, rewards, null)).toEqual({ chosen: 0.5, rejected: -0.5 });
	});

	test('reads each side’s own length', () => {
		const objective = compileObjective({ ...texts, id: 'x', loss: 'r_l/len_l - r_w/len_w' });
		expect(pushAt(objective, { beta: 2 }, rewards, lengths)).toEqual({ chosen: 1 / 8, rejected: -1 / 4 });
		expect(pushAt(objective, { beta: 2 }, rewards, null)).toBeNull();
	});

	test('is not known if the gradient reads log-probabilities', () => {
		const objective = compileObjective({ ...texts, id: 'x', loss: 'exp(-logp_w)' });
		expect(pushAt(objective, { beta: 1 }, rewards, lengths)).toBeNull();
	});
});

test('the loss of a pair uses the parameters of the recipe', () => {
	const tau = { default: 1, min: 0, max: 10, meaning: '' };
	const objective = compileObjective({ ...texts, id: 'x', loss: 'tau - r_w', parameters: { tau } });
	expect(lossAt(objective, { beta: 0.1, parameters: { tau: 3 } }, rewards)).toBe(2.5);
	expect(lossAt(objectiveOf('sft'), { beta: 0.1 }, rewards)).toBeNull();
});

test('reads the drift of the step for KTO, and has no push without it', () => {
	const kto = objectiveOf('kto');
	const rewards = { chosen: 0.5, rejected: -0.5 };
	expect(pushAt(kto, { beta: 0.5 }, rewards, null)).toBeNull();
	const push = pushAt(kto, { beta: 0.5 }, rewards, null, 1);
	// Half of σ′ at r_w − β·kl = 0 and at β·kl − r_l = 1.
	expect(push?.chosen).toBeCloseTo(0.125, 12);
	const far = 1 / (1 + Math.exp(-1));
	expect(push?.rejected).toBeCloseTo((-far * (1 - far)) / 2, 12);
});
