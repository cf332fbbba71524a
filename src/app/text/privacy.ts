/** Strikes out of a report what belongs to the user: keys of endpoints, prompts, and the texts of a run. Pure. */

export interface PrivateData {
	/** Keys of endpoints, as the user gave them. */
	keys: readonly string[];
	/** Prompts, answers, revisions, replies: no quote of them may be in a report. */
	texts: readonly string[];
}

const KEY = '[key]';
const TEXT = '[text of the run]';

/** The shortest private text that is searched as a whole; shorter ones are parts of ordinary words. */
const SHORTEST = 4;
/** A quote of this many characters is found wherever it begins and ends. */
const QUOTE = 24;
const STRIDE = 4;
const WINDOW = QUOTE - STRIDE + 1;
/** Longer texts are cut, so that the search stays short. */
const LONGEST = 4000;

/** The forms in which servers write keys, for keys that this page never had. */
const PATTERNS: readonly [RegExp, string][] = [
	[/\b(bearer|basic|token)(\s+|%20)[^\s"',;]+/gi, `$1 ${KEY}`],
	[/\b(?:sk|pk|rk|hf|gsk|xai|key|AIza)[-_][\w.*-]{8,}/gi, KEY],
	[/\bAIza[\w-]{20,}/g, KEY],
	[/\beyJ[\w-]{10,}\.[\w-]+(?:\.[\w-]*)?/g, KEY],
	[/(\w+:\/\/)[^\s/@"']+@/g, `$1${KEY}@`],
	[/([?&][\w.-]+=)[^&\s"'#]+/g, `$1${KEY}`],
	[/((?:api[-_ ]?key|authorization|password|secret)["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi, `$1${KEY}`],
];

/** Copies a value of a report with every text in it struck through. */
export function withoutPrivate(value: unknown, data: PrivateData): unknown {
	const strike = striker(data);
	const copy = (one: unknown): unknown => {
		if (typeof one === 'string') return strike(one);
		if (Array.isArray(one)) return one.map(copy);
		if (typeof one !== 'object' || one === null) return one;
		return Object.fromEntries(Object.entries(one).map(([name, inner]) => [strike(name), copy(inner)]));
	};
	return copy(value);
}

function striker({ keys, texts }: PrivateData): (text: string) => string {
	const forms = keys.flatMap(formsOf).toSorted((a, b) => b.length - a.length);
	const whole = [...new Set(texts.map((text) => text.trim()))]
		.filter((text) => text.length >= SHORTEST)
		.toSorted((a, b) => b.length - a.length);
	const corpus = whole.join('\n');
	return (text) => {
		let result = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
		for (const form of forms) result = result.replaceAll(form, KEY);
		for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement);
		for (const one of whole) if (result.includes(one)) result = result.replaceAll(one, TEXT);
		return withoutQuotes(result, corpus);
	};
}

/** A key as it is, and as an address or a header carries it. */
function formsOf(key: string): readonly string[] {
	const clean = key.trim();
	if (clean === '') return [];
	const latin = Array.from(clean).every((char) => char.charCodeAt(0) < 256);
	return [...new Set([key, clean, encodeURIComponent(clean), ...(latin ? [btoa(clean)] : [])])];
}

/** Strikes out parts of private texts, which servers quote in their messages. */
function withoutQuotes(text: string, corpus: string): string {
	let result = '';
	let at = 0;
	while (at < text.length) {
		const window = text.slice(at, at + WINDOW);
		if (window.length < WINDOW || !corpus.includes(window)) {
			result += text.slice(at, at + STRIDE);
			at += STRIDE;
			continue;
		}
		let end = at + WINDOW;
		while (end < text.length && corpus.includes(text.slice(at, end + 1))) end++;
		const start = startOf(result, text.slice(at, end), corpus);
		result = result.slice(0, start) + TEXT;
		at = end;
	}
	return result;
}

/** Index in `before` where the quote begins: the window is found up to a stride after it. */
function startOf(before: string, quote: string, corpus: string): number {
	let start = before.length;
	while (start > 0 && corpus.includes(before.slice(start - 1) + quote)) start--;
	return start;
}
