/** log π of the tokens of some pairs. Pairs share a pass of the model; one that it cannot read is refused. */
import { faultOf, unreadableText } from '#core/batch/rowFaults.ts';
import { tokenizeUsable, tokensOf, type TextTools, type TokenizedPair } from '#core/batch/tokenize.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { PairLogps, SideLogps } from '#core/ports.ts';
import { flush, readLater } from '#engine/memory.ts';
import type { Decoder } from '#model/decoder.ts';
import { logpsForward, logpsOnly } from '#model/logps.ts';
import type { LoraBinding } from '#model/lora.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import { packForStep } from '#train/pack.ts';

/** Tokens of a pass: enough to fill it, and about those of a training step, so that memory does not grow. */
const MOST_TOKENS = 1024;

/** A pair with its place in the call. */
interface PlacedPair {
	index: number;
	tokenized: TokenizedPair;
}

/** @returns one for each pair, in their order */
export async function pairLogps(
	model: Decoder,
	lora: LoraBinding | null,
	tools: TextTools,
	pairs: readonly PreferencePair[],
): Promise<readonly PairLogps[]> {
	const read: PairLogps[] = [];
	const usable: PlacedPair[] = [];
	for (const [index, pair] of pairs.entries()) {
		try {
			usable.push({ index, tokenized: tokenizeUsable(pair, tools, model.positions) });
		} catch (thrown) {
			read[index] = { refused: faultOf(unreadableText(thrown)) };
		}
	}
	for (const batch of batchesOf(usable)) {
		const sides = await readBatch(
			model,
			lora,
			batch.map(({ tokenized }) => tokenized),
		);
		for (const [i, { index }] of batch.entries()) read[index] = sides(i);
	}
	return read;
}

/** Neighbours together, up to the limit; a longer pair alone. */
function batchesOf(pairs: readonly PlacedPair[]): PlacedPair[][] {
	const batches: PlacedPair[][] = [];
	let room = 0;
	for (const pair of pairs) {
		const tokens = tokensOf(pair.tokenized);
		const last = batches.at(-1);
		if (last === undefined || tokens > room) {
			batches.push([pair]);
			room = MOST_TOKENS;
		} else last.push(pair);
		room -= tokens;
	}
	return batches;
}

/** @returns the sides of pair i of the batch */
async function readBatch(
	model: Decoder,
	lora: LoraBinding | null,
	pairs: readonly TokenizedPair[],
): Promise<(i: number) => SideLogps> {
	const packed = packForStep(pairs);
	const batch = uploadBatch(packed);
	const pass = logpsForward(model, batch, lora, 'none');
	const reading = readLater(pass.tokenLogps);
	logpsOnly(pass).dispose();
	disposeBatch(batch);
	flush();
	const all = await reading;
	// Chosen and rejected of pair i are segments 2i and 2i + 1.
	const side = (segment: number): Float32Array => all.filter((_, n) => packed.segment[n] === segment);
	return (i) => ({ chosen: side(2 * i), rejected: side(2 * i + 1) });
}
