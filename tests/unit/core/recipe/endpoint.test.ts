import { describe, expect, it } from 'vitest';
import { publicAddress, readAddress } from '#core/recipe/endpoint.ts';
import { keyProblem, readKey } from '#core/recipe/endpointKey.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';

describe('readAddress', () => {
	it.each([
		['localhost:8080/v1', 'http://localhost:8080/v1', 'http', false],
		['api.example.org/v1', 'https://api.example.org/v1', 'https', false],
		['https://api.example.org/v1', 'https://api.example.org/v1', null, false],
		['me:secret@api.example.org/v1', 'https://api.example.org/v1', 'https', true],
		['https://x.org/v1?api-key=secret', 'https://x.org/v1', null, true],
		['https://x.org/d?api-version=2024-10-21', 'https://x.org/d?api-version=2024-10-21', null, false],
		['https://x.org/d?api-version=1&api-key=secret', 'https://x.org/d?api-version=1', null, true],
		['https://x.org/d?api-version=not a version', 'https://x.org/d', null, true],
		['http://localhost:8080/v1.', 'http://localhost:8080/v1', null, false],
		['https://x.org/v1/,', 'https://x.org/v1/', null, false],
		['https://x.org/v1&utm_source=chat.test', 'https://x.org/v1', null, false],
		['https://x.org/v1?utm_source=chat.test', 'https://x.org/v1', null, true],
		['x.org/v1.', 'https://x.org/v1', 'https', false],
		['..', '..', null, false],
		['http:///v1', 'http:///v1', null, false],
		['https://x.org//v1', 'https://x.org/v1', null, false],
		['x.org//openai///v1//', 'https://x.org/openai/v1/', 'https', false],
		['base_url="https://x.org/v1"', 'https://x.org/v1', null, false],
		["    base_url='http://localhost:8080/v1',", 'http://localhost:8080/v1', null, false],
		[
			'client = OpenAI(base_url="https://x.org/v1", api_key="sk-verysecretkey")',
			'https://x.org/v1',
			null,
			false,
		],
		['export OPENAI_BASE_URL=https://x.org/v1', 'https://x.org/v1', null, false],
		['"baseURL": "https://x.org//v1",', 'https://x.org/v1', null, false],
		['api_base: x.org/v1', 'https://x.org/v1', 'https', false],
		['https://x.org/base_url=v1', 'https://x.org/', null, true],
		['embedded', 'embedded', null, false],
		['ftp://x.org', 'ftp://x.org', null, false],
		['', '', null, false],
	])('%j', (text, address, addedScheme, shortened) => {
		expect(readAddress(text)).toEqual({ address, addedScheme, shortened });
		expect(readAddress(address)).toEqual({ address, addedScheme: null, shortened: false });
	});

	it.each([
		...[
			'10.evil.com',
			'127.evil.com',
			'192.168.evil.com',
			'172.16.evil.org',
			'0.pool.example',
			'169.254.x.org',
		],
		...[
			'10.0.0.1.evil.com',
			'127.0.0.1.nip.io',
			'localhost.evil.com',
			'notlocalhost.org',
			'evil.localhost.com',
		],
		...[
			'172.15.0.1',
			'172.32.0.1',
			'192.169.0.1',
			'11.0.0.1',
			'010.0.0.1',
			'134744072:80',
			'[2001:db8::1]:80',
		],
		...['evil.com\\@localhost', 'evil.com\\@10.0.0.1:80', 'localhost:80@evil.com', '10.0.0.1:80@evil.com'],
	])('a key goes to %j only by https', (text) => {
		expect(readAddress(`${text}/v1`).address).toMatch(/^https:/);
	});

	it.each([
		...[
			'localhost',
			'LOCALHOST:80',
			'api.localhost',
			'[::1]',
			'[0:0:0:0:0:0:0:1]:80',
			'127.0.0.1',
			'127.9.9.9:1',
		],
		...['10.1.2.3', '192.168.0.1:8080', '172.16.0.1', '172.31.255.255', '169.254.1.1', '0.0.0.0:8080'],
	])('%j is this machine or its network', (text) => {
		expect(readAddress(`${text}/v1`).address).toBe(`http://${text}/v1`);
	});

	it.each([
		['?api-version=sk-verysecretkey', ''],
		['?api-version=abcdef0123456789', ''],
		['?api-version=2024-10-21-preview', '?api-version=2024-10-21-preview'],
		['?api-version=v1', '?api-version=v1'],
		['?api-version=preview', '?api-version=preview'],
		['/v1;key=abc', '/v1'],
		['/v1%3Bkey=abc', '/v1'],
		['/key=abc/v1', '/v1'],
		['/key%3Dabc/v1', '/v1'],
		['/sk-abcdef/v1', '/v1'],
		['/hf_abcdefgh/v1', '/v1'],
		['/token/abc/v1', '/v1'],
		['/api_key:abc/v1', '/v1'],
		['/key/abc', '/'],
		['/hf-inference/v1', '/hf-inference/v1'],
		['/openai/deployments/gpt-4o', '/openai/deployments/gpt-4o'],
	])('of the path and query %s it keeps %j', (end, kept) => {
		const { address } = readAddress(`https://x.org${end}`);
		expect(address.replace(/^https:\/\/x\.org\/?(?=[?]|$)/, '').replace('https://x.org', '')).toBe(
			kept === '/' ? '' : kept,
		);
		expect(publicAddress(address)).toBe(address);
	});

	it('a recipe keeps an address without a scheme as it is, without its secrets', () => {
		expect(publicAddress('me:secret@api.example.org/v1')).toBe('api.example.org/v1');
		expect(publicAddress('localhost:8080')).toBe('localhost:8080');
	});

	it('a recipe keeps Azure’s version', () => {
		const endpoint = 'https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21';
		const reviser = { ...DEFAULT_RECIPE.reviser, endpoint, model: 'm' };
		expect(readRecipe({ ...DEFAULT_RECIPE, reviser }).reviser.endpoint).toBe(endpoint);
	});

	it('a recipe of an older version has no limit of tokens per reply', () => {
		const reviser = { ...DEFAULT_RECIPE.reviser };
		delete reviser.maxTokens;
		expect(readRecipe({ ...DEFAULT_RECIPE, reviser }).reviser).toEqual(reviser);
	});
});

describe('a key', () => {
	it.each([
		['  amber-falcon-90210-xyz  ', 'amber-falcon-90210-xyz'],
		['\namber-falcon-90210', 'amber-falcon-90210'],
		['bearer  abc', 'abc'],
		['Authorization: Bearer abc', 'abc'],
		['bearer', 'bearer'],
		['', ''],
	])('%j is read as %j', (text, key) => {
		expect(readKey(text)).toBe(key);
	});

	it.each([
		['amber-falcon-90210\u200b', 19, 'a zero-width space (U+200B)'],
		['a\u2028b', 2, 'a line break (U+2028)'],
		['a\u2003b', 2, 'an unusual space (U+2003)'],
		['a\u2066b', 2, 'an invisible character (U+2066)'],
		['a\u0085b', 2, 'a control character (U+0085)'],
		['\ud800', 1, 'an invisible character (U+D800)'],
	])('%j cannot be sent', (key, position, character) => {
		expect(keyProblem(key)).toEqual({ position, character });
	});

	it.each(['', 'sk-1 2\t3', 'schlüssel', '£¥'])('%j can be sent', (key) => {
		expect(keyProblem(key)).toBeNull();
	});
});
