/**
 * Kernel and stock body against core's derivatives, and these against finite differences of losses that this
 * file writes out.
 */
import { describe, expect, test } from 'vitest';
import {
	examplesOf,
	segmentAt,
	segmentsOf,
	UNPAIRED,
	type Segment,
	type Segments,
} from '#core/batch/segments.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { listObjectives, objectiveOf } from '#core/loss/objectives/registry.ts';
import type { PreferenceOptions } from '#engine/kernels/preference/options.ts';
import { preferenceGradReference } from '#engine/kernels/preference/preference.reference.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { uploadSegments } from '#engine/kernels/preference/segments.ts';
import { counters, flush, place } from '#engine/memory.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32Vector, onEachBackend, take } from '#tests/support/backends.ts';
import { pairedSegments, withoutPartners } from '#tests/support/segments.ts';
import { centralDifference, integers, normals } from '#tests/support/tensors.ts';
import { compileLoss } from '#tests/support/trlObjectives.ts';

/** Pairs: one, around a workgroup of 64 segments, a prime. */
const PAIRS = [1, 31, 32, 33, 131] as const;

/** No two lengths or weights of a pair are equal, so a mixed-up value is detected. */
function pairs(count: number): Segments {
	const lengths = (seed: number, least: number): Int32Array =>
		integers(count, 20, seed).map((n) => 2 * n + least);
	const weights = (seed: number, least: number): number[] =>
		Array.from(normals(count, seed), (z) => Math.fround(least + 1 / (1 + z * z)));
	return pairedSegments(
		{ chosen: lengths(3, 3), rejected: lengths(4, 4) },
		{ chosen: weights(5, 0.5), rejected: weights(6, 1.5) },
	);
}

/** Pairs and unpaired completions, shuffled: partners are apart, in either order. */
function mixture(count: number): Segments {
	const paired = pairs(count);
	const rows = [paired, withoutPartners(paired)].flatMap((some) =>
		Array.from({ length: some.count }, (_, s) => segmentAt(some, s)),
	);
	const placeOf = (s: number): number => (7 * s + 2) % rows.length;
	const shuffled: Segment[] = [];
	for (const [s, { partner, ...row }] of rows.entries()) {
		shuffled[placeOf(s)] = { ...row, partner: partner === UNPAIRED ? UNPAIRED : placeOf(partner) };
	}
	return segmentsOf(shuffled);
}

/** Log-probabilities near −60 whose rewards at β = 0.5 reach a few units. */
function logps(count: number, seed: number): Float32Array {
	return Float32Array.from(normals(count, seed), (z) => -60 + 4 * z);
}

const STEP = { beta: 0.5, mean_len_w: 17.25, kl: 0.375 };

interface Case {
	segments: Segments;
	policy: ArrayLike<number>;
	reference: ArrayLike<number>;
	options: PreferenceOptions;
}

function caseOf(
	objective: CompiledObjective,
	segments: Segments,
	step: PreferenceOptions['step'] = STEP,
): Case {
	return {
		segments,
		policy: logps(segments.count, segments.count),
		reference: logps(segments.count, segments.count + 1),
		options: { objective, step, scale: 1 / examplesOf(segments).length },
	};
}

async function gradient({ segments, policy, reference, options }: Case): Promise<Float32Array> {
	const table = uploadSegments(segments);
	const drift = options.step.kl === undefined ? null : f32Vector([options.step.kl]);
	const result = await take(preferenceGrad(f32Vector(policy), f32Vector(reference), table, options, drift));
	table.rows.dispose();
	drift?.dispose();
	return result;
}

const referenceGradient = (it: Case): Float64Array => preferenceGradReference(it, it.options);

async function expectReference(it: Case): Promise<void> {
	const wanted = referenceGradient(it);
	const most = wanted.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
	expectAllclose(
		await gradient(it),
		wanted,
		{ atol: 1e-6 * most + 1e-30, rtol: 1e-5 },
		it.options.objective.id,
	);
}

