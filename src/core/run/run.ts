/** Run: a recipe plus all that came of it, every row with its provenance. */
import type { WireError } from '../errors.ts';
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import type { PairRewards, StepMetrics } from '../loss/metrics.ts';
import type { Output } from '../output/output.ts';
import type { PreferencePair } from '../pair/pair.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Revision } from '../revision/revision.ts';
import type { DeviceReport, TrainPlan } from '../device/report.ts';

/** Where a run stands. A phase that was cut short keeps what it has and can go on. */
export type RunPhase =
	| 'idle'
	| 'loading'
	| 'sampling'
	| 'revising'
	| 'evaluating-before'
	| 'training'
	| 'evaluating-after'
	| 'done';

/** Where each pair stood at a step: one point of its trail on the plane. */
export interface TrailPoint extends PairRewards {
	step: number;
}

/** Where a run was made, where not in this browser: the run that comes with the page, or one from a file. */
export type RunOrigin = 'recorded' | 'file';

export interface RunRecord {
	schema: 1;
	id: string;
	/** How often it was written to this machine's store; missing before the first time, and in files. See edition.ts. */
	edition?: number;
	name: string;
	createdAt: string;
	origin?: RunOrigin;
	recipe: Recipe;
	phase: RunPhase;
	prompts: readonly Prompt[];
	/** Never trained on. Missing in runs that were kept before any were drawn. */
	heldOutPrompts?: readonly Prompt[];
	/** Pairs of held-out prompts, where the pairs were imported. */
	heldOutPairs?: readonly PreferencePair[];
	outputs: readonly Output[];
	revisions: readonly Revision[];
	pairs: readonly PreferencePair[];
	plan: TrainPlan | null;
	metrics: readonly StepMetrics[];
	trails: readonly TrailPoint[];
	/** Steps that have a checkpoint in the store. */
	checkpoints: readonly number[];
	/** Held-out results at step 0, during training and at the end. */
	heldOut: readonly HeldOutResult[];
	device: DeviceReport | null;
	/** Wall seconds by phase. */
	seconds: Readonly<Partial<Record<RunPhase, number>>>;
	failure: WireError | null;
	versions: Readonly<Record<string, string>>;
}

export interface RunSummary {
	id: string;
	/** Missing in runs that were kept before it was counted. */
	edition?: number;
	name: string;
	createdAt: string;
	origin?: RunOrigin;
	phase: RunPhase;
	recipe: Recipe;
	step: number;
	/** Greedy held-out score before and after, where known. */
	before: number | null;
	after: number | null;
	bytes: number;
}
