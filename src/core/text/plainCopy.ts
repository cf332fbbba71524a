/**
 * A copy of a text in which escapes are decoded and white space and invisible characters are left out, with the
 * place of each character in the text. A search in the copy finds words in every form in which servers write them.
 */

export interface PlainCopy {
	text: string;
	/** The range in the original text of each UTF-16 unit of the copy: first index, and index after the last. */
	starts: readonly number[];
	ends: readonly number[];
}

/** Texts can be escaped more than once: JSON within an address within HTML. */
const MOST_LAYERS = 4;

/** Left out of the copy: white space, and characters without a glyph. */
const UNSEEN = /[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** The escapes of addresses, JSON, JavaScript, HTML, Markdown and quoted-printable, each of limited length. */
const ESCAPE = new RegExp(
	[
		'%(?<utf8>[cd][0-9a-f]%[89ab][0-9a-f])|%(?<byte>[0-9a-f]{2})',
		'\\\\(?:u(?<json>[0-9a-f]{4})|u\\{(?<point>[0-9a-f]{1,6})\\}|x(?<hex>[0-9a-f]{2}))',
		'\\\\(?<sign>[^\\p{L}\\p{N}])',
		'&#0{0,8}(?<decimal>\\d{1,7});?|&#x0{0,8}(?<html>[0-9a-f]{1,6});?',
		'&(?<name>[a-z]{2,8});',
		'(?<space>\\\\[nrt]|=\\r?\\n|<w?br\\s?/?>)',
	].join('|'),
	'giu',
);

const NAMED: Readonly<Record<string, string>> = {
	...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", lowbar: '_', period: '.', sol: '/', bsol: '\\' },
	...{
		plus: '+',
		equals: '=',
		colon: ':',
		semi: ';',
		num: '#',
		dollar: '$',
		percnt: '%',
		ast: '*',
		excl: '!',
	},
	...{ commat: '@', hyphen: '-', dash: '-', nbsp: '', shy: '', zwnj: '', zwj: '', tab: '', newline: '' },
};

/** Takes linear time: each layer reads the text once. */
export function plainCopy(text: string): PlainCopy {
	let copy = layer({ text, starts: [], ends: [] }, true);
	for (let layers = 1; layers < MOST_LAYERS; layers++) {
		const next = layer(copy, false);
		if (next.text.length === copy.text.length) break;
		copy = next;
	}
	return copy;
}

/** @param isOriginal true if each character is its own place */
function layer({ text, starts, ends }: PlainCopy, isOriginal: boolean): PlainCopy {
	const units: string[] = [];
	const next = { starts: [] as number[], ends: [] as number[] };
	const put = (unit: string, from: number, to: number): void => {
		if (UNSEEN.test(unit)) return;
		units.push(unit);
		next.starts.push(isOriginal ? from : (starts[from] ?? 0));
		next.ends.push(isOriginal ? to : (ends[to - 1] ?? 0));
	};
	const putAll = (from: number, to: number): void => {
		for (let i = from; i < to; i++) put(text.charAt(i), i, i + 1);
	};
	let read = 0;
	for (const { 0: found, index, groups = {} } of text.matchAll(ESCAPE)) {
		putAll(read, index);
		read = index + found.length;
		const decoded = decode(groups);
		if (decoded === null) putAll(index, read);
		else for (const unit of decoded.split('')) put(unit, index, read);
	}
	putAll(read, text.length);
	return { text: units.join(''), ...next };
}

/** The characters of an escape; null if it is none. */
function decode(groups: Readonly<Record<string, string | undefined>>): string | null {
	const { utf8, sign, name, decimal } = groups;
	if (groups['space'] !== undefined) return '';
	if (utf8 !== undefined) return twoBytes(utf8);
	if (sign !== undefined) return sign;
	if (name !== undefined) return NAMED[name.toLowerCase()] ?? null;
	const hex = groups['byte'] ?? groups['json'] ?? groups['point'] ?? groups['hex'] ?? groups['html'];
	const point = hex === undefined ? Number(decimal) : parseInt(hex, 16);
	return point <= 0x10ffff ? String.fromCodePoint(point) : null;
}

/** A character of two bytes in UTF-8: no key has characters of more. */
function twoBytes(escapes: string): string {
	const [first = 0, second = 0] = escapes.split('%').map((hex) => parseInt(hex, 16));
	return String.fromCharCode(((first & 0x1f) << 6) | (second & 0x3f));
}
