/**
 * The adapter in a running WebLLM engine. If its rank is at most that of the LoRA records, it is written beside the weights;
 * otherwise it is merged into the weights in place, in f32, and rounded to their form. The original weights are kept, so that the
 * base can be restored exactly.
 */
import type { MLCEngine } from '@mlc-ai/web-llm';
import type { Adapter } from '#core/adapter/adapter.ts';
import { fuseForWebLLM } from '#core/adapter/fuse.ts';
import { mergeFused } from '#core/adapter/merge.ts';
import type { MergeForm } from '#core/adapter/placement.ts';
import { projectionShapes, recordName } from '#core/adapter/projections.ts';
import { AppError, ShapeError } from '#core/errors.ts';
import { roundToBrainFloat, roundToHalf, widenBrainFloat, widenHalf } from '#core/format/float16.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { readParameter, writeParameters, type ParameterData, type ParameterValues } from './privateApi.ts';

export class AdapterSlot {
	readonly #engine: MLCEngine;
	readonly #modelId: string;
	readonly #config: ModelConfig;
	readonly #maxRank: number;
	readonly #form: MergeForm | null;
	/** Weights as loaded, by record name; read back once, before the first merge overwrites them. */
	readonly #originals = new Map<string, ParameterData>();
	#merged = false;

	/**
	 * @param maxRank of the LoRA records
	 * @param form    of the weights; null if no adapter can be merged into them
	 */
	constructor(
		engine: MLCEngine,
		modelId: string,
		config: ModelConfig,
		maxRank: number,
		form: MergeForm | null = 'f32',
	) {
		this.#engine = engine;
		this.#modelId = modelId;
		this.#config = config;
		this.#maxRank = maxRank;
		this.#form = form;
	}

	/**
	 * @param strength 1 as trained; 0 is the base, exactly
	 * @throws ShapeError if the strength is not a number ≥ 0, or if the adapter belongs to another model
	 */
	async set(adapter: Adapter | null, strength: number): Promise<void> {
		if (!(strength >= 0 && Number.isFinite(strength))) {
			throw new ShapeError(`The adapter's strength is ${strength}; it must be 0 or more.`, {
				code: 'strength-invalid',
				context: { strength },
			});
		}
		const wanted = strength === 0 ? null : adapter;
		const beside = wanted === null || wanted.config.rank <= this.#maxRank;
		// Fuses before any write, so that an adapter of another model leaves the engine unchanged.
		const records =
			this.#maxRank === 0 ? [] : fuseForWebLLM(beside ? wanted : null, this.#config, this.#maxRank, strength);
		if (this.#merged) await this.#restore();
		if (records.length > 0) await this.#write(records);
		if (wanted !== null && !beside) await this.#merge(wanted, strength);
	}

	async #merge(adapter: Adapter, strength: number): Promise<void> {
		const values: ParameterValues[] = [];
		for (let layer = 0; layer < this.#config.layers; layer++) {
			for (const { projection } of projectionShapes(this.#config)) {
				const name = `${recordName(this.#config.architecture, layer, projection)}.weight`;
				const original = widened(await this.#original(name), this.#form);
				const data = mergeFused(original, adapter, this.#config, { layer, projection }, strength);
				values.push({ name, data: rounded(data, this.#form) });
			}
		}
		this.#merged = true;
		await this.#write(values);
	}

	async #restore(): Promise<void> {
		await this.#write([...this.#originals].map(([name, data]) => ({ name, data })));
		this.#merged = false;
	}

	async #original(name: string): Promise<ParameterData> {
		const kept = this.#originals.get(name);
		if (kept !== undefined) return kept;
		if (this.#form === null) throw this.#cannotMerge(name);
		try {
			const original = await readParameter(this.#engine, this.#modelId, name);
			this.#originals.set(name, original);
			return original;
		} catch (cause) {
			throw this.#cannotMerge(name, cause);
		}
	}

	#cannotMerge(name: string, cause?: unknown): AppError {
		return new AppError(`${this.#modelId} has no weights ${name} that the adapter could be merged into.`, {
			code: 'adapter-cannot-merge',
			hint: `Train with a rank of at most ${this.#maxRank}, or compare in the training engine.`,
			context: { name, maxRank: this.#maxRank },
			...(cause === undefined ? {} : { cause }),
		});
	}

	#write(values: readonly ParameterValues[]): Promise<void> {
		return writeParameters(this.#engine, this.#modelId, values);
	}
}

/** Numbers of a parameter. Two of 16 bits are one word, the first in its lower half. */
function widened(data: ParameterData, form: MergeForm | null): Float32Array {
	if (data instanceof Float32Array) return data;
	const halves = new Uint16Array(data.buffer, data.byteOffset, 2 * data.length);
	return form === 'bf16' ? widenBrainFloat(halves) : widenHalf(halves);
}

function rounded(data: Float32Array<ArrayBuffer>, form: MergeForm | null): ParameterData {
	if (form === 'f32' || form === null) return data;
	return new Uint32Array((form === 'bf16' ? roundToBrainFloat(data) : roundToHalf(data)).buffer);
}
