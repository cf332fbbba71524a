import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip } from '#core/format/gzip.ts';

const zeros = (count: number): Uint8Array => new Uint8Array(count);
const packed = (text: string, level = 6): Uint8Array => gzipSync(text, { level });
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const text = async (bytes: Uint8Array<ArrayBuffer>, limit = 1e6): Promise<string> =>
	new TextDecoder().decode(await gunzip(bytes, { limit, source: 'a.gz' }));

describe('gunzip', () => {
	it.each([
		['one member', join(packed('one\n')), 'one\n'],
		['several members', join(packed('one\n'), packed('two\n'), packed('three\n')), 'one\ntwo\nthree\n'],
		['an empty member', join(packed('one\n'), packed(''), packed('two\n')), 'one\ntwo\n'],
		['padding after the last', join(packed('one\n'), zeros(512)), 'one\n'],
		['padding between', join(packed('one\n'), zeros(5), packed('two\n'), zeros(3)), 'one\ntwo\n'],
	])('reads %s', async (_, bytes, expected) => {
		expect(await text(bytes)).toBe(expected);
	});

	it('is not misled by a header inside of the data', async () => {
		const inner = new Uint8Array(gzipSync('inner'));
		const stored = new Uint8Array(gzipSync(inner, { level: 0 }));
		expect(await gunzip(join(stored, stored), { limit: 1e6, source: 'a.gz' })).toEqual(join(inner, inner));
	});

	it('reads thousands of members in linear time', async () => {
		const all = join(...Array.from({ length: 2000 }, (_, i) => packed(`${i}\n`)));
		expect((await text(all)).split('\n')).toHaveLength(2001);
	});

	it('counts the limit over all members', async () => {
		await expect(text(join(packed('12345'), packed('67890')), 9)).rejects.toMatchObject({
			code: 'compressed-too-large',
		});
	});

	it('refuses a member that was cut off', async () => {
		const whole = join(packed('one\n'), packed('two\n'));
		await expect(text(whole.slice(0, -6))).rejects.toMatchObject({ code: 'compressed-damaged' });
	});
});
