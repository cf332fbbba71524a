/**
 * Faults of an objective, found by reading it at points of the (r_w, r_l) plane. An alarm is a fault of most formulas
 * that have it; a note is a property that some published objectives have on purpose.
 */
import type { CompiledObjective, Sides } from './objective.ts';
import {
	ASSUMED_SETTING,
	largestRewards,
	readPlane,
	type PlaneReading,
	type PlaneSetting,
} from './planePoint.ts';

export type WarningKind =
	| 'not-a-number'
	| 'constant'
	| 'zero-at-start'
	| 'chosen-down'
	| 'rejected-up'
	| 'not-finite-far'
	| 'unbounded'
	| 'blind'
	| 'still-at-start';

export interface ObjectiveWarning {
	readonly kind: WarningKind;
	readonly severity: 'alarm' | 'note';
	/** The side that it is about, if it is about one. */
	readonly side?: Side;
	/** The rewards where it shows; null if it shows everywhere. */
	readonly at: Sides<number> | null;
	/** One sentence, or two, for a student. */
	readonly text: string;
}

type Side = keyof Sides<number>;
const SIDES: readonly Side[] = ['chosen', 'rejected'];
const OTHER: Readonly<Record<Side, Side>> = { chosen: 'rejected', rejected: 'chosen' };

/** A reading with its place. */
interface Sample {
	readonly at: Sides<number>;
	readonly reading: PlaneReading;
}

/** Everything that the checks look at. */
interface Samples {
	readonly start: Sample | null;
	/** On an even grid of [−3, 3]²; the start first. */
	readonly near: readonly Sample[];
	/** By direction, at growing distances; see {@link DISTANCES}. */
	readonly rays: readonly (readonly Sample[])[];
}

const START: Sides<number> = { chosen: 0, rejected: 0 };
const GRID = Array.from({ length: 13 }, (_, i) => i / 2 - 3);
const DIRECTIONS = Array.from({ length: 16 }, (_, i) => (2 * Math.PI * i) / 16);
/** Rewards. A broken model reaches tens; a long answer under a small model, hundreds. */
const DISTANCES = [10, 30, 100, 300, 1000];
/** The largest number of the GPU. */
const F32_MAX = 3.4028234663852886e38;
/** Gradients are of the order of 1. Rounding gives about 1e-16. */
const ZERO = 1e-12;

type Check = (samples: Samples, objective: CompiledObjective) => readonly ObjectiveWarning[];

/**
 * The objective's warnings, the gravest first.
 *
 * @param setting lengths and reference of the points
 */
export function objectiveWarnings(
	objective: CompiledObjective,
	setting: PlaneSetting = ASSUMED_SETTING,
): ObjectiveWarning[] {
	const samples = samplesOf(objective, setting);
	const broken = notANumber(samples, objective);
	// A loss that is not a number has no other property.
	if (broken.some(({ at }) => at === START)) return [...broken];
	return [...broken, ...CHECKS.flatMap((check) => check(samples, objective))];
}

function samplesOf(objective: CompiledObjective, setting: PlaneSetting): Samples {
	const largest = largestRewards(setting);
	const sample = (at: Sides<number>): Sample[] => {
		const reading = readPlane(objective, setting, at);
		return reading === null ? [] : [{ at, reading }];
	};
	const [start = null] = sample(START);
	const grid = GRID.flatMap((chosen) => GRID.flatMap((rejected) => sample({ chosen, rejected })));
	return {
		start,
		near: start === null ? grid : [start, ...grid],
		rays: DIRECTIONS.map((angle) =>
			DISTANCES.flatMap((distance) =>
				sample({
					chosen: reach(distance * Math.cos(angle), largest.chosen),
					rejected: reach(distance * Math.sin(angle), largest.rejected),
				}),
			),
		),
	};
}

/** Shares of the reward of a certain answer that a far point has at most: at the whole of it, logarithms end. */
const NEARLY = 0.99;

// 0 is added because −0 would differ from 0.
const reach = (reward: number, largest: number): number => Math.min(Math.round(reward) + 0, NEARLY * largest);

const isUsable = ({ reading: { loss, gradient } }: Sample): boolean =>
	[loss, gradient.chosen, gradient.rejected].every((value) => Math.abs(value) <= F32_MAX);

const notANumber: Check = ({ near }) => {
	const fault = near.find((sample) => !isUsable(sample));
	if (fault === undefined) return [];
	const { loss } = fault.reading;
	const what = Number.isFinite(loss) ? 'its gradient has no finite value' : 'it has no finite value';
	return [
		{
			kind: 'not-a-number',
			severity: 'alarm',
			at: fault.at,
			text: `At ${place(fault.at)} ${what}. Training stops at a pair there; look for a division by 0 or a logarithm of 0 or less.`,
		},
	];
};

