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

/** Blocks without gaps since Unicode 6, because libraries differ in the characters of later editions. */
const BLOCKS = [
	[0x00, 0x7f],
	[0x80, 0x24f],
	[0x300, 0x36f],
	[0x400, 0x52f],
	[0x621, 0x65f],
	[0x905, 0x939],
	[0xe01, 0xe3a],
	[0x1e00, 0x1eff],
	[0x2000, 0x2064],
	[0x2150, 0x2189],
	[0x2200, 0x22ff],
	[0x3041, 0x3096],
	[0x4e00, 0x9fa5],
	[0xac00, 0xd7a3],
	[0xff01, 0xff5e],
	[0x1d400, 0x1d454],
	[0x1f600, 0x1f64f],
	[0x20000, 0x2a6d6],
] as const;

function anyCharacter(random: Rng): string {
	const [first, last] = random.pick(BLOCKS);
	return String.fromCodePoint(first + random.int(last - first + 1));
}

/** Makers of one part of a text; kinds that differ between libraries most often are listed twice. */
const PARTS: readonly ((random: Rng) => string)[] = [
	(random) => random.pick(WORDS),
	(random) => random.pick(WORDS),
	(random) => random.pick(WORDS) + random.pick(CONTRACTIONS),
	(random) => random.pick(DIGITS),
	(random) => random.pick(DIGITS),
	(random) => random.pick(SPACES),
	(random) => random.pick(SPACES),
	(random) => random.pick(SIGNS),
	(random) => random.pick(EMOJI),
	(random) => random.pick(WORDS) + random.pick(MARKS) + random.pick(['', random.pick(MARKS)]),
	(random) => random.pick(CODE),
	(random) => random.pick(LONG),
	(random) => Array.from({ length: 1 + random.int(4) }, () => anyCharacter(random)).join(''),
];

function part(random: Rng, special: readonly string[]): string {
	const isSpecial = random.int(PARTS.length + 1) === 0 && special.length > 0;
	return isSpecial ? random.pick(special) : random.pick(PARTS)(random);
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
