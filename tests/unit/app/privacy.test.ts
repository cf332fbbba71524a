import { describe, expect, it } from 'vitest';
import { growth, MOST_GROWTH } from '#tests/support/growth.ts';
import { Faults } from '#app/faults.svelte.ts';
import { withoutPrivate } from '#app/text/privacy.ts';
import { AppError, Cancelled } from '#core/errors.ts';

const PROMPT = 'Write a letter to my landlord about the broken heating in flat 12';
const data = {
	keys: ['sk-live-1234567890', ' key with ü '],
	texts: [PROMPT, 'Dear Sir,\nthe heating is broken.', 'ab'],
};
const strike = (text: string): unknown => withoutPrivate(text, data);

describe('a report holds no key', () => {
	it.each([
		['Incorrect API key provided: sk-live-1234567890.', 'Incorrect API key provided: [key].'],
		['https://a.test/v1?x=sk-live-1234567890', 'https://a.test/v1?x=[key]'],
		['sent key%20with%20%C3%BC', 'sent [key]'],
		[`basic ${btoa('sk-live-1234567890')}`, 'basic [key]'],
		['Authorization: Bearer abc.def', 'Authorization: [key] [key]'],
		['a key this page never had: sk-proj-abcdefghij123', 'a key this page never had: [key]'],
		['https://name:secret@host/v1', 'https://[key]@host/v1'],
		['{"api_key":"hunter22"}', '{"api_key":"[key]"}'],
		['nothing secret at https://host/v1', 'nothing secret at https://host/v1'],
	])('%s', (text, expected) => {
		expect(strike(text)).toBe(expected);
	});
});

describe('a key in any form', () => {
	const KEY = 'amber-falcon-90210-xyz';
	const withKey = (text: string, key = KEY): unknown => withoutPrivate(text, { keys: [key], texts: [] });

	it('on the border where a long text is cut', () => {
		for (let before = 3970; before <= 4005; before++)
			expect(withKey(`${'x '.repeat(2000).slice(0, before)}${KEY} and more`)).not.toMatch(/amb|xyz/);
		expect(withKey('x'.repeat(5000))).toBe(`${'x'.repeat(4000)}…`);
	});

	it.each([
		['in JSON', 'quote"and\\slash', JSON.stringify('quote"and\\slash'), '"[key]"'],
		['in basic authentication', KEY, btoa(`someone:${KEY}`), '[key]'],
		['with a lone surrogate', 'abcdefgh\ud800', 'abcdefgh\ud800', '[key]'],
		['in capitals', KEY, KEY.toUpperCase(), '[key]'],
	])('%s', (_name, key, form, expected) => {
		expect(withKey(`Not known: ${form}.`, key)).toContain(expected);
		expect(withKey(`Not known: ${form}.`, key)).not.toContain(form.slice(1, -1));
	});

	it.each(['a', 'on', 'ollama', 'local'])('leaves words alone for the key %j', (key) => {
		const text = 'Start ollama on localhost: a local server.';
		expect(withKey(text, key)).toBe(text);
	});

	it.each(['The token limit is 4096.', 'The basic plan allows 8 requests.', 'Use bearer authentication.'])(
		'leaves “%s” alone',
		(text) => {
			expect(withKey(text)).toBe(text);
		},
	);
});

describe('a report holds no prompt and no text of the run', () => {
	it('as a whole, in part, or twice', () => {
		expect(strike(`The server refused: ${PROMPT}`)).toBe('The server refused: [text of the run]');
		expect(strike(`Refused "${PROMPT.slice(7, 50)}…" (too long)`)).toBe(
			'Refused "[text of the run]…" (too long)',
		);
		expect(strike(`${PROMPT} | ${PROMPT}`)).toBe('[text of the run] | [text of the run]');
		expect(strike('x'.repeat(100))).toBe('x'.repeat(100));
		expect(strike('The table has a tab.')).toBe('The table has a tab.');
	});

	it('wherever the quote begins', () => {
		for (let start = 0; start < 30; start++) {
			const quote = PROMPT.slice(start, start + 26);
			expect(strike(`Error near:|${quote}!`)).toBe('Error near:|[text of the run]!');
		}
	});

	it('around a short text of the run, and up to the last character', () => {
		const texts = [PROMPT, 'heating'];
		const quote = PROMPT.slice(20);
		expect(withoutPrivate(`Near ${quote}`, { keys: [], texts })).toBe('Near [text of the run]');
		expect(withoutPrivate('No heating here', { keys: [], texts })).toBe('No [text of the run] here');
	});

	it('of a large run in a time that grows with the run and the report only', async () => {
		const textsOf = (length: number): string[] =>
			Array.from({ length }, (_, i) => `${i} ${'the heating is broken again, '.repeat(300)}`);
		const report = { message: 'y the heating is broken again '.repeat(100), hint: 'z'.repeat(2000) };
		const work = (texts: readonly string[]) => withoutPrivate(report, { keys: [], texts });
		expect(JSON.stringify(work(textsOf(1000)))).toContain('y[text of the run] y[text of the run]');
		expect(await growth(work, textsOf, { small: 100, large: 1000 })).toBeLessThan(MOST_GROWTH);
	});

	it('in any field', () => {
		expect(
			withoutPrivate({ error: { message: PROMPT, n: 1, list: [PROMPT, null] }, [PROMPT]: true }, data),
		).toEqual({
			error: { message: '[text of the run]', n: 1, list: ['[text of the run]', null] },
			'[text of the run]': true,
		});
	});
});

describe('errors that nothing caught', () => {
	it('are shown until they are closed, and counted', () => {
		const faults = new Faults();
		faults.report(new TypeError('x is undefined'));
		faults.report('a text');
		expect(faults.count).toBe(2);
		expect(faults.last).toMatchObject({ kind: 'app', code: 'unexpected', message: 'a text' });
		faults.report(new AppError('Known.', { code: 'known', hint: 'Do this.' }));
		expect(faults.last).toMatchObject({ code: 'known', hint: 'Do this.' });
		faults.dismiss();
		expect(faults.last).toBeNull();
	});

	it('are ignored if they are none', () => {
		const faults = new Faults();
		faults.report(new Cancelled());
		faults.report(new DOMException('stopped', 'AbortError'));
		faults.report('ResizeObserver loop completed with undelivered notifications.');
		faults.report('Script error.');
		expect(faults.last).toBeNull();
	});
});
