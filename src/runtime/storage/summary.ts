/** The shelf's row of a run, made from its record. */
import type { StoredRun } from '#core/run/edition.ts';
import type { RunRecord, RunSummary } from '#core/run/run.ts';

function greedyScore(run: RunRecord, which: 'first' | 'last'): number | null {
	const scored = run.heldOut.filter(({ mode, estimate }) => mode === 'greedy' && estimate.n > 0);
	const result =
		which === 'first' ? scored.find(({ step }) => step === 0) : scored.findLast(({ step }) => step > 0);
	const score = result?.estimate.score ?? null;
	return Number.isFinite(score) ? score : null;
}

/** @param bytes approximate size of the record without checkpoints */
export function summaryOf(run: RunRecord | StoredRun, bytes: number): RunSummary {
	const { id, edition, name, createdAt, origin, source, grid, phase, recipe, metrics } = run;
	return {
		id,
		...(edition === undefined ? {} : { edition }),
		name,
		createdAt,
		...(origin === undefined ? {} : { origin }),
		...(source === undefined ? {} : { source }),
		...(grid === undefined ? {} : { grid }),
		phase,
		recipe,
		step: metrics.at(-1)?.step ?? 0,
		before: greedyScore(run, 'first'),
		after: greedyScore(run, 'last'),
		bytes,
	};
}
