/** Run: a recipe and all its results, every row with its provenance. runFile.ts checks files against the schema. */
import * as v from 'valibot';
import { ancestorSchema, MOST_ROUNDS } from './ancestry.ts';
import { storedNormsSchema } from '../adapter/storedNorms.ts';
import { storedTokensSchema } from '../batch/storedTokens.ts';
import { rowFaultSchema } from '../batch/rowFaults.ts';
import { deviceSchema, planSchema } from '../device/report.ts';
import { sentRequestsSchema } from '../endpoint/sentRequest.ts';
import { errorFactsSchema } from '../errors.ts';
import { heldOutSchema } from '../evaluation/evaluation.ts';
import { headToHeadSchema } from '../evaluation/headToHead.ts';
import { panelResultSchema } from '../evaluation/panel.ts';
import { count, listOf } from '../format/schema.ts';
import { pairRewardsSchema, stepMetricsSchema } from '../loss/metrics.ts';
import { judgementSchema } from '../judgement/judgement.ts';
import { outputSchema } from '../output/output.ts';
import { methodIdSchema } from '../pair/methods/registry.ts';
import { pairSchema } from '../pair/pair.ts';
import { promptSchema } from '../prompt/prompt.ts';
import { storedRecipeSchema } from '../recipe/recipe.ts';
import { revisionSchema } from '../revision/revision.ts';

/** The form of a record that this version writes. Records of older forms are migrated when they are read, see migrations.ts. */
export const RUN_SCHEMA = 2;

const runPhase = v.picklist([
	'idle',
	'loading',
	'sampling',
	/** Other models answer the prompts. */
	'answering',
	'revising',
	'judging',
	'evaluating-before',
	'training',
	'evaluating-after',
	'done',
]);
/**
 * The phase of a run, or its phase when it stopped. An interrupted phase keeps its results and can be
 * resumed.
 */
export type RunPhase = v.InferOutput<typeof runPhase>;
/** In the order of a run. */
export const RUN_PHASES: readonly RunPhase[] = runPhase.options;

/** The rewards of a pair at a step: one point of its trail on the plane. */
const trailPoint = v.object({ ...pairRewardsSchema.entries, step: count });
export type TrailPoint = v.InferOutput<typeof trailPoint>;

/** A pair whose method this page knows; see pair/methods. */
const builtPair = v.object({ ...pairSchema.entries, method: methodIdSchema });

const runOrigin = v.picklist(['recorded', 'file']);
/** Origin of a run that was not made in this browser: the recorded run of the page, or a file. */
export type RunOrigin = v.InferOutput<typeof runOrigin>;

/** The file that a run was read from. */
const runSource = v.object({
	/** SHA-256 of the file in lower-case hex. */
	sha256: v.string(),
	/** Absent if the file was on disk. */
	address: v.exactOptional(v.string()),
});

/** The grid that a run belongs to. */
const gridOfRun = v.object({
	/** Id of the stored grid. */
	id: v.string(),
	/** Key of the run in the grid. */
	key: v.string(),
});
export type GridOfRun = v.InferOutput<typeof gridOfRun>;

export const runRecordSchema = v.object({
	schema: v.literal(RUN_SCHEMA),
	id: v.string(),
	/**
	 * Number of writes to this machine's store; absent before the first write, and in files. See edition.ts.
	 */
	edition: v.exactOptional(count),
	name: v.pipe(v.string(), v.minLength(1)),
	createdAt: v.pipe(v.string(), v.isoTimestamp()),
	origin: v.exactOptional(runOrigin),
	/** Absent if the run was made or continued in this browser, and in runs saved by older versions. */
	source: v.exactOptional(runSource),
	/** Absent if the run belongs to no grid, and in files. */
	grid: v.exactOptional(gridOfRun),
	recipe: storedRecipeSchema,
	/** The runs that this one builds on; absent if it begins from the base model. Their adapter is the checkpoint of step 0. */
	ancestry: v.exactOptional(v.pipe(listOf(ancestorSchema), v.maxLength(MOST_ROUNDS))),
	phase: runPhase,
	prompts: listOf(promptSchema),
	/** Never trained on. */
	heldOutPrompts: listOf(promptSchema),
	/** Pairs of held-out prompts; empty unless the pairs were imported. */
	heldOutPairs: listOf(builtPair),
	outputs: listOf(outputSchema),
	/** Outputs that the model cannot give, by output id, each with its reason; absent if there are none. */
	outputFaults: v.exactOptional(listOf(rowFaultSchema)),
	/** Answers of other models; absent if there are none. */
	answers: v.exactOptional(listOf(outputSchema)),
	revisions: listOf(revisionSchema),
	/** A judge's comparisons; absent if there are none. */
	judgements: v.exactOptional(listOf(judgementSchema)),
	/** Requests that endpoints received; absent if there are none, and in files. */
	sent: v.exactOptional(sentRequestsSchema),
	pairs: listOf(builtPair),
	/** Tokens of pairs that were shown; absent if there are none. */
	tokens: v.exactOptional(listOf(storedTokensSchema)),
	plan: v.nullable(planSchema),
	metrics: listOf(stepMetricsSchema),
	trails: listOf(trailPoint),
	/** Steps that have a checkpoint in the store. */
	checkpoints: listOf(count),
	/** Norms of the adapters that were measured, ascending by step; absent in runs saved by older versions. */
	norms: v.exactOptional(listOf(storedNormsSchema)),
	/** Held-out results at step 0, during training and at the end. */
	heldOut: listOf(heldOutSchema),
	/** Greedy results on the world's untouched families, before and after training; absent if there are none. */
	untouched: v.exactOptional(listOf(heldOutSchema)),
	/** Answers to the world's panel, before and after training; absent if there are none. */
	panel: v.exactOptional(listOf(panelResultSchema)),
	/** Which of two held-out answers is better, by judge; absent if nobody judged. */
	headToHead: v.exactOptional(listOf(headToHeadSchema)),
	device: v.nullable(deviceSchema),
	/** Wall seconds by phase. */
	seconds: v.pipe(v.record(runPhase, v.number()), v.readonly()),
	failure: v.nullable(errorFactsSchema),
	versions: v.pipe(v.record(v.string(), v.string()), v.readonly()),
});
export type RunRecord = v.InferOutput<typeof runRecordSchema>;
/** Where and from what a run was made. */
export type MadeWith = Pick<RunRecord, 'device' | 'versions' | 'source'>;

/** A row of the shelf, so that listing runs reads no records. */
export const runSummarySchema = v.object({
	id: v.string(),
	/** Absent in summaries that were written before editions were counted. */
	edition: v.exactOptional(count),
	name: v.string(),
	createdAt: v.pipe(v.string(), v.isoTimestamp()),
	origin: v.exactOptional(runOrigin),
	source: v.exactOptional(runSource),
	grid: v.exactOptional(gridOfRun),
	phase: runPhase,
	recipe: storedRecipeSchema,
	step: count,
	/** Greedy held-out score before and after; null before it was measured. */
	before: v.nullable(v.number()),
	after: v.nullable(v.number()),
	bytes: count,
});
export type RunSummary = v.InferOutput<typeof runSummarySchema>;

/** A stored run that cannot be read. */
export interface DamagedRun {
	id: string;
	/** Its name, or its id if the name is lost. */
	name: string;
	/** A sentence that names the place of the fault. */
	reason: string;
	/** Bytes of the record and its checkpoints. */
	bytes: number;
}
