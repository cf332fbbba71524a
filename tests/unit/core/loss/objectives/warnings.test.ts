import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import { listObjectives } from '#core/loss/objectives/registry.ts';
import { objectiveWarnings } from '#core/loss/objectives/warnings.ts';
import { describe, expect, test } from 'vitest';

const SETTINGS = [0.1, 0.5, 2].map((beta) => ({
	beta,
	lengths: { chosen: 14, rejected: 12 },
	reference: { chosen: -0.8, rejected: -0.5 },
}));

/** Objectives without a row have no warning. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
	// Its two terms cancel on chosen at (0, 0).
	apo_down: ['note still-at-start chosen'],
	sft: ['note blind rejected'],
	// Label smoothing weighs the swapped pair negatively; see arXiv 2403.00409, eq. 8.
	robust: ['alarm unbounded'],
	// With τ = 0.05 its blend of two losses rises at margin 0.
	discopop: ['alarm chosen-down chosen', 'alarm rejected-up rejected'],
};

test.each(listObjectives().map((objective) => [objective.id, objective] as const))(
	'%s has the warnings that it deserves, at every β',
	(id, objective) => {
		for (const setting of SETTINGS) {
			const found = objectiveWarnings(objective, setting).map(({ severity, kind, side }) =>
				[severity, kind, ...(side === undefined ? [] : [side])].join(' '),
			);
			expect(found).toEqual(EXPECTED[id] ?? []);
		}
	},
);

const warningsOf = (formula: string, parameters?: Record<string, number>) =>
	objectiveWarnings(objectiveFor({ id: 'formula', beta: 0.1, formula, ...(parameters && { parameters }) }));
const kindsOf = (formula: string) => warningsOf(formula).map(({ kind }) => kind);

describe('a formula', () => {
	test.each([
		['1/r_w', ['not-a-number']],
		['-log(r_w)', ['not-a-number']],
		['log_sigma(r_l) - sqrt(r_w)'.replace('sqrt(r_w)', 'r_w^0.5'), ['not-a-number']],
		['2 + 0*r_w', ['constant']],
		['-log_sigma(detach(r_w - r_l))', ['constant']],
		['square(r_w - r_l)', ['zero-at-start']],
		['sigma(r_w) - sigma(r_l)', ['chosen-down', 'rejected-up']],
		['-log_sigma(r_w)', ['blind']],
		['-log_sigma(-r_l)', ['blind']],
		['r_l - sigma(r_w)', ['unbounded']],
		['exp(r_l) - sigma(r_w)', []],
		['exp(r_l - r_w)', ['not-finite-far']],
		['sigma(r_l) - sigma(r_w) + exp(square(r_w)) - 1', ['not-finite-far']],
	])('%s warns of %j', (formula, kinds) => {
		expect(kindsOf(formula)).toEqual(kinds);
	});

	test('a warning names the point where it shows, in words', () => {
		expect(warningsOf('1/r_w')[0]?.text).toBe(
			'At r_w 0, r_l 0 it has no finite value. Training stops at a pair there; look for a division by 0 or a logarithm of 0 or less.',
		);
		const [warning] = warningsOf('gamma*r_l - sigma(r_w)', { gamma: 2 });
		expect(warning?.at).toEqual({ chosen: 0, rejected: -1000 });
		expect(warning?.text).toContain('at r_w 0, r_l −1000 it is −2000.5 and still falls');
	});

	test('no point asks for an answer that is likelier than certain', () => {
		// log π(y_w) is 0 at most, so the loss has the bound 0.
		expect(kindsOf('-logp_w/len_w + logp_l/len_l*0')).toEqual(['blind']);
		expect(kindsOf('log1mexp(logp_l/len_l)*-1 - logp_w/len_w')).toEqual([]);
	});
});
