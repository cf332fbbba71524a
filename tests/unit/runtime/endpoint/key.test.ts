/** The key leaves the connection in no text: neither in replies nor in errors, in any form that servers repeat. */
import { describe, expect, it } from 'vitest';
import { toWire } from '#core/errors.ts';
import { redactor } from '#core/text/redact.ts';
import { listModels } from '#runtime/endpoint/modelList.ts';
import { ask, failureOf, never, start } from './asking.ts';
import { completion, delta, event, json } from './server.ts';

const KEY = 'amber-falcon-90210-xyz';
const basic = (text: string): string => `Basic ${btoa(text)}`;

describe('redactor', () => {
	const redact = redactor(KEY);

	it.each([
		['as given', KEY],
		['twice', `${KEY}, ${KEY}`],
		['in capitals', KEY.toUpperCase()],
		['within a word', `x${KEY}x`],
		['as basic authentication', basic(`user:${KEY}`)],
		['as basic authentication of another length', basic(`me:${KEY}`)],
		['as basic authentication without a user', basic(`:${KEY}`)],
		['with its end hidden', `${KEY.slice(0, 14)}…`],
		['with its start hidden', `***${KEY.slice(-14)}`],
	])('strikes it out %s', (_name, text) => {
		const struck = redact(`The key ${text} is unknown.`);
		expect(struck).toContain('[key]');
		for (const part of [KEY, KEY.toUpperCase(), KEY.slice(0, 12), btoa(KEY).slice(4, 20)])
			expect(struck).not.toContain(part);
	});

	it.each([
		['with signs that addresses encode', 'a/b+c=d&e f"g\\h', encodeURIComponent('a/b+c=d&e f"g\\h')],
		['with signs that JSON encodes', 'quote"and\\slash', JSON.stringify('quote"and\\slash')],
		['with spaces that a server collapses', 'two  spaces here', 'two spaces here'],
		['with spaces that a server drops', 'two  spaces here', 'twospaceshere'],
		['with signs of patterns', 'a.*[b](c)+?$^', 'a.*[b](c)+?$^'],
		['of letters beyond ASCII', 'schlüssel-übung', encodeURIComponent('schlüssel-übung')],
		['with a lone surrogate', 'abcdefgh\ud800', 'abcdefgh\ud800'],
	])('strikes out a key %s', (_name, key, repeated) => {
		expect(redactor(key)(`Not known: ${repeated}.`)).toMatch(/^Not known: "?\[key\]"?\.$/);
	});

	const every = (write: (code: number) => string) => (key: string) =>
		Array.from(key, (sign) => write(sign.charCodeAt(0))).join('');
	const hex = (code: number, length = 2): string => code.toString(16).padStart(length, '0');
	it.each<[string, (key: string) => string]>([
		['every character as in an address', every((code) => `%${hex(code)}`)],
		['the same in capitals', every((code) => `%${hex(code).toUpperCase()}`)],
		['the same twice', every((code) => `%25${hex(code)}`)],
		['hyphens as in an address', (key) => key.replaceAll('-', '%2D')],
		['hyphens in small letters', (key) => key.replaceAll('-', '%2d')],
		['escapes of JSON', every((code) => `\\u${hex(code, 4)}`)],
		['escapes of JSON within JSON', every((code) => `\\\\u${hex(code, 4)}`)],
		['escapes of JavaScript', every((code) => `\\x${hex(code)}`)],
		['long escapes of JavaScript', every((code) => `\\u{${hex(code)}}`)],
		['decimal entities', every((code) => `&#${code};`)],
		['hexadecimal entities', every((code) => `&#x${hex(code)};`)],
		['padded entities in capitals', every((code) => `&#X${hex(code, 6).toUpperCase()};`)],
		['entities within an address', every((code) => `%26%23${code}%3B`)],
		['escapes of Markdown', (key) => key.replaceAll('-', '\\-')],
		['zero-width spaces', (key) => key.split('').join('\u200b')],
		['zero-width joiners as entities', (key) => key.split('').join('&zwj;')],
		['soft hyphens', (key) => key.split('').join('\u00ad')],
		['spaces', (key) => key.split('').join(' ')],
		['spaces as in an address', (key) => key.split('').join('%20')],
		['a line break', (key) => `${key.slice(0, 14)}\n${key.slice(14)}`],
		['a line break and an indent', (key) => `${key.slice(0, 9)}\r\n\t  ${key.slice(9)}`],
		['a line break of JSON', (key) => `${key.slice(0, 9)}\\r\\n${key.slice(9)}`],
		['a line break of HTML', (key) => `${key.slice(0, 9)}<br />${key.slice(9)}`],
		['a line break of mail', (key) => `${key.slice(0, 9)}=\r\n${key.slice(9)}`],
		['its end hidden', (key) => `${every((code) => `%${hex(code)}`)(key.slice(0, 16))}***`],
		['its start hidden', (key) => `***${every((code) => `&#${code};`)(key.slice(-13))}`],
	])('strikes it out written with %s', (_name, write) => {
		const strike = redactor('Zq7-amber-falcon-90210-xyz');
		expect(strike(`The key ${write('Zq7-amber-falcon-90210-xyz')} is unknown: 100% &amp; \\n kept.`)).toMatch(
			/^The key (?:\*{3})?\[key\](?:\*{3})? is unknown: 100% &amp; \\n kept\.$/,
		);
	});

	it('strikes out a key of other letters in an address, whichever way its bytes are written', () => {
		for (const sign of ['%C3%BC', '%fc', '&#252;', '\\u00fc'])
			expect(redactor('schlüssel-über-alles')(`no schl${sign}ssel-${sign}ber-alles.`)).toBe('no [key].');
	});

	it('does not find a short key across words', () => {
		expect(redactor('itis')('Whether it is: %69tis')).toBe('Whether it is: [key]');
	});

	it('leaves text without the key unchanged', () => {
		const text = 'A spider has eight legs and it lives in a web. amber falcon 90210';
		expect(redact(text)).toBe(text);
		expect(redactor('')(text)).toBe(text);
	});

	it.each(['a', 'it', 'web', 'none', 'test', 'ollama'])('does not mangle text for the key %j', (key) => {
		const text = 'It lives in a web; none of the tests need ollama.';
		expect(redactor(key)(text)).toBe(text);
	});

	it('strikes out a very short key where the text calls it the key', () => {
		expect(redactor('abc')('Unknown key: abc. The abc is short.')).toBe(
			'Unknown key: [key]. The abc is short.',
		);
	});
});

describe('a server that repeats the key', () => {
	it.each([
		['in a 401', 401],
		['in a 400', 400],
		['in a 500', 500],
		['in an error with status 200', 200],
	])('%s', async (_name, status) => {
		const words = `Unknown token ${KEY} (${encodeURIComponent(KEY)}, ${basic(`u:${KEY}`)}).`;
		const server = await start((response) => json(response, { error: { message: words } }, status));
		const error = await failureOf(ask(server.baseUrl, { apiKey: `  ${KEY}\n` }).reply);
		expect(error.message).toContain('Unknown token [key]');
		expect(JSON.stringify(toWire(error))).not.toMatch(/amber|falcon|90210|YW1iZXI/i);
		expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
	});

	it('across the place where a long message is cut', async () => {
		const words = `${'x '.repeat(144)}${KEY} and more`;
		const server = await start((response) => json(response, { error: { message: words } }, 400));
		const error = await failureOf(ask(server.baseUrl, { apiKey: KEY }).reply);
		expect(JSON.stringify(toWire(error))).not.toContain('amber');
	});

	it('in plain text, in a list and in a field that is no message', async () => {
		const bodies = [
			`bad ${KEY}`,
			JSON.stringify([{ error: `bad ${KEY}` }]),
			JSON.stringify({ given: KEY }),
			JSON.stringify({ given: KEY }).replace('amber', '\\u0061mber'),
		];
		const server = await start((response, _asked, count) => response.writeHead(401).end(bodies[count - 1]));
		while (server.asked.length < bodies.length) {
			const error = await failureOf(ask(server.baseUrl, { apiKey: KEY }).reply);
			expect(JSON.stringify(toWire(error))).not.toContain('falcon');
		}
	});

	it('in its reply, whole or streamed, and in the word for its ending', async () => {
		const server = await start((response, { body }) => {
			if (body['stream'] !== true) {
				json(response, completion(`Your key is ${KEY}.`));
				return;
			}
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(event(delta(`Your key is ${KEY.slice(0, 5)}`)) + event(delta(KEY.slice(5), `no-${KEY}`)));
		});
		await expect(ask(server.baseUrl, { apiKey: KEY }).reply).resolves.toMatchObject({
			text: 'Your key is [key].',
		});
		const seen: string[] = [];
		const streamed = ask(server.baseUrl, { apiKey: KEY, onText: (text) => seen.push(text) });
		await expect(streamed.reply).resolves.toMatchObject({ text: 'Your key is [key]', ending: 'no-[key]' });
		expect(seen).toEqual(['Your key is ', 'Your key is [key]']);
	});

	it('in its list of models', async () => {
		const server = await start((response) => json(response, { data: [{ id: `model-${KEY}` }] }));
		await expect(listModels(server.baseUrl, KEY, never)).resolves.toEqual([
			{ id: 'model-[key]', price: null },
		]);
	});

	it('in a redirect', async () => {
		const server = await start((response) =>
			response.writeHead(307, { location: `https://other.example/${KEY}?k=${KEY}` }).end(),
		);
		const error = await failureOf(ask(server.baseUrl, { apiKey: KEY }).reply);
		expect(error.code).toBe('endpoint-redirect');
		expect(error.message).toContain('https://other.example/[key]');
	});
});

describe('a transport that repeats the key', () => {
	it('in its exception and in the cause', async () => {
		const fetch = (): Promise<Response> =>
			Promise.reject(new TypeError(`Bearer ${KEY} failed`, { cause: new Error(`at https://u:${KEY}@host`) }));
		const error = await failureOf(ask('http://localhost:1/v1', { apiKey: KEY, fetch }).reply);
		expect(JSON.stringify(toWire(error))).not.toContain('falcon');
	});
});

describe('a key that no header carries', () => {
	it.each([
		[`${KEY}\u200b`, 23, 'a zero-width space (U+200B)'],
		['ab\ncd', 3, 'a line break (U+000A)'],
		['ключ', 1, '“к” (U+043A)'],
		['sk-abc…xyz', 7, 'an ellipsis'],
		['😀key', 1, '“😀” (U+1F600)'],
		['a\u0000b', 2, 'a control character (U+0000)'],
	])('%j is named, and nothing is sent', async (apiKey, position, name) => {
		const server = await start((response) => json(response, completion('x')));
		const { reply, waits } = ask(server.baseUrl, { apiKey, maxRetries: 3 });
		const error = await failureOf(reply);
		expect(error).toMatchObject({ code: 'endpoint-key-character', context: { position } });
		expect(error.message).toContain(`character ${position} is ${name}`);
		expect(server.asked).toEqual([]);
		expect(waits).toEqual([]);
	});

	it.each([
		['\namber-falcon-90210', 'amber-falcon-90210'],
		['\u00a0 key-1 \t', 'key-1'],
		['Bearer key-1', 'key-1'],
		['Authorization: Bearer key-1', 'key-1'],
	])('%j is trimmed', async (apiKey, sent) => {
		const server = await start((response) => json(response, completion('x')));
		await ask(server.baseUrl, { apiKey }).reply;
		expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${sent}`);
	});
});
