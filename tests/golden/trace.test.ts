/**
 * Thirty steps of TRL's DPOTrainer, compared step by step: every logged metric and the final adapter, in five
 * runs per model.
 *
 * Runs on tfjs's wasm backend in f32. The tolerance of each number is a multiple of that run's noise floor,
 * which is the distance between torch in float32 and in float64: two f32 runs that sum in different orders
 * are each about that far from the exact one.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openDevice, type Device } from '#engine/device.ts';
import { golden, goldenFolders, goldenOutline, goldenTest } from '#tests/support/goldens.ts';
import { largestDifference, modelFiles } from './goldenModel.ts';
import {
	finalDifference,
	followTrace,
	METRICS,
	tolerance,
	traceFiles,
	type Trace,
	type TraceRun,
} from './goldenTrace.ts';

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'wasm' });
});
afterAll(() => device.close());

describe.each(goldenFolders('trace-'))('%s', (folder) => {
	const variant = folder.slice('trace-'.length);
	const { runs } = goldenOutline<Trace>(`${folder}.json`);

	describe.each(runs.map((run): [string, TraceRun] => [run.name, run]))('%s', (_name, run) => {
		const files = [...modelFiles(`model-${variant}`), ...traceFiles(folder, run)];

		goldenTest('thirty steps as TRL takes them', files, async () => {
			const { steps, adapter } = await followTrace(golden, variant, folder, run);
			expect(steps).toHaveLength(run.steps.length);
			for (const metric of METRICS) {
				const got = steps.map((step) => step[metric]);
				const wanted = run.steps.map((step) => step[metric === 'learning_rate' ? 'lr' : metric]!);
				expect(largestDifference(got, wanted), metric).toBeLessThanOrEqual(tolerance(run, metric));
			}
			const last = finalDifference(golden, variant, run, adapter);
			expect(last, 'final adapter').toBeLessThanOrEqual(tolerance(run, 'final_adapter'));
		});
	});
});
