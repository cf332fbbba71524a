/** PEFT's adapter files: read, written back byte for byte, and merged like PEFT. */
import { describe, expect } from 'vitest';
import { scalingOf } from '#core/adapter/adapter.ts';
import { mergeAdapter } from '#core/adapter/merge.ts';
import {
	PEFT_CONFIG_FILE,
	PEFT_WEIGHTS_FILE,
	readPeftAdapter,
	writePeftAdapter,
} from '#core/adapter/peft.ts';
import { moduleName } from '#core/adapter/projections.ts';
import { readSafetensors, writeSafetensors } from '#core/format/safetensors.ts';
import { golden, goldenFolders, goldenJson, goldenTest } from '#tests/support/goldens.ts';

interface Merge {
	merged_weight_stats: Record<string, { sum: number; abs_sum: number; first8: number[] }>;
}

describe.each(goldenFolders('model-'))('%s', (folder) => {
	const weightsFile = `${folder}/adapter/${PEFT_WEIGHTS_FILE}`;
	const configFile = `${folder}/adapter/${PEFT_CONFIG_FILE}`;
	const modelFile = `${folder}/model.safetensors`;
	const mergeFile = `${folder}/merge.json`;

	goldenTest('the adapter reads and writes back identically', [weightsFile, configFile], () => {
		const bytes = golden(weightsFile);
		const config = goldenJson<Record<string, unknown>>(configFile);
		const adapter = readPeftAdapter(bytes, config);
		const written = writePeftAdapter(adapter, config);
		expect(Buffer.compare(written.weights, bytes)).toBe(0);
		expect(written.config).toEqual(config);
		expect(adapter.config).toMatchObject({ rank: config['r'], alpha: config['lora_alpha'] });
		expect(adapter.config.targetModules.toSorted()).toEqual(config['target_modules']);
	});

	goldenTest('the model file reads and writes back identically', [modelFile], () => {
		const bytes = golden(modelFile);
		const { tensors, metadata } = readSafetensors(bytes);
		const list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }));
		expect(Buffer.compare(writeSafetensors(list, metadata), bytes)).toBe(0);
	});

	goldenTest('merged weights are those of PEFT', [weightsFile, configFile, modelFile, mergeFile], () => {
		const adapter = readPeftAdapter(golden(weightsFile), goldenJson(configFile));
		const { tensors } = readSafetensors(golden(modelFile));
		const stats = goldenJson<Merge>(mergeFile).merged_weight_stats;
		expect(Object.keys(stats)).toHaveLength(adapter.matrices.length);
		for (const matrices of adapter.matrices) {
			const name = `model.layers.${matrices.layer}.${moduleName(matrices.module)}.weight`;
			const expected = stats[name]!;
			const merged = mergeAdapter(tensors.get(name)!.data, matrices, scalingOf(adapter.config));
			// PEFT sums B·A in f32, we sum in f64: at most one rounding per element.
			for (const [i, value] of expected.first8.entries()) {
				expect(Math.abs(merged[i]! - value), `${name}[${i}]`).toBeLessThan(
					4e-7 * Math.max(1, Math.abs(value)),
				);
			}
			const sum = merged.reduce((total, value) => total + value, 0);
			const absSum = merged.reduce((total, value) => total + Math.abs(value), 0);
			const tolerance = 1e-7 * expected.abs_sum;
			expect(Math.abs(sum - expected.sum), name).toBeLessThan(tolerance);
			expect(Math.abs(absSum - expected.abs_sum), name).toBeLessThan(tolerance);
		}
	});
});
