/** Strikes out of a report what belongs to the user: keys of endpoints, prompts, and the texts of a run. Pure. */
import { excerpt } from '#core/text/excerpt.ts';
import { commonWindows, QUOTE, withoutWindows } from '#core/text/quotes.ts';
import { redactor, withoutKeyForms } from '#core/text/redact.ts';

export interface PrivateData {
	/** Keys of endpoints, as the user gave them. */
	keys: readonly string[];
	/** Prompts, answers, revisions, replies: no quote of them may be in a report. */
	texts: readonly string[];
}

type Change = (text: string) => string;

const TEXT = '[text of the run]';

/** The shortest private text that is searched as a whole; shorter ones are parts of ordinary words. */
const SHORTEST = 4;
/** Longer texts are cut, after everything private is struck out of them. */
const LONGEST = 4000;

/** Copies a value of a report with every text in it struck through. */
export function withoutPrivate(value: unknown, { keys, texts }: PrivateData): unknown {
	const withoutKeys = changed(value, keyStriker(keys));
	const strike = textStriker(textsIn(withoutKeys), texts);
	return changed(withoutKeys, (text) => excerpt(strike(text), LONGEST));
}

function changed(value: unknown, change: Change): unknown {
	if (typeof value === 'string') return change(value);
	if (Array.isArray(value)) return value.map((one) => changed(one, change));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, inner]) => [change(name), changed(inner, change)]),
	);
}

function textsIn(value: unknown): readonly string[] {
	const texts: string[] = [];
	changed(value, (text) => {
		texts.push(text);
		return text;
	});
	return texts;
}

/** Longer keys first, because a key can be a part of another. */
function keyStriker(keys: readonly string[]): Change {
	const redactors = [...new Set(keys)].toSorted((a, b) => b.length - a.length).map(redactor);
	return (text) => withoutKeyForms(redactors.reduce((struck, redact) => redact(struck), text));
}

/** @param report all texts that will be struck through, so that the run's texts are read once for all of them */
function textStriker(report: readonly string[], texts: readonly string[]): Change {
	const whole = [...new Set(texts.map((text) => text.trim()))];
	const common = commonWindows(report, [...new Set(texts)]);
	const starts = new Set(report.flatMap(startsIn));
	const short = whole
		.filter(({ length }) => length >= SHORTEST && length < QUOTE)
		.filter((text) => starts.has(text.slice(0, SHORTEST)))
		.toSorted((a, b) => b.length - a.length);
	// Quotes first: without a short text in its middle, a quote could fall below the length that is found.
	return (text) =>
		short.reduce((struck, one) => struck.replaceAll(one, TEXT), withoutWindows(text, common, TEXT));
}

/** Every part of the length of the shortest private text. */
function startsIn(text: string): readonly string[] {
	return Array.from({ length: Math.max(0, text.length - SHORTEST + 1) }, (_, i) =>
		text.slice(i, i + SHORTEST),
	);
}
