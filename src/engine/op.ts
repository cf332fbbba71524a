/**
 * Registers an operation and returns the function that calls it.
 *
 * Each op is one tfjs kernel name with two bodies: `webgpu` records our own WGSL (see record.ts), `stock`
 * composes tfjs ops and host loops for the backends whose memory the host can see (wasm, cpu). Model code
 * calls the typed wrapper in the op's folder and never asks which backend runs. Gradients are ops of their
 * own (explicit backward), so no tape is kept.
 */
import {
	engine,
	getKernel,
	registerKernel,
	tidy,
	type KernelConfig,
	type NamedAttrMap,
	type Tensor,
	type Tensor1D,
	type Tensor2D,
	type TensorInfo,
} from '@tensorflow/tfjs-core';
import { AppError, ShapeError } from '#core/errors.ts';

/** Tensors by name; an absent optional input is omitted or undefined. */
export type OpInputs = Readonly<Record<string, Tensor | undefined>>;

export interface OpBodies<I extends OpInputs, A extends object> {
	/**
	 * Records dispatches. Returns the infos of the outputs that it allocated, in the order that the wrapper
	 * expects.
	 */
	webgpu: (inputs: I, attrs: A) => readonly TensorInfo[];
	/** Runs inside a tidy: returned tensors survive, all others are freed. */
	stock: (inputs: I, attrs: A) => readonly Tensor[];
}

const HOST_BACKENDS = ['wasm', 'cpu'] as const;

/**
 * Registers an op for all backends and returns the function that calls it on the current one.
 *
 * The function calls the registered kernel directly: `engine().runKernel` spends tens of microseconds per
 * call on a tape and a profiler that the explicit backward never uses.
 */
export function defineOp<I extends OpInputs, A extends object>(
	name: string,
	bodies: OpBodies<I, A>,
): (inputs: I, attrs: A) => Tensor[] {
	const register = (backendName: string, body: (inputs: I, attrs: A) => readonly TensorInfo[]): void =>
		registerKernel({
			kernelName: name,
			backendName,
			kernelFunc: ({ inputs, attrs }) =>
				[...body(inputs as unknown as I, attrs as unknown as A)] as TensorInfo[],
		});
	register('webgpu', bodies.webgpu);
	for (const host of HOST_BACKENDS) {
		register(host, (inputs, attrs) => tidy(() => [...bodies.stock(inputs, attrs)]));
	}
	return (inputs, attrs) => callKernel(name, inputs, attrs);
}

function callKernel(name: string, inputs: OpInputs, attrs: object): Tensor[] {
	const { backend, backendName } = engine();
	const kernel = getKernel(name, backendName) as KernelConfig | undefined;
	if (kernel === undefined) {
		throw new AppError(`No kernel "${name}" is registered for the backend "${backendName}".`, {
			code: 'kernel-missing',
			hint: 'Open a device with openDevice() before calling an op.',
			context: { name, backend: backendName },
		});
	}
	const result = kernel.kernelFunc({ inputs: inputs, attrs: attrs as NamedAttrMap, backend });
	return (Array.isArray(result) ? result : [result]).map((info) =>
		isTensor(info) ? info : engine().makeTensorFromTensorInfo(info),
	);
}

function isTensor(info: TensorInfo): info is Tensor {
	return 'rank' in info;
}

/** Output `index` of an op, which must be a matrix. */
export function output2D(tensors: readonly Tensor[], index: number): Tensor2D {
	return checkedOutput(tensors, index, 2) as Tensor2D;
}

/** Output `index` of an op, which must be a vector. */
export function output1D(tensors: readonly Tensor[], index: number): Tensor1D {
	return checkedOutput(tensors, index, 1) as Tensor1D;
}

function checkedOutput(tensors: readonly Tensor[], index: number, rank: number): Tensor {
	const tensor = tensors[index];
	if (tensor?.rank === rank) return tensor;
	throw new AppError(`The op returned ${tensors.length} outputs; output ${index} should have rank ${rank}.`, {
		code: 'kernel-output',
	});
}

/** Checks a shape; −1 allows any size on that axis. */
export function expectShape(
	op: string,
	name: string,
	tensor: Pick<TensorInfo, 'shape'>,
	expected: readonly number[],
): void {
	const { shape } = tensor;
	let fits = shape.length === expected.length;
	for (let i = 0; i < expected.length; i++) fits &&= expected[i] === -1 || expected[i] === shape[i];
	if (fits) return;
	const wanted = expected.map((size) => (size === -1 ? 'any' : String(size))).join(', ');
	throw new ShapeError(`${op}: ${name} must have the shape [${wanted}], got [${shape.join(', ')}].`, {
		code: 'shape-mismatch',
		context: { op, name, expected: wanted, got: shape.join(', ') },
	});
}

/** Kernels read four floats at once: every channel axis must be a multiple of 4. */
export function expectMultipleOf4(op: string, sizes: Readonly<Record<string, number>>): void {
	for (const name in sizes) {
		const size = sizes[name] ?? 0;
		if (size % 4 === 0) continue;
		throw new ShapeError(`${op}: ${name} must be a multiple of 4, got ${size}.`, {
			code: 'not-a-multiple-of-4',
			hint: 'Pad it with zeros; for a LoRA rank see paddedRank().',
			context: { op, name, size },
		});
	}
}

/** The size of one axis. */
export function axis(tensor: TensorInfo, index: number): number {
	const size = tensor.shape[index];
	if (size === undefined) {
		throw new ShapeError(`A tensor of rank ${tensor.shape.length} has no axis ${index}.`, {
			code: 'axis-missing',
		});
	}
	return size;
}
