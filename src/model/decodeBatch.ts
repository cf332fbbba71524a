/** A batch of running sequences: their data on the host, and their state on the device between steps. */
import { sampleTokens, type SampleState } from '#engine/kernels/sampleTokens/sampleTokens.ts';
import { readIntsNow, writeInPlace } from '#engine/memory.ts';
import { tensor1d, tensor2d, tidy, zeros, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import { at } from '#core/math/at.ts';
import { rng, type Rng } from '#core/math/rng.ts';

export interface GenerateRow {
	/** Prompt token ids, at least one. */
	ids: readonly number[];
	maxTokens: number;
	/** 0 is greedy. */
	temperature: number;
	topP: number;
	seed: number;
}

/** A running or ended sequence. */
export interface Sequence {
	/** Index of the request and of the KV cache. */
	row: number;
	request: GenerateRow;
	random: Rng;
	ids: number[];
	ended: boolean;
}

/** The largest draw: 1 itself would be past the last token. */
const LARGEST_DRAW = 1 - 2 ** -24;

export function sequenceOf(request: GenerateRow, row: number): Sequence {
	return { row, request, random: rng(request.seed), ids: [], ended: false };
}

/**
 * Rounds up to the kernels' tiles of 1, 4 and 16 rows, which compute the extra rows anyway; batches of equal
 * size share programs.
 */
export function paddedRows(sequences: number): number {
	if (sequences <= 1) return sequences;
	return sequences <= 4 ? 4 : Math.ceil(sequences / 16) * 16;
}

export class DecodeBatch {
	readonly rows: number;
	readonly state: SampleState & { readonly sequences: Tensor1D };
	readonly #slots: readonly Sequence[];
	readonly #steps: number;

	/** @param steps maximum number of steps recorded before ids are read */
	constructor(sequences: readonly Sequence[], steps: number) {
		const rows = paddedRows(sequences.length);
		this.rows = rows;
		this.#slots = sequences;
		this.#steps = steps;
		const column = (fill: number, value: (sequence: Sequence) => number): Tensor1D => {
			const values = new Int32Array(rows).fill(fill);
			values.set(sequences.map(value));
			return tensor1d(values, 'int32');
		};
		const settings = new Float32Array(2 * rows).fill(0);
		sequences.forEach(({ request }, i) => settings.set([request.temperature, request.topP], 2 * i));
		const history: Tensor2D = zeros([steps, rows], 'int32');
		this.state = {
			ids: column(0, ({ ids }) => ids.at(-1) ?? 0),
			positions: column(0, ({ request, ids }) => request.ids.length + ids.length - 1),
			sequences: column(-1, ({ row }) => row),
			settings: tensor2d(settings, [rows, 2]),
			draws: zeros([steps, rows]),
			history,
		};
	}

	/** Sequences that have not ended. */
	get active(): Sequence[] {
		return this.#slots.filter(({ ended }) => !ended);
	}

	/**
	 * Records `steps` steps, waits for them, and gives each running sequence its new tokens, oldest first.
	 *
	 * @param logits records one step and returns its logits [rows, V]
	 */
	async run(
		steps: number,
		logits: () => Tensor2D,
		take: (sequence: Sequence, id: number) => void,
	): Promise<void> {
		this.#writeDraws(steps);
		this.record(steps, logits);
		const ids = await readIntsNow(this.state.history);
		for (const [i, sequence] of this.#slots.entries()) {
			for (let step = 0; step < steps && !sequence.ended; step++)
				take(sequence, at(ids, step * this.rows + i));
		}
	}

	record(steps: number, logits: () => Tensor2D): void {
		for (let step = 0; step < steps; step++) tidy(() => sampleTokens(logits(), this.state, step));
	}

	dispose(): void {
		const { ids, positions, sequences, settings, draws, history } = this.state;
		for (const tensor of [ids, positions, sequences, settings, draws, history]) tensor.dispose();
	}

	/**
	 * Writes the next draws of every sequence from its own stream; the unused draws of a sequence that ends are
	 * dropped.
	 */
	#writeDraws(steps: number): void {
		const draws = new Float32Array(this.#steps * this.rows);
		for (const [i, { request, random, ended }] of this.#slots.entries()) {
			if (ended || request.temperature === 0) continue;
			for (let step = 0; step < steps; step++) {
				draws[step * this.rows + i] = Math.min(random.next(), LARGEST_DRAW);
			}
		}
		writeInPlace(this.state.draws, draws);
	}
}