/** A completion's numbers, under the names in the formulas below. */
interface Side {
	logp: number;
	ref: number;
	len: number;
	weight: number;
}

/** A made-up objective with its loss of a pair written out again, and the terms of the sides if it is separable. */
interface MadeUp {
	objective: CompiledObjective;
	loss: (w: Side, l: Side) => number;
	terms?: { chosen: (w: Side) => number; rejected: (l: Side) => number };
}

const logSigmoid = (x: number): number => -Math.log1p(Math.exp(-x));
const logOdds = (p: number): number => p - Math.log1p(-Math.exp(p));
const reward = ({ logp, ref }: Side): number => 0.5 * (logp - ref);

const wanted = (w: Side): number => -logSigmoid(reward(w) - 0.7) - (0.2 * w.logp) / 17.25;
const unwanted = (l: Side): number => -logSigmoid(0.5 * 0.375 - reward(l)) - 0.1 * Math.exp(l.logp / l.len);

const MADE_UP: Readonly<Record<string, MadeUp>> = {
	'lengths, as IPO': {
		objective: compileLoss('square((logp_w - ref_w)/len_w - (logp_l - ref_l)/len_l - 1/(2*beta))'),
		loss: (w, l) => ((w.logp - w.ref) / w.len - (l.logp - l.ref) / l.len - 1) ** 2,
	},
	'lengths and a parameter, as SimPO': {
		objective: compileLoss('-log_sigma(beta*(logp_w/len_w - logp_l/len_l) - gamma)', { gamma: 0.3 }),
		loss: (w, l) => -logSigmoid(0.5 * (w.logp / w.len - l.logp / l.len) - 0.3),
	},
	'odds and weights, as ORPO': {
		objective: compileLoss(
			'-weight_w*logp_w/mean_len_w - lambda*weight_l*log_sigma(logp_w/len_w - log1mexp(logp_w/len_w) - (logp_l/len_l - log1mexp(logp_l/len_l)))',
			{ lambda: 0.8 },
		),
		loss: (w, l) =>
			(-w.weight * w.logp) / 17.25 -
			0.8 * l.weight * logSigmoid(logOdds(w.logp / w.len) - logOdds(l.logp / l.len)),
	},
	'both sides apart, as KTO': {
		objective: compileLoss(
			'-weight_w*(log_sigma(r_w - tau) + alpha*logp_w/mean_len_w) - weight_l*(log_sigma(beta*kl - r_l) + rho*exp(logp_l/len_l))',
			{ tau: 0.7, alpha: 0.2, rho: 0.1 },
		),
		loss: (w, l) => w.weight * wanted(w) + l.weight * unwanted(l),
		terms: { chosen: wanted, rejected: unwanted },
	},
};
const madeUp = Object.entries(MADE_UP);
const separable = [
	objectiveOf('apo_zero'),
	objectiveOf('sft'),
	objectiveOf('kto'),
	MADE_UP['both sides apart, as KTO']!.objective,
];

