/** While a reply streams, no start of the key is shown, in whichever form the server writes it. */
import { describe, expect, test } from 'vitest';
import { startOfKeyCutter } from '#core/text/keyStart.ts';
import { plainCopy } from '#core/text/plainCopy.ts';
import { redactor } from '#core/text/redact.ts';

const KEY = 'Zq7-amber/falcon-90210-xyz';
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '');
const hex = (letter: string): string => letter.charCodeAt(0).toString(16).padStart(2, '0');
const each = (write: (letter: string) => string): string => Array.from(KEY, write).join('');

/** Characters of a form that say something about the key. */
const LEAST = 8;
const decoded = (text: string): string => plainCopy(text).text.toLowerCase();

const FORMS: readonly (readonly [string, string])[] = [
	['as given', KEY],
	['in capitals', KEY.toUpperCase()],
	['in an address', encodeURIComponent(KEY)],
	['in base64', base64(KEY)],
	['in basic authentication', base64(`me:${KEY}`)],
	['as bytes of an address', each((letter) => `%${hex(letter)}`)],
	['as escapes of JSON', each((letter) => `\\u00${hex(letter)}`)],
	['as entities', each((letter) => `&#x${hex(letter)};`)],
	['with spaces', Array.from(KEY).join(' ')],
	['with zero-width spaces', Array.from(KEY).join('\u200b')],
	['with a slash of JSON', KEY.replace('/', '\\/')],
	['its second half', KEY.slice(-13)],
];

test.each(FORMS)('%s', (_name, written) => {
	const [strike, cut] = [redactor(KEY), startOfKeyCutter(KEY)];
	const reply = `Your key is ${written} today`;
	for (let length = 0; length <= reply.length; length++) {
		const shown = cut(strike(reply.slice(0, length))).slice('Your key is '.length);
		expect(decoded(shown)).not.toContain(decoded(written).slice(0, LEAST));
	}
	expect(cut(strike(reply))).toMatch(/^Your key is (?:bWU6)?\[key\] today$/);
});

describe('other text', () => {
	test.each(['A spider has eight legs', 'amber', '100%', 'a &amp', ''])('%j stays', (text) => {
		expect(startOfKeyCutter(KEY)(text)).toBe(text);
	});

	test.each(['', 'abc', 'none', 'ollama'])('the key %j hides nothing', (key) => {
		expect(startOfKeyCutter(key)('abc none ollam')).toBe('abc none ollam');
	});

	test('only the end is looked at', () => {
		expect(startOfKeyCutter(KEY)('Zq7-amb is a start. Zq7-amb')).toBe('Zq7-amb is a start. ');
	});
});
