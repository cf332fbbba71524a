/**
 * The only file that uses private members of web-llm: the pipeline of a loaded model with its parameters on
 * the GPU. They are the same in 0.2.80 to 0.2.86; the version is pinned, and tests/gpu/webllm.test.ts fails
 * if one changes.
 */
import type { MLCEngine } from '@mlc-ai/web-llm';
import { AppError, ShapeError } from '#core/errors.ts';

/** Numbers of a parameter; two of 16 bits are one word. */
export type ParameterData = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A tensor of TVM. */
interface TvmTensor {
	readonly shape: readonly number[];
	readonly dtype: string;
	copyFrom(source: ParameterData | TvmTensor): TvmTensor;
	toRawBytes(): Uint8Array<ArrayBuffer>;
	dispose(): void;
}

interface Tvm {
	beginScope(): void;
	endScope(): void;
	/** Throws if a name is unknown. */
	getParamsFromCacheByName(names: readonly string[]): { get(index: number): TvmTensor };
	empty(shape: readonly number[], dtype: string, device: unknown): TvmTensor;
	cpu(): unknown;
	readonly lib: { readonly webGPUContext?: { readonly device: GPUDevice } };
}

interface Pipeline {
	readonly tvm: Tvm;
	readonly device: { sync(): Promise<void> };
	/** Ids generated in this round, without the stop token. */
	readonly outputIds: readonly number[];
	/** Embeds a chunk of the prompt, or the last generated id. */
	getTokensEmbeddings(ids: number[]): unknown;
}

interface PrivateEngine {
	readonly loadedModelIdToPipeline: ReadonlyMap<string, Pipeline>;
}

function pipelineOf(engine: MLCEngine, modelId: string): Pipeline {
	const pipeline = (engine as unknown as PrivateEngine).loadedModelIdToPipeline.get(modelId);
	if (pipeline !== undefined) return pipeline;
	throw new AppError(`WebLLM holds no model ${modelId}.`, {
		code: 'webllm-no-model',
		hint: 'Load the model again.',
		context: { modelId },
	});
}

export function holdsModel(engine: MLCEngine, modelId: string): boolean {
	return (engine as unknown as PrivateEngine).loadedModelIdToPipeline.has(modelId);
}

/** Resolves when the model's device is lost; never settles if WebLLM has already forgotten the device. */
export function deviceLoss(engine: MLCEngine, modelId: string): Promise<GPUDeviceLostInfo> {
	const device = pipelineOf(engine, modelId).tvm.lib.webGPUContext?.device;
	return device?.lost ?? new Promise(() => undefined);
}

export function generatedIds(engine: MLCEngine, modelId: string): number[] {
	return [...pipelineOf(engine, modelId).outputIds];
}

/**
 * Runs `feed` and returns the ids that the engine embedded meanwhile. Shadows the method on this pipeline and
 * restores it afterwards.
 */
export async function observeFedIds(
	engine: MLCEngine,
	modelId: string,
	feed: () => Promise<void>,
): Promise<number[]> {
	const pipeline = pipelineOf(engine, modelId);
	const seen: number[] = [];
	const embed = pipeline.getTokensEmbeddings.bind(pipeline);
	const own = Object.getOwnPropertyDescriptor(pipeline, 'getTokensEmbeddings');
	pipeline.getTokensEmbeddings = (ids) => {
		seen.push(...ids);
		return embed(ids);
	};
	try {
		await feed();
	} finally {
		if (own === undefined) Reflect.deleteProperty(pipeline, 'getTokensEmbeddings');
		else Object.defineProperty(pipeline, 'getTokensEmbeddings', own);
	}
	return seen;
}

export interface ParameterValues {
	name: string;
	data: ParameterData;
}

/**
 * Writes values over parameters on the GPU, in place.
 *
 * @throws ShapeError `parameter-size` before any write, if a value has another size than its parameter
 */
export async function writeParameters(
	engine: MLCEngine,
	modelId: string,
	values: readonly ParameterValues[],
): Promise<void> {
	const { tvm, device } = pipelineOf(engine, modelId);
	tvm.beginScope();
	try {
		const list = tvm.getParamsFromCacheByName(values.map(({ name }) => name));
		for (const [i, { name, data }] of values.entries()) expectSize(name, list.get(i).shape, data.length);
		for (const [i, { data }] of values.entries()) list.get(i).copyFrom(data);
	} finally {
		tvm.endScope();
	}
	await device.sync();
}

function expectSize(name: string, shape: readonly number[], length: number): void {
	const size = shape.reduce((product, n) => product * n, 1);
	if (size === length) return;
	throw new ShapeError(`${name} is [${shape.join(', ')}] in the library; ${length} numbers were given.`, {
		code: 'parameter-size',
		hint: 'The adapter was trained for another model; choose one that was trained for this one.',
		context: { name, size, length },
	});
}

/** A copy of a float32 or uint32 parameter, read back from the GPU. */
export async function readParameter(
	engine: MLCEngine,
	modelId: string,
	name: string,
): Promise<ParameterData> {
	const { tvm, device } = pipelineOf(engine, modelId);
	tvm.beginScope();
	try {
		const tensor = tvm.getParamsFromCacheByName([name]).get(0);
		const { dtype } = tensor;
		if (dtype !== 'float32' && dtype !== 'uint32') throw new TypeError(`${name} is ${dtype}.`);
		const host = tvm.empty(tensor.shape, dtype, tvm.cpu()).copyFrom(tensor);
		await device.sync();
		const { buffer } = host.toRawBytes().slice();
		return dtype === 'float32' ? new Float32Array(buffer) : new Uint32Array(buffer);
	} finally {
		tvm.endScope();
	}
}