onEachBackend('preferenceGrad', (backend) => {
	test.each(listObjectives())('$id equals the derivative of core', async (objective) => {
		for (const count of PAIRS) await expectReference(caseOf(objective, pairs(count)));
	});

	test.each(madeUp)('%s', async (_, { objective }) => {
		for (const count of PAIRS) await expectReference(caseOf(objective, pairs(count)));
	});

	test.each(separable)('unpaired completions among pairs: $title', async (objective) => {
		for (const count of PAIRS) {
			await expectReference(caseOf(objective, mixture(count)));
			await expectReference(caseOf(objective, withoutPartners(pairs(count))));
		}
	});

	test('rewards of ±500 give finite gradients', async () => {
		const extreme = { policy: [-10, -1010, -1010, -10], reference: [-1010, -10, -10, -1010] };
		for (const objective of listObjectives())
			await expectReference({ ...caseOf(objective, pairs(2)), ...extreme });
	});

	test('β, parameters and statistics are not part of the program', async () => {
		const { objective } = MADE_UP['both sides apart, as KTO']!;
		await gradient(caseOf(objective, pairs(3)));
		const compiled = counters().pipelines;
		const parameters = { tau: -1.5, alpha: 3, rho: 0.25 };
		for (const segments of [pairs(3), mixture(5)]) {
			for (const step of [
				{ ...STEP, parameters },
				{ ...STEP, beta: 0.05 },
				{ ...STEP, mean_len_w: 3, kl: 2 },
			]) {
				await expectReference(caseOf(objective, segments, step));
			}
		}
		expect(counters().pipelines).toBe(compiled);
	});

	test('statistics that change at every step make no new buffers, and micro-batches share theirs', async () => {
		const objective = objectiveOf('sft');
		const step = async (n: number): Promise<void> => {
			// One submit for any number of micro-batches.
			const it = caseOf(objective, pairs(4), { ...STEP, mean_len_w: 5 + n });
			const table = uploadSegments(it.segments);
			const inputs = Array.from(
				{ length: 9 },
				() => [f32Vector(it.policy), f32Vector(it.reference)] as const,
			);
			for (const vectors of inputs) for (const vector of vectors) place(vector, 'logps');
			flush();
			const before = counters().submits;
			const results = inputs.map(([policy, reference]) =>
				preferenceGrad(policy, reference, table, it.options),
			);
			expect(counters().submits).toBe(before);
			for (const result of results) expectAllclose(await take(result), referenceGradient(it), { rtol: 1e-6 });
			for (const tensor of [table.rows, ...inputs.flat()]) tensor.dispose();
		};
		for (let n = 0; n < 5; n++) await step(n);
		const made = counters().uniformBuffers;
		for (let n = 5; n < 12; n++) await step(n);
		expect(counters().uniformBuffers).toBe(made);
	});

	test('an example without a gradient is refused before anything is recorded', async () => {
		const it = caseOf(objectiveOf('dpo'), mixture(2));
		const before = counters().dispatches;
		await expect(gradient(it)).rejects.toThrow(
			'DPO compares the two completions of a pair; 4 have no partner.',
		);
		const lacking = caseOf(compileLoss('r_w*kl - r_l'), pairs(2), { beta: 0.5, mean_len_w: 1 });
		await expect(gradient(lacking)).rejects.toThrow('The objective reads kl, which has no value here.');
		expect(counters().dispatches, backend).toBe(before);
	});
});

/** scale·Σ of the losses written out above. */
function lossOf({ loss, terms }: MadeUp, { segments, policy, reference, options }: Case): number {
	const side = (s: number): Side => {
		const { length, weight } = segmentAt(segments, s);
		return { logp: policy[s]!, ref: reference[s]!, len: length, weight };
	};
	let sum = 0;
	for (const { chosen, rejected } of examplesOf(segments)) {
		if (chosen !== null && rejected !== null) sum += loss(side(chosen), side(rejected));
		else if (chosen !== null) sum += side(chosen).weight * terms!.chosen(side(chosen));
		else if (rejected !== null) sum += side(rejected).weight * terms!.rejected(side(rejected));
	}
	return options.scale * sum;
}

describe.each(madeUp)('a made-up objective: %s', (_, it) => {
	test.each(it.terms === undefined ? ['pairs'] : ['pairs', 'a mixture'])(
		'has the reference gradient that is the slope of its loss over %s',
		(what) => {
			const { policy, ...rest } = caseOf(it.objective, what === 'pairs' ? pairs(5) : mixture(3));
			const moving = Float64Array.from(policy);
			const gradients = referenceGradient({ ...rest, policy: moving });
			const most = gradients.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
			const slopes = gradients.map((_, s) =>
				centralDifference(() => lossOf(it, { ...rest, policy: moving }), moving, s, 1e-4),
			);
			expectAllclose(gradients, slopes, { rtol: 1e-6, atol: 1e-7 * most });
			expect(most).toBeGreaterThan(1e-3);
		},
	);
});
