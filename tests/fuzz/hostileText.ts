/** Hostile and broken texts of rows, for properties of imports and of their formats. */
import fc from 'fast-check';

/** Pieces of which hostile and broken files are made. */
const PIECES = [
	...[
		'{',
		'}',
		'[',
		']',
		'"',
		"'",
		',',
		';',
		'\t',
		'|',
		':',
		'\n',
		'\r',
		'\r\n',
		'\\',
		' ',
		'\uFEFF',
		'\0',
		'""',
	],
	...[
		'"prompt"',
		'"chosen"',
		'"rejected"',
		'null',
		'NaN',
		'-Infinity',
		'None',
		'1',
		'sep=;',
		'prompt',
		'id',
		'\ud83d',
	],
	...[
		'{"prompt":"p","chosen":"a","rejected":"b"}',
		'{"prompt":"q"}',
		'{"rows":[',
		'{"row":',
		'[{"role":"user"',
	],
	...[
		'\n\nHuman: q',
		'\n\nAssistant: a',
		'<|im_start|>user',
		'[INST]',
		'### Instruction:',
		'A: ',
		'- x',
		'1. y',
	],
	...['__proto__', 'constructor', '<!doctype html><html><head>', 'a b c.', '"quoted, text"', 'array(', 'ß🙂'],
];
export const hostileText = fc
	.array(
		fc.oneof(
			{ weight: 4, arbitrary: fc.constantFrom(...PIECES) },
			fc.string({ unit: 'binary', maxLength: 6 }),
		),
		{
			maxLength: 40,
		},
	)
	.map((parts) => parts.join(''));

/** Bytes of any kind, with the signatures of binary files and in two encodings. */
export const hostileBytes = fc.oneof(
	fc.uint8Array({ maxLength: 200 }),
	fc
		.tuple(
			fc.constantFrom(
				[0x1f, 0x8b, 8],
				[0x50, 0x41, 0x52, 0x31],
				[0x50, 0x4b, 3, 4],
				[0xff, 0xfe],
				[0xef, 0xbb, 0xbf],
			),
			fc.uint8Array({ maxLength: 100 }),
		)
		.map(([start, rest]) => new Uint8Array([...start, ...rest])),
	hostileText.map((text) => new TextEncoder().encode(text)),
	hostileText.map((text) => Uint8Array.from(Buffer.from(text, 'utf16le'))),
);
