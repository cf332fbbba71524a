/**
 * A loaded model as the engine uses it: decoder, tokenizer, stop tokens, and the state that its training runs
 * share.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { pairTokens, type TokenizedSides } from '#core/batch/pairTokens.ts';
import { tokenizePairs, type TokenizedSet } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type {
	AnswersOnTheWay,
	ChatReply,
	GenerateRequest,
	PairGradientJob,
	PairLogps,
	Progress,
	PromptReply,
	SpanJob,
	TrainJob,
} from '#core/ports.ts';
import type { WeightStorage } from '#core/device/kernels.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Device } from '#engine/device.ts';
import { tensor1d } from '#engine/tensor.ts';
import { loadDecoder, type Decoder } from '#model/decoder.ts';
import { generateBatch, type Generated } from '#model/generate.ts';
import { bindLora, deviceLora, paramsOf, type LoraBinding } from '#model/lora.ts';
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { stopTokenIds } from '#runtime/tokenizer/stopTokens.ts';
import { loadTokenizer, type TextTools } from '#runtime/tokenizer/tokenizer.ts';
import type { Controls } from '#train/controls.ts';
import { DeviceMemory } from '#train/deviceMemory.ts';
import { attributeSpan } from '#train/measure/attributeSpan.ts';
import type { MeasuringParts } from '#train/measure/inTurn.ts';
import { pairGradients } from '#train/measure/pairGradients.ts';
import { ReferenceCache } from '#train/reference.ts';
import { Trainer } from '#train/trainer.ts';
import { Turns } from '#train/turns.ts';
import { referenceModel, type ReferenceModel } from './beginning.ts';
import { pairLogps } from './pairLogps.ts';
import { promptBatches, rowsOf, type PromptBatches } from './promptBatches.ts';

export class ComputeModel {
	readonly config: ModelConfig;
	readonly decoder: Decoder;
	readonly tools: TextTools;
	readonly #stopIds: ReadonlySet<number>;
	readonly #device: Device;
	readonly #turns = new Turns();
	readonly #memory = new DeviceMemory();
	readonly #references = new ReferenceCache();

	private constructor(decoder: Decoder, tools: TextTools, { chatConfig }: ModelFiles, device: Device) {
		this.#device = device;
		this.config = decoder.config;
		this.decoder = decoder;
		this.tools = tools;
		this.#stopIds = stopTokenIds(tools.eosTokenId, [chatConfig]);
	}

	/**
	 * Uploads the weights one by one.
	 *
	 * @throws FormatError if the files do not fit together; DeviceError if a weight is larger than the GPU allows; those of the
	 *   files
	 */
	static async load(
		files: ModelFiles,
		device: Device,
		weights: WeightStorage = 'f32',
	): Promise<ComputeModel> {
		const tools = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);
		const decoder = await loadDecoder(files.config, files.eachWeight, weights);
		return new ComputeModel(decoder, tools, files, device);
	}

	/** @param adapter null or strength 0 answers with the base model */
	async generate(
		request: GenerateRequest,
		adapter: Adapter | null,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<PromptReply[]> {
		const replies: PromptReply[] = [];
		const take = (index: number, reply: PromptReply): void => {
			replies[index] = reply;
			onReply(index, reply);
		};
		const { batches, refused } = this.#promptBatches(request);
		for (const { index, error } of refused) take(index, { refused: error });
		if (batches.length === 0) return replies;
		await this.#withAdapter(adapter, request.strength, async (lora) => {
			for (const batch of batches) {
				const rows = batch.map(({ row }) => row);
				await generateBatch(this.decoder, lora, rows, {
					stopIds: this.#stopIds,
					signal,
					onDone: (row, generated) => take(at(batch, row).index, this.#reply(generated)),
				});
			}
		});
		return replies;
	}

	tokenize(pair: PreferencePair, maxLength: number): TokenizedSides {
		return pairTokens(pair, maxLength, this.tools);
	}

	/** See `ComputeEngine.tokenLogps`. */
	tokenLogps(pairs: readonly PreferencePair[], adapter: Adapter | null): Promise<readonly PairLogps[]> {
		return this.#withAdapter(adapter, 1, (lora) => pairLogps(this.decoder, lora, this.tools, pairs));
	}

	#promptBatches(request: AnswersOnTheWay): PromptBatches {
		return promptBatches(request, this.tools, this.decoder.positions - 1);
	}

	/**
	 * A trainer of this model; it takes turns with the others. Pairs are cut at the recipe's and the model's length. The caller
	 * disposes of the reference model after the run.
	 *
	 * @throws ShapeError `adapter-other-model` · AppError `begin-block-weights`
	 */
	trainer(job: TrainJob, controls: Controls): { trainer: Trainer; reference: ReferenceModel } {
		const reference = referenceModel(this.decoder, job);
		return { trainer: this.#trainerOn(reference.model, job, controls), reference };
	}

	#trainerOn(
		model: Decoder,
		{ recipe, pairs, begin, resume, startPaused, answers }: TrainJob,
		controls: Controls,
	): Trainer {
		const set = this.#trainable(recipe, pairs);
		// A reference that the recipe does not name is not known again.
		const isNamed = begin === undefined || recipe.begin !== undefined;
		return new Trainer(
			{
				model,
				recipe,
				pairs: set.pairs,
				truncated: set.truncated,
				leftOut: set.leftOut,
				resume,
				startPaused,
				answers: answers === null ? [] : rowsOf(this.#promptBatches(answers)),
				fault: () => this.#device.fault(),
				turns: this.#turns,
				memory: this.#memory,
				...(isNamed ? { references: this.#references } : {}),
			},
			controls,
		);
	}

	/** See `ComputeEngine.attributeSpan`. */
	attributeSpan(
		job: SpanJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<SpanAttribution> {
		const { pairs } = this.#trainable(job.recipe, job.pairs);
		return this.#measure(job, signal, (parts) => attributeSpan({ ...job, ...parts, pairs, onProgress }));
	}

	/** See `ComputeEngine.pairGradients`. */
	pairGradients(
		job: PairGradientJob,
		onPair: (pair: PairGradient) => void,
		signal: AbortSignal,
	): Promise<readonly PairGradient[]> {
		const usable = (rows: readonly PreferencePair[]) => this.#trainable(job.recipe, rows).pairs;
		const [pairs, heldOut, drift] = [usable(job.pairs), usable(job.heldOut), usable(job.drift)];
		return this.#measure(job, signal, (parts) =>
			pairGradients({ ...job, ...parts, pairs, heldOut, drift, onPair }),
		);
	}

	/** Measures on the run's reference model. */
	async #measure<T>(
		job: Pick<TrainJob, 'begin' | 'recipe'>,
		signal: AbortSignal,
		work: (parts: MeasuringParts & { model: Decoder }) => Promise<T>,
	): Promise<T> {
		const reference = referenceModel(this.decoder, job);
		try {
			const { model } = reference;
			return await work({ model, turns: this.#turns, fault: () => this.#device.fault(), signal });
		} finally {
			reference.dispose();
		}
	}

	#trainable({ training }: Recipe, pairs: readonly PreferencePair[]): TokenizedSet {
		return tokenizePairs(pairs, this.tools, Math.min(training.maxLength, this.decoder.positions));
	}

	dispose(): void {
		this.decoder.dispose();
	}

	#reply({ ids, finishReason }: Generated): ChatReply {
		const text = this.tools.tokenizer.decode(ids, { skipSpecialTokens: true });
		return { text, finishReason, tokens: ids.length, tokenIds: ids };
	}

	async #withAdapter<T>(
		adapter: Adapter | null,
		strength: number,
		work: (lora: LoraBinding | null) => Promise<T>,
	): Promise<T> {
		if (adapter === null || strength === 0) return work(null);
		const lora = deviceLora(this.config, adapter.config);
		const params = tensor1d(paramsOf(lora, adapter));
		try {
			return await work(bindLora(lora, params, strength));
		} finally {
			params.dispose();
		}
	}
}
