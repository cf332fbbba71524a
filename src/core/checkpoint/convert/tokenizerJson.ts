/** The parts of `tokenizer.json` that a conversion reads or corrects. */
import { isRecord, type Fields } from '../../format/record.ts';

/**
 * Replaces the step `Digits`, which the Rust library takes as \p{N} and the JavaScript one as \d, so that "½ ²"
 * would get other ids in the two engines. The new step has one meaning in both, the Rust one.
 */
export function withOneMeaningOfDigits(tokenizerJson: Fields): Fields {
	return { ...tokenizerJson, pre_tokenizer: withoutDigits(tokenizerJson['pre_tokenizer']) };
}

/** Known tokenizers nest steps twice; a hostile file could nest them until the stack is full. */
const DEEPEST = 8;

function withoutDigits(step: unknown, depth = 0): unknown {
	if (!isRecord(step) || depth > DEEPEST) return step;
	if (step['type'] === 'Digits') {
		const regex = step['individual_digits'] === true ? '\\p{N}' : '\\p{N}+';
		return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
	}
	const steps: unknown = step['pretokenizers'];
	return Array.isArray(steps)
		? { ...step, pretokenizers: steps.map((inner) => withoutDigits(inner, depth + 1)) }
		: step;
}

/** Ids of the added tokens by their text. */
export function addedTokens(tokenizerJson: Fields): Map<string, number> {
	const added: unknown = tokenizerJson['added_tokens'];
	const list: readonly unknown[] = Array.isArray(added) ? added : [];
	return new Map(
		list.flatMap((token): [string, number][] => {
			if (!isRecord(token)) return [];
			const { content, id } = token;
			return typeof content === 'string' && typeof id === 'number' ? [[content, id]] : [];
		}),
	);
}

/** True if the tokenizer puts a space before every text that it encodes. */
export function prependsSpace(tokenizerJson: Fields): boolean {
	return holdsType(tokenizerJson['normalizer'], 'Prepend', 'normalizers');
}

/** True if unknown characters are tokens of their bytes, `<0x0A>`. */
export function hasByteFallback(tokenizerJson: Fields): boolean {
	return holdsType(tokenizerJson['decoder'], 'ByteFallback', 'decoders');
}

function holdsType(step: unknown, type: string, list: string, depth = 0): boolean {
	if (!isRecord(step) || depth > DEEPEST) return false;
	const inner: unknown = step[list];
	return (
		step['type'] === type ||
		(Array.isArray(inner) && inner.some((one) => holdsType(one, type, list, depth + 1)))
	);
}
