/** The run that the page shows, with the parts that belong to it. Replaced as a whole when another is opened. */
import type { View } from '../address.ts';
import { RunMeasurements } from '../compare/runMeasurements.svelte.ts';
import { TrackedPair } from '../compare/trackedPair.svelte.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { StepSummary } from '../steps/stepSummary.ts';
import { stepSummaries } from '../steps/steps.ts';
import type { Run } from './run.svelte.ts';

export interface OpenRun {
	readonly run: Run;
	readonly tracked: TrackedPair;
	readonly measurements: RunMeasurements;
	/** The steps in the order the data meets them. */
	readonly summaries: readonly StepSummary[];
}

export function openRun(run: Run, engines: Engines): OpenRun {
	const tracked = new TrackedPair(run, engines);
	const measurements = new RunMeasurements(run, engines, tracked);
	return { run, tracked, measurements, summaries: stepSummaries(run.steps) };
}

/** Ends the work that belongs to the page's view of a run, before another is opened. */
export function closeRun({ run, measurements }: OpenRun): void {
	measurements.cancel();
	run.cursor.stop();
}

/** The view of the step that works; the overview while training. */
export function workingView({ working }: Run): View {
	return working === null || working === 'loss' || working === 'prompt' ? 'overview' : working;
}
