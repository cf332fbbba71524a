/** The headless run's output line: the whole experiment as plain JSON. Scripts read it, so its form must stay stable. */
import { AppError } from '#core/errors.ts';
import { commonEstimates, estimateOf, isScored } from '#core/evaluation/compare.ts';
import type { Estimate, HeldOutEngine, HeldOutResult } from '#core/evaluation/evaluation.ts';
import { meanLength } from '#core/evaluation/panel.ts';
import { reportOnResults, type WorldReport } from '#core/evaluation/worldReport.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { MemoryPlan } from '#core/device/report.ts';
import type { Ancestor } from '#core/run/ancestry.ts';
import type { RunPhase, RunRecord } from '#core/run/run.ts';
import { sourceWorld } from '../steps/sideEffectPrompts.ts';
import type { JudgeReport } from './judgeReport.ts';

/** A mean score, and the mean length in words of all answers of that state. */
export type HeldOutScore = Estimate & { meanLength: number };

export interface RunReport {
	recipe: Recipe;
	/** The runs that this one builds on, the first one first; absent if it begins from the base model. */
	ancestry?: readonly Ancestor[];
	versions: Readonly<Record<string, string>>;
	/** The graphics adapter that the compute worker ran on; backend `wasm` or `cpu` if there was none. */
	adapter: { vendor: string; architecture: string; backend: string; features: readonly string[] };
	/** Wall seconds by phase. */
	seconds: Readonly<Partial<Record<RunPhase, number>>>;
	heldOut: {
		/** The engine that answered: the recipe's, or the compute engine if WebLLM could not run. */
		engine: HeldOutEngine;
		before: Record<'greedy' | 'sampled', HeldOutScore>;
		after: Record<'greedy' | 'sampled', HeldOutScore>;
		/** Greedy score during training. */
		course: readonly { step: number; estimate: HeldOutScore }[];
	};
	/** Scores of all splits and the side effects of training, greedy; absent if the world has no prompts that show them. */
	world?: WorldReport;
	/** One list per metric, by TRL's name, in order of step. */
	metrics: Readonly<Record<string, readonly number[]>>;
	steps: number;
	pairs: number;
	/** Device memory of training in bytes, and the activations kept for the backward pass; null without a plan. */
	memory: ({ estimatedBytes: number } & Pick<MemoryPlan, 'peakBytes' | 'activations' | 'budgetBytes'>) | null;
	reused: readonly SharedWork[];
	/** Only if it was asked for. */
	credit?: CreditReport;
	/** Only if it was asked for. */
	judge?: JudgeReport;
}

/** Token credit over all pairs of the run, with its last adapter; shares in [0, 1]. */
export interface CreditReport {
	/** Of |credit| on edited tokens. */
	editedCredit: number;
	/** Of tokens that are edited. */
	editedTokens: number;
	pairs: number;
}

const SERIES: readonly Exclude<keyof StepMetrics, 'kl'>[] = [
	'step',
	'epoch',
	'loss',
	'rewards/chosen',
	'rewards/rejected',
	'rewards/margins',
	'rewards/accuracies',
	'logps/chosen',
	'logps/rejected',
	'grad_norm',
	'learning_rate',
	'num_tokens',
	'seconds',
	'tokensPerSecond',
];

/** @throws AppError `held-out-missing`, with mode and step */
export function runReport(record: RunRecord, reused: readonly SharedWork[] = []): RunReport {
	const { recipe, versions, device, seconds, metrics, pairs } = record;
	const last = metrics.at(-1)?.step ?? 0;
	const { vendor = '', architecture = '', backend = '', features = [] } = device ?? {};
	const greedy = beforeAndAfter(record, 'greedy', last);
	const sampled = beforeAndAfter(record, 'sampled', last);
	const world = worldOfRun(record);
	return {
		recipe,
		...ofAncestry(record),
		versions,
		adapter: { vendor, architecture, backend, features },
		seconds,
		heldOut: {
			engine: record.heldOut.at(-1)?.engine ?? 'compute',
			before: { greedy: greedy.before, sampled: sampled.before },
			after: { greedy: greedy.after, sampled: sampled.after },
			course: courseOf(record),
		},
		...(world === null ? {} : { world }),
		metrics: series(metrics),
		steps: metrics.length,
		pairs: pairs.length,
		memory: memoryOf(record),
		reused,
	};
}

function ofAncestry({ ancestry }: RunRecord): Pick<RunReport, 'ancestry'> {
	return ancestry === undefined ? {} : { ancestry };
}

function series(metrics: readonly StepMetrics[]): RunReport['metrics'] {
	const kl = metrics.flatMap((step) => step.kl ?? []);
	return {
		...Object.fromEntries(SERIES.map((name) => [name, metrics.map((step) => step[name])])),
		// Only objectives that read it have it, at every step.
		...(kl.length > 0 ? { kl } : {}),
	};
}

function memoryOf({ plan }: RunRecord): RunReport['memory'] {
	if (plan?.memory === undefined) return null;
	const { estimatedBytes, memory } = plan;
	const { peakBytes, activations, budgetBytes } = memory;
	return { estimatedBytes, peakBytes, activations, budgetBytes };
}

function courseOf({ heldOut }: RunRecord): RunReport['heldOut']['course'] {
	const greedy = heldOut.filter(({ mode }) => mode === 'greedy');
	const estimates = commonEstimates(greedy, isScored);
	return greedy.map((result, i) => ({
		step: result.step,
		estimate: withLength(estimates[i] ?? result.estimate, result),
	}));
}

function withLength(estimate: Estimate, { answers }: HeldOutResult): HeldOutScore {
	return { ...estimate, meanLength: meanLength(answers.map(({ text }) => text)) };
}

function worldOfRun({ recipe, heldOut, untouched = [], panel = [] }: RunRecord): WorldReport | null {
	const world = sourceWorld(recipe);
	return world === null ? null : reportOnResults(world, { heldOut, untouched, panel });
}

/** Both estimates, over the prompts that were answered before and after. */
function beforeAndAfter(
	record: RunRecord,
	mode: 'greedy' | 'sampled',
	last: number,
): Record<'before' | 'after', HeldOutScore> {
	const first = resultAt(record, mode, 0);
	const final = resultAt(record, mode, last);
	const [before, after] = commonEstimates([first, final], isScored);
	return {
		before: withLength(before ?? estimateOf([]), first),
		after: withLength(after ?? estimateOf([]), final),
	};
}

function resultAt(record: RunRecord, mode: 'greedy' | 'sampled', step: number): HeldOutResult {
	const result = record.heldOut.find((held) => held.mode === mode && held.step === step);
	if (result !== undefined) return result;
	throw new AppError(`The run has no ${mode} held-out result at step ${step}.`, {
		code: 'held-out-missing',
		hint: 'Set evaluation.count to 1 or more.',
		context: { mode, step },
	});
}
