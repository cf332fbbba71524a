/** The presets are data: their addresses are well-formed, and none lacks advice. */
import { describe, expect, it } from 'vitest';
import { ADVISED, filled } from '#core/endpoint/preset.ts';
import { adviceFor, ENDPOINT_PRESETS, presetOf } from '#core/endpoint/presets.ts';
import { reachOf } from '#core/endpoint/reach.ts';
import { readAddress } from '#core/recipe/endpoint.ts';

const place = { origin: 'https://page.example', model: 'teacher' };

describe.each(ENDPOINT_PRESETS)('$title', (preset) => {
	const { baseUrl, keyPage, docs, advice, allowPage, models, start, id } = preset;
	const texts = [allowPage, ...Object.values(advice), ...(start === null ? [] : [start])];

	it('has a base URL that needs no correction and finds the preset again', () => {
		expect(readAddress(baseUrl)).toEqual({ address: baseUrl, addedScheme: null, shortened: false });
		expect(presetOf(baseUrl)).toBe(preset);
		expect(presetOf(`${baseUrl}/chat/completions`)).toBe(preset);
	});

	it('is on this machine with a command to start it, or a service by https with a page for keys', () => {
		const url = new URL(baseUrl);
		if (preset.place === 'machine') {
			expect([reachOf(url.hostname), url.protocol]).toEqual(['machine', 'http:']);
			expect(start).toMatch(/^\S/);
			expect(start).not.toContain('\n');
		} else {
			expect([reachOf(url.hostname), url.protocol, start]).toEqual(['internet', 'https:', null]);
			expect(new URL(keyPage ?? '').protocol).toBe('https:');
		}
		expect(new URL(docs).protocol).toBe('https:');
	});

	it('advises at every failure that all presets answer, in sentences that name it', () => {
		for (const code of ADVISED) {
			expect(adviceFor(baseUrl, code, place)).toMatch(/[.]$/);
		}
		for (const text of Object.values(advice)) expect(text).toContain(preset.title.split(' ')[0]);
		expect(allowPage).toMatch(/[.]$/);
		expect(adviceFor(baseUrl, 'endpoint-html', place)).toBeNull();
	});

	it('leaves no placeholder unfilled, and its addresses are whole', () => {
		for (const text of texts) {
			expect(filled(text, place)).not.toMatch(/\{\w+\}/);
			for (const [address] of text.matchAll(/https:\/\/[^\s;,]+/g))
				expect(URL.canParse(address.replace(/\.$/, ''))).toBe(true);
		}
	});

	it('suggests models, each once and with its needs', () => {
		expect(models.length).toBeGreaterThan(1);
		expect(new Set(models.map((model) => model.id)).size).toBe(models.length);
		for (const model of models) expect(model.needs).not.toBe('');
		expect(ENDPOINT_PRESETS.filter((other) => other.id === id)).toHaveLength(1);
	});
});

it.each([
	['http://192.168.1.7:11434/v1', 'ollama'],
	['http://127.0.0.1:1234', 'lm-studio'],
	['https://openrouter.ai/', 'openrouter'],
	['http://api.openai.com/v1', 'openai'],
	['https://example.org:11434/v1', null],
	['http://localhost:9999/v1', null],
	['https://api.openai.com.evil.example/v1', null],
	['embedded', null],
	['', null],
])('the preset of %j is %j', (address, id) => {
	expect(presetOf(address)?.id ?? null).toBe(id);
});

it('names the model that is to be downloaded, or a placeholder for it', () => {
	expect(adviceFor('http://localhost:11434/v1', 'endpoint-not-found', place)).toContain(
		'ollama pull teacher',
	);
	expect(filled('ollama pull {model}', { origin: '', model: '' })).toBe('ollama pull MODEL');
});
