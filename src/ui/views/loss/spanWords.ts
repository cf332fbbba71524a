/** The measured account of a span of steps, in sentences. */
import { counted } from '#app/text/format.ts';
import { diffWords } from '#core/revision/measures.ts';
import type { LogpChange, PairAttribution, SpanAttribution } from '#core/loss/attribution.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { fixed, signed } from '../../format.ts';

/** Changes below this are rounded to 0 on the page, nats. */
const LEAST = 0.005;

export function spanName({ from, to }: { from: number; to: number }): string {
	return from === to ? `step ${from}` : `steps ${from} to ${to}`;
}

/** The change of the chosen answers in the mean, and the parts that made it. */
export function spanSentences(span: SpanAttribution, chosen: LogpChange): string[] {
	const over = `Over ${spanName(span)}`;
	const of = span.pairs.length === 1 ? 'the chosen answer' : 'the chosen answers';
	const mean = span.pairs.length === 1 ? '' : `, in the mean over ${counted(span.pairs.length, 'pair')}`;
	const first = isStill(chosen.total)
		? `${over}, log π of ${of} did not change${mean}.`
		: `${over}, log π of ${of} ${chosen.total > 0 ? 'rose' : 'fell'} by ${fixed(Math.abs(chosen.total))} nats${mean}.`;
	return [first, ...partSentence(chosen), ...earlierSentence(chosen)];
}

function partSentence({ chosen, rejected }: LogpChange): string[] {
	if (isStill(chosen) && isStill(rejected)) return [];
	const push = isStill(chosen) ? 'hardly changed it' : `${verb(chosen)} it by ${fixed(Math.abs(chosen))}`;
	const spill = isStill(rejected)
		? 'hardly changed it'
		: `${verb(rejected)} it by ${fixed(Math.abs(rejected))}`;
	return [
		`Their own term ${push}. The term of the rejected answers ${spill}, because both answers share the adapter’s weights.`,
	];
}

function earlierSentence({ earlier }: LogpChange): string[] {
	return isStill(earlier)
		? []
		: [`The optimiser’s momentum of earlier steps accounts for ${signed(earlier)}.`];
}

const verb = (change: number): string => (change > 0 ? 'raised' : 'lowered');
const isStill = (change: number): boolean => Math.abs(change) < LEAST;

/** The weight decay, and what the parts do only together. */
export function restOf({ total, chosen, rejected, earlier }: LogpChange): number {
	return total - chosen - rejected - earlier;
}

/** A pair whose chosen answer fell, and the words that it shares with the rejected answer. */
export interface FallenPair {
	pairId: string;
	number: number;
	chosen: LogpChange;
	shared: string;
}

/** The pairs whose chosen answer fell, the largest fall first. */
export function fallenPairs(
	measured: readonly PairAttribution[],
	pairs: readonly PreferencePair[],
): FallenPair[] {
	return measured
		.filter(({ chosen }) => chosen.total < -LEAST)
		.sort((a, b) => a.chosen.total - b.chosen.total)
		.map(({ pairId, chosen }) => {
			const place = pairs.findIndex(({ id }) => id === pairId);
			return { pairId, chosen, number: place + 1, shared: sharedWords(pairs[place]) };
		});
}

function sharedWords(pair: PreferencePair | undefined): string {
	if (pair === undefined) return '';
	const same = diffWords(pair.rejected, pair.chosen).flatMap(({ kind, text }) =>
		kind === 'same' ? [text.trim()] : [],
	);
	return same.filter((text) => text !== '').join(' … ');
}
