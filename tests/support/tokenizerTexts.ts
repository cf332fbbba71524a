/**
 * Seeded texts that two implementations of one tokenizer may read differently: digits of many scripts, runs of
 * spaces and line ends, contractions, emoji with joiners, combining marks, scripts without spaces, code, addresses
 * and the tokenizer's own special tokens. A text is a function of the seed and its index, so a golden needs to store
 * only the ids.
 */
import { at } from '#core/math/at.ts';
import { rng, type Rng } from '#core/math/rng.ts';

const WORDS = Array.from(
	'the|and|Paris|naïve|ALLCAPS|camelCase|snake_case|don’t|straße|ﬁne|Ωmega|İstanbul|привет|мир|ελληνικά|שָׁלוֹם|مرحبا|हिन्दी|ไทย|한국어|안녕|日本語|漢字|カタカナ|㍿|𝔘𝔫𝔦|ǅ|e\u0301|Å|Å|ﷺ|𠮷野家'.split(
		'|',
	),
);
const CONTRACTIONS = "'s|'S|'t|'re|'RE|'ve|'m|'ll|'Ll|'d|'\u017F|’s|I'VE|we'll|x'y|''s|'".split('|');
const DIGITS =
	'0|7|42|999|2024|1234567|3.14159|1,000,000|½|²|③|Ⅷ|٣٤|१२३|４２|𝟘𝟙|一二三|〇|൰|1st|x1y2z3|0x1F|10^6|9e-5'.split(
		'|',
	);
const SPACES = [
	' ',
	'  ',
	'   ',
	'        ',
	'\t',
	'\t\t',
	'\n',
	'\n\n',
	'\n\n\n',
	'\r\n',
	'\r',
	' \n ',
	'\n  ',
	'\u00a0',
	'\u2003',
	'\u3000',
	'\u200b',
	'\ufeff',
	'\u0085',
	'\u2028',
	'\v',
	'\f',
	'\u1680',
	'\u202f',
	'\u00ad',
	'\u180e',
];
const SIGNS = Array.from('.,;:!?-_()[]{}<>/\\|@#$%^&*+=~`"…—“”«»¿¡€£©™°±×÷→∑√∞≠№§¶•·▁Ġ�').concat([
	'...',
	'--',
	'!!',
	'?!',
	'=>',
	'::',
	'//',
	'▁▁',
	'```',
]);
const EMOJI = '😀|👍🏽|👩‍👩‍👧|🏳️‍🌈|🇫🇷🇩🇪|❤️|☺|1️⃣|🧑🏿‍🚀|\u200d|\ufe0f|🤷‍♀️'.split('|');
const MARKS = '\u0301|\u0308|\u0327|\u0345|\u093f|\u0e31|\u05b7|\u064b|\u20dd|\u{1d165}'.split('|');
const CODE = [
	'def f(x):\n    return x**2  # 42\n',
	'for (let i = 0; i < n; i++) {\n\ta[i] += 1;\n}',
	"SELECT * FROM t WHERE a <> 'b';",
	'{"a": [1, 2.5e-3, null], "b": "\\u00e9"}',
	'#!/bin/sh\r\necho "$HOME" | sed -e \'s/a/b/g\'\r\n',
	'<div class="x">&nbsp;</div>',
	'https://example.com/path?q=1&r=%20#frag',
	'me@example.org',
	'C:\\Users\\a\\b.txt',
	'\\frac{1}{2} $x_{i}^2$',
];
const LONG = [
	'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
	'----------------',
	'================',
	'    \n    \n',
	'哈哈哈哈哈哈哈哈',
	'abababababababab',
];

/** A scalar value of Unicode's assigned planes; unassigned ones are left out, because libraries differ in their edition. */
function anyCharacter(random: Rng): string {
	const range = random.pick([
		[0x00, 0x7f],
		[0x80, 0x24f],
		[0x250, 0x58f],
		[0x590, 0x8ff],
		[0x900, 0x109f],
		[0x1100, 0x1fff],
		[0x2000, 0x2bff],
		[0x2c00, 0x2fff],
		[0x3000, 0x33ff],
		[0x3400, 0x9fff],
		[0xa000, 0xd7ff],
		[0xf900, 0xffef],
		[0x10000, 0x1007f],
		[0x1d400, 0x1d7ff],
		[0x1f300, 0x1f6ff],
		[0x20000, 0x2a6df],
	] as const);
	const [first, last] = range;
	const character = String.fromCodePoint(first + random.int(last - first + 1));
	return /\p{Cn}/u.test(character) ? 'x' : character;
}

function part(random: Rng, special: readonly string[]): string {
	const kind = random.int(14);
	if (kind < 3) return random.pick(WORDS) + (random.int(4) === 0 ? random.pick(CONTRACTIONS) : '');
	if (kind < 5) return random.pick(DIGITS);
	if (kind < 7) return random.pick(SPACES);
	if (kind === 7) return random.pick(SIGNS);
	if (kind === 8) return random.pick(EMOJI);
	if (kind === 9)
		return random.pick(WORDS) + random.pick(MARKS) + (random.int(2) === 0 ? random.pick(MARKS) : '');
	if (kind === 10) return random.pick(CODE);
	if (kind === 11) return Array.from({ length: 1 + random.int(4) }, () => anyCharacter(random)).join('');
	if (kind === 12) return random.pick(LONG);
	return special.length > 0 ? random.pick(special) : random.pick(CONTRACTIONS);
}

/** @param special contents of the tokenizer's added tokens, which texts contain too */
export function tokenizerText(index: number, special: readonly string[] = []): string {
	const random = rng(0x5eed).fork(String(index));
	const glue = random.pick(['', ' ', ' ', ' ', '']);
	const parts = Array.from({ length: 1 + random.int(12) }, () => part(random, special));
	return parts
		.map((text, i) =>
			i === 0 ? text : random.pick([glue, glue, glue, at(SPACES, random.int(SPACES.length))]) + text,
		)
		.join('');
}
