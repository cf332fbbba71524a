import { describe, expect, it } from 'vitest';
import { fuseWeights } from '#model/fuse.ts';
import { packBatch } from '#core/batch/pack.ts';
import { padPairs } from '../../../bench/workloads/padded.ts';
import { stepWorkload } from '../../../bench/workloads/stepWorkload.ts';
import { batchOf, splitWeights, tokensOf, transposed } from '../../../bench/workloads/workload.ts';

const PAIR = { id: 'a', promptIds: [1, 2], chosenIds: [3, 4, 5], rejectedIds: [6] };
const pairs = [{ ...PAIR, truncated: false }];

describe('a padded batch', () => {
	it('holds chosen rows, then rejected rows, and marks what is predicted', () => {
		const batch = padPairs(pairs);
		expect([batch.rows, batch.tokens]).toEqual([2, 5]);
		expect([...batch.ids]).toEqual([1, 2, 3, 4, 5, 1, 2, 6, 0, 0]);
		expect([...batch.lengths]).toEqual([5, 3]);
		expect([...batch.labels]).toEqual([2, 3, 4, 5, 0, 2, 6, 0, 0, 0]);
		expect([...batch.mask]).toEqual([0, 1, 1, 1, 0, 0, 1, 0, 0, 0]);
	});

	it('predicts the tokens that the packed one predicts', () => {
		const { batches } = stepWorkload();
		const batch = batchOf(batches, 3);
		const predicted = padPairs(batch).mask.reduce((sum, one) => sum + one, 0);
		expect(predicted).toBe(packBatch(batch).predicted);
		expect(tokensOf(batch)).toBe(packBatch(batch).numTokens);
	});
});

describe('the weights for peers', () => {
	it('are ours again once they are fused', () => {
		const workload = stepWorkload(2);
		const fused = fuseWeights(workload.tensors);
		const split = splitWeights({ config: workload.config, tensors: fused });
		expect([...split.keys()].sort()).toEqual([...workload.tensors.keys()].sort());
		expect(fuseWeights(split)).toEqual(fused);
	});

	it('are turned', () => {
		expect([...transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
	});
});
