/** Resolves the escapes of other formats around or inside a revised text, if the original has none. */
import { keptShare } from './likeness.ts';
import type { Unwrap } from './wrapping.ts';

const CDATA = /^<!\[CDATA\[(?<inner>[\s\S]*)\]\]>$/;

/** A CDATA section of XML around the text. */
export const outsideCdata: Unwrap = (text, original) =>
	original.text.includes('<![CDATA[') ? text : (CDATA.exec(text)?.groups?.['inner'] ?? text);

const NAMED: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	nbsp: ' ',
	lsquo: '‘',
	rsquo: '’',
	ldquo: '“',
	rdquo: '”',
	laquo: '«',
	raquo: '»',
	ndash: '–',
	mdash: '—',
	hellip: '…',
	euro: '€',
	deg: '°',
};
const ENTITY = /&(?:(?<name>[a-z]{2,6})|#(?<decimal>\d{2,6})|#x(?<hex>[\da-f]{2,5}));/gi;
const ABOUT_MARKUP = /&[a-z#]\w{1,6};|\b(?:html|xml|entit(?:y|ies)|escap\w{1,4})\b/i;

/** Entities of HTML inside the text. */
export const unescaped: Unwrap = (text, original) => {
	if (!text.includes('&') || ABOUT_MARKUP.test(original.text)) return text;
	return text.replace(ENTITY, (entity, name?: string, decimal?: string, hex?: string) => {
		if (name !== undefined) return NAMED[name.toLowerCase()] ?? entity;
		const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
		return code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
	});
};

/** The only string in a list or object of JSON; null if there is none. */
function onlyString(text: string): string | null {
	try {
		const values = Object.values(JSON.parse(text) as object);
		return values.length === 1 && typeof values[0] === 'string' ? values[0] : null;
	} catch {
		// Most texts in brackets are not JSON.
		return null;
	}
}

/** Least share of the original's words in a value of JSON that is the answer. */
const ALIKE = 0.5;

/** A list or object of JSON with the answer as its only value. */
export const outsideJson: Unwrap = (text, original) => {
	if (!/^[[{]/.test(text) || /^\s*[[{]/.test(original.text)) return text;
	const value = onlyString(text);
	return value !== null && keptShare(original, value) >= ALIKE ? value : text;
};

/** CriticMarkup, and the form of `wdiff`: `{~~old~>new~~}`, `{++new++}`, `{--old--}`, `[-old-]`, `{+new+}`. */
const MARKUP =
	/\{~~[^{}\n]{0,200}?~>(?<next>[^{}\n]{0,200}?)~~\}|\{\+\+(?<added>[^{}\n]{0,200}?)\+\+\}|\{--[^{}\n]{0,200}?--\}[ ]?|\{==(?<marked>[^{}\n]{0,200}?)==\}|\{>>[^{}\n]{0,200}?<<\}|\[-[^[\]\n]{1,200}?-\][ ]?|\{\+(?<inserted>[^{}\n]{1,200}?)\+\}/g;
/** `[have six -> has eight]`. */
const INLINE =
	/[[({](?<old>[^[\](){}\n→]{1,120}?)[ ]?(?:~>|-+>|=+>|→|➜|⇒)[ ]?(?<next>[^[\](){}\n→]{1,120})[\])}]/g;

/** Edits that are marked inside the text become their results. */
export const edited: Unwrap = (text, original) => {
	const { text: before } = original;
	if (/\{[~+\-=>]|\[-|[~=-]>|[→➜⇒]/.test(before)) return text;
	const resolved = text.replace(MARKUP, (...found) => {
		const groups = found.at(-1) as Record<string, string | undefined>;
		return groups['next'] ?? groups['added'] ?? groups['marked'] ?? groups['inserted'] ?? '';
	});
	const known = before.toLowerCase();
	return resolved.replace(INLINE, (all, old: string, next: string) =>
		known.includes(old.trim().toLowerCase()) ? next.trim() : all,
	);
};
