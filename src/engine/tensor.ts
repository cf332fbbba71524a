/**
 * The only import of tfjs: every tensor operation that model and train code uses is re-exported here, and
 * nowhere else.
 *
 * This list shows the cost of changing the backend. Heavy operations have kernels of their own in `kernels/`;
 * this list holds creation, bookkeeping and the small arithmetic around the kernels (host backends and tests
 * use more of it).
 */
export {
	add,
	argMax,
	clone,
	concat,
	dispose,
	div,
	exp,
	gather,
	getBackend,
	keep,
	log,
	matMul,
	max,
	mean,
	mul,
	neg,
	reshape,
	scalar,
	sigmoid,
	slice,
	softmax,
	softplus,
	sqrt,
	square,
	sub,
	sum,
	tensor,
	tensor1d,
	tensor2d,
	tidy,
	topk,
	transpose,
	zeros,
} from '@tensorflow/tfjs-core';
export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, TensorInfo } from '@tensorflow/tfjs-core';