const flatness: Check = ({ near, start }) => {
	const usable = near.filter(isUsable);
	const largest = (side: Side): number =>
		usable.reduce((most, { reading }) => Math.max(most, Math.abs(reading.gradient[side])), 0);
	const blind = SIDES.filter((side) => largest(side) <= ZERO * Math.max(1, largest(OTHER[side])));
	if (blind.length === 2)
		return [
			{
				kind: 'constant',
				severity: 'alarm',
				at: null,
				text: 'Its gradient is 0 everywhere: nothing can be learned from it. Use r_w and r_l in the formula.',
			},
		];
	const [unseen] = blind;
	if (unseen !== undefined)
		return [
			{
				kind: 'blind',
				severity: 'note',
				side: unseen,
				at: null,
				text: `It does not see the ${unseen} answer: its gradient there is 0 at every point. The ${unseen} answer moves only because both answers share the model’s weights.`,
			},
		];
	return start === null ? [] : stillAtStart(start);
};

function stillAtStart({ reading: { gradient } }: Sample): ObjectiveWarning[] {
	const still = SIDES.filter((side) => Math.abs(gradient[side]) <= ZERO);
	if (still.length === 2)
		return [
			{
				kind: 'zero-at-start',
				severity: 'alarm',
				at: START,
				text: `At the start, ${place(START)}, its gradient is exactly 0 on both answers: training never begins. Add a term that has a slope there.`,
			},
		];
	return still.map((side) => ({
		kind: 'still-at-start',
		severity: 'note',
		side,
		at: START,
		text: `At the start, ${place(START)}, its gradient on the ${side} answer is exactly 0: it acts on that answer only after the other one has moved.`,
	}));
}

const wrongWay: Check = ({ start }) => {
	const { chosen = 0, rejected = 0 } = start?.reading.gradient ?? {};
	const warnings: ObjectiveWarning[] = [];
	if (chosen > ZERO)
		warnings.push({
			kind: 'chosen-down',
			severity: 'alarm',
			side: 'chosen',
			at: START,
			text: `At the start, ${place(START)}, it makes the chosen answer less likely: its gradient there is ${number(chosen)}, and a step goes against the gradient. Look for a wrong sign before r_w.`,
		});
	if (rejected < -ZERO)
		warnings.push({
			kind: 'rejected-up',
			severity: 'alarm',
			side: 'rejected',
			at: START,
			text: `At the start, ${place(START)}, it makes the rejected answer more likely: its gradient there is ${number(rejected)}, and a step goes against the gradient. Look for a wrong sign before r_l.`,
		});
	return warnings;
};

const notFiniteFar: Check = ({ rays }) => {
	const faults = rays.flatMap((ray) => {
		const index = ray.findIndex((sample) => !isUsable(sample));
		const fault = ray[index];
		return fault === undefined ? [] : [{ index, fault }];
	});
	const [nearest] = faults.sort((a, b) => a.index - b.index);
	if (nearest === undefined) return [];
	const { at } = nearest.fault;
	return [
		{
			kind: 'not-finite-far',
			severity: 'alarm',
			at,
			text: `At large rewards it has no finite 32-bit value, for example at ${place(at)}: one pair that goes so far stops the training. Bound what grows, for example with sigma or log_sigma.`,
		},
	];
};

/** A loss that falls by more than this from one distance to the next has no bound in sight. */
const FALL = 1;

const unbounded: Check = ({ rays }) => {
	const falls = rays.flatMap((ray) => {
		const [far, farther, farthest] = ray.slice(-3);
		if (!far || !farther || !farthest) return [];
		const [a, b, c] = [far.reading.loss, farther.reading.loss, farthest.reading.loss];
		return a - b > FALL / 2 && b - c > FALL ? [{ fall: a - c, farthest }] : [];
	});
	const [steepest] = falls.sort((a, b) => b.fall - a.fall);
	if (steepest === undefined) return [];
	const { at, reading } = steepest.farthest;
	return [
		{
			kind: 'unbounded',
			severity: 'alarm',
			at,
			text: `It has no lower bound: at ${place(at)} it is ${number(reading.loss)} and still falls. Pairs that are already right keep pulling, and the model can break; bound it, for example with sigma.`,
		},
	];
};

const CHECKS: readonly Check[] = [wrongWay, notFiniteFar, unbounded, flatness];

/** r_w 0, r_l −1000. */
const place = ({ chosen, rejected }: Sides<number>): string =>
	`r_w ${number(chosen)}, r_l ${number(rejected)}`;

/** At most three digits after the point, with a true minus sign. */
function number(value: number): string {
	const short = Math.abs(value) >= 1e6 ? value.toExponential(1) : String(Number(value.toFixed(3)));
	return short.replaceAll('-', '−');
}
