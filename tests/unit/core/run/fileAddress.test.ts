/** The address of a run file: only http and https, no secrets, and a name that is safe to show. */
import { describe, expect, it } from 'vitest';
import { readRunFileAddress } from '#core/run/fileAddress.ts';

describe('the address of a run file', () => {
	it.each([
		['https://a.example/runs/Lecture%203.run.json.gz?v=2#x', 'https://a.example', 'Lecture 3.run.json.gz'],
		['http://localhost:8000/', 'http://localhost:8000', 'localhost:8000'],
		['  https://münchen.example/a  ', 'https://xn--mnchen-3ya.example', 'a'],
		['https://a.example/%E2%80%AEgpj.exe', 'https://a.example', 'gpj.exe'],
		['https://a.example/%E0%A4%A', 'https://a.example', '%E0%A4%A'],
		['https://a.example/<img src=x>', 'https://a.example', '<img src=x>'],
	])('“%s” is at %s', (text, origin, name) => {
		expect(readRunFileAddress(text, false)).toMatchObject({ origin, name });
	});

	it.each([
		['javascript:alert(1)', /does not begin with https/],
		['data:text/html,<b>', /does not begin with https/],
		['file:///etc/passwd', /does not begin with https/],
		['a.example/run.json.gz', /does not begin with https/],
		['https://user:word@a.example/x', /user name or a password/],
		[`https://a.example/${'x'.repeat(2000)}`, /more than 2000 characters/],
		['', /does not begin with https/],
	])('“%s” is refused', (text, why) => {
		expect(() => readRunFileAddress(text, false)).toThrow(why);
	});

	it('over plain http is refused on a page over https, except from this machine', () => {
		expect(() => readRunFileAddress('http://a.example/x', true)).toThrow(/plain http/);
		expect(readRunFileAddress('http://127.0.0.1:8000/x', true).origin).toBe('http://127.0.0.1:8000');
	});
});
