/**
 * The adapter in a running WebLLM engine. If its rank is at most the library's compiled rank, it is written
 * beside the weights; otherwise it is merged into the weights in place. The original weights are kept, so
 * that the base can be restored exactly.
 */
import type { MLCEngine } from '@mlc-ai/web-llm';
import type { Adapter } from '#core/adapter/adapter.ts';
import { fuseForWebLLM } from '#core/adapter/fuse.ts';
import { mergeFused } from '#core/adapter/merge.ts';
import { projectionShapes, recordName } from '#core/adapter/projections.ts';
import { AppError, ShapeError } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { readParameter, writeParameters, type ParameterValues } from './privateApi.ts';

export class AdapterSlot {
	readonly #engine: MLCEngine;
	readonly #modelId: string;
	readonly #config: ModelConfig;
	readonly #maxRank: number;
	/** Weights as loaded, by record name; read back once, before the first merge overwrites them. */
	readonly #originals = new Map<string, Float32Array<ArrayBuffer>>();
	#merged = false;

	constructor(engine: MLCEngine, modelId: string, config: ModelConfig, maxRank: number) {
		this.#engine = engine;
		this.#modelId = modelId;
		this.#config = config;
		this.#maxRank = maxRank;
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
				const original = await this.#original(name);
				const data = mergeFused(original, adapter, this.#config, { layer, projection }, strength);
				values.push({ name, data });
			}
		}
		this.#merged = true;
		await this.#write(values);
	}

	async #restore(): Promise<void> {
		await this.#write([...this.#originals].map(([name, data]) => ({ name, data })));
		this.#merged = false;
	}

	async #original(name: string): Promise<Float32Array<ArrayBuffer>> {
		const kept = this.#originals.get(name);
		if (kept !== undefined) return kept;
		try {
			const original = await readParameter(this.#engine, this.#modelId, name);
			this.#originals.set(name, original);
			return original;
		} catch (cause) {
			throw new AppError(
				`${this.#modelId} has no float32 weights ${name} that the adapter could be merged into.`,
				{
					code: 'adapter-cannot-merge',
					hint: `Train with a rank of at most ${this.#maxRank}, or compare in the training engine.`,
					context: { name, maxRank: this.#maxRank },
					cause,
				},
			);
		}
	}

	#write(values: readonly ParameterValues[]): Promise<void> {
		return writeParameters(this.#engine, this.#modelId, values);
	}
}
