import { describe, expect, it } from 'vitest';
import { FormatError } from '#core/errors.ts';
import { chatRenderer } from '#runtime/tokenizer/chatTemplate.ts';
import { thrownBy } from '#tests/support/thrownBy.ts';

const USER = [{ role: 'user', content: 'Hi' }] as const;

function rendered(template: string, date: Date | null = null): string {
	return chatRenderer(template, { tokens: {}, date, file: 'a.json' })(USER, true);
}

describe('chatRenderer', () => {
	it('gives a template without a clock its own date, so that runs are reproducible', () => {
		const own = "{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}26 Jul 2024{% endif %}";
		expect(rendered(own)).toBe('26 Jul 2024');
		expect(rendered(own, new Date('2026-11-29'))).toBe('2026');
	});

	it('gives a template that needs a clock a fixed date', () => {
		const template = "{{ strftime_now('%A %-d %B %Y, %a %b %d, %H:%M:%S %p %j') }}";
		expect(rendered(template)).toBe('Friday 26 July 2024, Fri Jul 26, 00:00:00 AM %j');
	});

	it('leaves tokens that the tokenizer lacks undefined', () => {
		expect(rendered("{{ bos_token }}{{ 'none' if bos_token is not defined }}")).toBe('none');
	});

	it.each([
		['refuses', "{{ raise_exception('No system message.') }}", 'No system message.'],
		['uses a missing value', "{{ messages[0].tools.name + 'x' }}", ''],
		['lists millions of entries', '{% for i in range(10000000) %}x{% endfor %}', '100000 entries'],
		[
			'loops in loops',
			'{% for i in range(9999) %}{% for j in range(9999) %}{{ j }}{% endfor %}{% endfor %}',
			'500000 steps',
		],
		[
			'loops over nothing',
			'{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}',
			'500000 steps',
		],
		[
			'doubles a text',
			"{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
			'16000000 characters',
		],
		[
			'doubles a list',
			'{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}',
			'100000 entries',
		],
		['calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', '400 levels'],
	])('names the reason if a template %s', (_name, template, reason) => {
		const thrown = thrownBy(() => rendered(template));
		expect(thrown).toBeInstanceOf(FormatError);
		expect(thrown).toMatchObject({ code: 'chat-template-failed' });
		expect(String(thrown)).toContain(reason);
	});

	it('shortens a long reason', () => {
		const thrown = thrownBy(() => rendered(`{{ raise_exception('${'x'.repeat(10_000)}') }}`));
		expect(String(thrown).length).toBeLessThan(500);
	});

	it.each([
		['is broken', '{% if'],
		['is huge', 'x'.repeat(200_001)],
		['has endless spaces', `a${' \n'.repeat(600)}b`],
		['nests without end', `{{ ${'('.repeat(90_000)} }}`],
	])('refuses a template that %s', (_name, template) => {
		expect(thrownBy(() => rendered(template))).toMatchObject({ code: 'tokenizer-invalid' });
	});
});
