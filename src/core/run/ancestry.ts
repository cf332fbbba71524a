/** Ancestry: the runs that a run builds on, the first one first. Each began from the adapter of the one before it; the first from the base. */
import * as v from 'valibot';
import { count } from '../format/schema.ts';

const score = v.nullable(v.pipe(v.number(), v.finite()));

export const ancestorSchema = v.object({
	run: v.string(),
	name: v.string(),
	/** Step of the adapter that the next run began from. */
	step: count,
	/** Hash of that adapter, its own ancestors included; see core/adapter/content.ts. */
	sha256: v.string(),
	/** Greedy held-out score before its training and at `step`; null if it was not measured. */
	before: score,
	after: score,
});
export type Ancestor = v.InferOutput<typeof ancestorSchema>;

/** Places of a list of ancestors that is longer belong to no run that this page can make. */
export const MOST_ROUNDS = 64;

/** 1 for a run that begins from the base model. */
export function roundOf(ancestry: readonly Ancestor[] | undefined): number {
	return (ancestry?.length ?? 0) + 1;
}

/** The part of a record that its descendants keep. */
interface AncestorRun {
	id: string;
	name: string;
	ancestry?: readonly Ancestor[];
	heldOut: readonly { mode: string; step: number; estimate: { score: number; n: number } }[];
}

/** The ancestry of a run that begins from an adapter of `run`. @param sha256 of that adapter */
export function ancestryOf(run: AncestorRun, step: number, sha256: string): readonly Ancestor[] {
	const scoreAt = (at: number): number | null => {
		const result = run.heldOut.find((held) => held.mode === 'greedy' && held.step === at);
		return result === undefined || !Number.isFinite(result.estimate.score) ? null : result.estimate.score;
	};
	const { id, name, ancestry = [] } = run;
	return [...ancestry, { run: id, name, step, sha256, before: scoreAt(0), after: scoreAt(step) }];
}
