import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/** State on the device between the steps of a batch of B rows; see sampleTokens.ts. */
export interface SampleState {
	/** int32 [B], the newest token of each row; overwritten. */
	readonly ids: Tensor1D;
	/** int32 [B], incremented, so that it is the position of that token. */
	readonly positions: Tensor1D;
	/** [B, 2]: temperature (0 selects the largest logit) and top-p in (0, 1]. */
	readonly settings: Tensor2D;
	/** [steps, B], uniform in [0, 1). */
	readonly draws: Tensor2D;
	/** int32 [steps, B]: row `step` is written. */
	readonly history: Tensor2D;
}
