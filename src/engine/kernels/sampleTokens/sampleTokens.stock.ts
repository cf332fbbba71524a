/** Sampling on host backends, row by row. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { sampleToken } from '#core/output/sampleToken.ts';
import { floatView, intView } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import type { SampleState } from './state.ts';

export function sampleTokensStock(logits: Tensor2D, state: SampleState, step: number): void {
	const [B, V] = [axis(state.ids, 0), axis(logits, 1)];
	const values = floatView(logits);
	const [ids, positions, history] = [intView(state.ids), intView(state.positions), intView(state.history)];
	const [settings, draws] = [floatView(state.settings), floatView(state.draws)];
	for (let b = 0; b < B; b++) {
		const [temperature = 0, topP = 1] = settings.subarray(2 * b, 2 * b + 2);
		const own = values.subarray(b * V, (b + 1) * V);
		const id = sampleToken(own, temperature, topP, draws[step * B + b] ?? 0);
		ids[b] = id;
		positions[b] = (positions[b] ?? 0) + 1;
		history[step * B + b] = id;
	}
}
