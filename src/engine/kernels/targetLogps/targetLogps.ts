/**
 * Log-probability of target tokens from hidden states, and its gradient, without ever storing the [N, V]
 * logits.
 *
 *   logit_nv = h[rows[n]]·head[v];  lse_n = log Σ_v e^logit_nv;  logps_n = logit_n,target − lse_n
 *   entropy_n = lse_n − Σ_v p_nv·logit_nv
 *   dh[rows[n]] += dlogps_n · Σ_v (1[v = target_n] − e^(logit_nv − lse_n)) · head[v]
 *
 * Forward, 2 dispatches per part of the head (table.ts): tiles of logits stay in registers and are reduced to (maximum, sum, weighted sum) of
 * a span of the vocabulary; a second kernel joins the spans. Backward: one chunk of the vocabulary at a time,
 * dlogits [N, chunk] (at most 16 MiB) and its product with the head. Then the rows are added into dh in a
 * fixed order, since a row may serve two targets (a prompt's last token, if two completions share it). The
 * programs are in forward.ts and backward.ts.
 *
 * @reference targetLogps.reference.ts (f64) · tests/gpu/targetLogps.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output1D, output2D } from '../../op.ts';
import { tableShape, wholeTable, type Table } from '../../table.ts';
import { recordTargetLogpsGrad } from './backward.ts';
import { recordTargetLogps } from './forward.ts';
import { targetLogpsGradStock, targetLogpsStock } from './targetLogps.stock.ts';

export interface TargetLogpsResult {
	/** [N] nats, ≤ 0; 0 if the target is −1 */
	logps: Tensor1D;
	/** [N] nats, for the gradient */
	lse: Tensor1D;
	/** [N] nats: entropy of the model's distribution at that row */
	entropy: Tensor1D;
}

type Rows = Record<'rows' | 'targets', Tensor1D>;

const forward = defineOp<Rows & { h: Tensor2D }, { head: Table }>('AnchorageTargetLogps', {
	webgpu: ({ h, rows, targets }, { head }) => recordTargetLogps(h, head, rows, targets),
	stock: ({ h, rows, targets }, { head }) => targetLogpsStock(h, wholeTable(head), rows, targets),
});

const backward = defineOp<Rows & Record<'dlogps' | 'lse', Tensor1D> & { h: Tensor2D }, { head: Table }>(
	'AnchorageTargetLogpsGrad',
	{
		webgpu: (inputs, { head }) => recordTargetLogpsGrad(inputs, head),
		stock: (inputs, { head }) => [targetLogpsGradStock(inputs, wholeTable(head))],
	},
);

/**
 * @param h       [T, C] after the last norm; C a multiple of 4
 * @param head    [V, C]
 * @param rows    int32 [N] in [0, T): the row of h that predicts each target; a row may occur twice
 * @param targets int32 [N] in [0, V); −1 marks a row to skip (padding of N)
 * @throws        ShapeError
 */
export function targetLogps(h: Tensor2D, head: Table, rows: Tensor1D, targets: Tensor1D): TargetLogpsResult {
	check('targetLogps', h, head, rows, targets);
	const tensors = forward({ h, rows, targets }, { head });
	return {
		logps: output1D(tensors, 0),
		lse: output1D(tensors, 1),
		entropy: output1D(tensors, 2),
	};
}

/**
 * Gradient of {@link targetLogps} with respect to h; the head is frozen.
 *
 * @param dlogps [N]
 * @param lse    [N], from the forward pass
 * @returns      dh [T, C], zero in rows without a target
 */
export function targetLogpsGrad(
	dlogps: Tensor1D,
	h: Tensor2D,
	head: Table,
	rows: Tensor1D,
	targets: Tensor1D,
	lse: Tensor1D,
): Tensor2D {
	check('targetLogpsGrad', h, head, rows, targets);
	expectShape('targetLogpsGrad', 'dlogps', dlogps, [axis(rows, 0)]);
	expectShape('targetLogpsGrad', 'lse', lse, [axis(rows, 0)]);
	const tensors = backward({ dlogps, h, rows, targets, lse }, { head });
	return output2D(tensors, 0);
}

function check(op: string, h: Tensor2D, head: Table, rows: Tensor1D, targets: Tensor1D): void {
	const C = axis(h, 1);
	expectMultipleOf4(op, { C });
	expectShape(op, 'head', { shape: tableShape(head) }, [-1, C]);
	expectShape(op, 'targets', targets, [axis(rows, 0)]);
}
