import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { toBase64Url } from '#core/format/base64.ts';
import { compress } from '#core/format/compress.ts';
import { readGridFile } from '#core/grid/file.ts';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { GRID_LINK_LIMITS, gridLink, isGridLink, readGridLink } from '#core/grid/link.ts';

const PAGE = 'https://anchorage.test/page/?x=1#old';
const line = readGrid(readGridLine('objective: apo_zero, 1 - sigma(r_w); beta: 0.1, 1; seed: 1..3'));

async function fragmentOf(json: unknown): Promise<string> {
	return `#grid=${toBase64Url(await compress(new TextEncoder().encode(JSON.stringify(json)), 'deflate-raw'))}`;
}

async function failure(fragment: string): Promise<AppError> {
	const thrown: unknown = await readGridLink(fragment).catch((error: unknown) => error);
	if (thrown instanceof AppError) return thrown;
	throw new Error(`Expected an AppError, got ${String(thrown)}.`);
}

describe('a link with a grid', () => {
	test.each(['lab', 'paper', 'paper-rates'])('reads back as the same: %s', async (name) => {
		const grid = readGridFile(name, readFileSync(`docs/grids/${name}.json`));
		const link = new URL(await gridLink(grid, PAGE));
		expect(link.href.split('#')[0]).toBe('https://anchorage.test/page/?x=1');
		expect(link.hash.length).toBeLessThan(GRID_LINK_LIMITS.characters / 8);
		expect(await readGridLink(link.hash)).toEqual(grid);
	});

	test('of a typed line reads back as the same, also with the end of its sentence', async () => {
		const { hash } = new URL(await gridLink(line, PAGE));
		for (const end of ['', '.', '),', '&utm_source=x'])
			expect(await readGridLink(`${hash}${end}`)).toEqual(line);
	});

	test('has no name, password or query of an address', async () => {
		const endpoint = 'https://user:hunter2@api.test/v1?api-key=sk-secret#token';
		const grid = readGrid({
			schema: 1,
			base: { reviser: { endpoint, model: 'm' } },
			vary: { 'reviser.endpoint': ['embedded', endpoint], seed: [1, 2] },
			extra: {
				more: {
					'others.models': ['a', 'b'].map((model) => ({ endpoint, model })),
					'pairs.method': 'off_policy_judge',
				},
			},
		});
		const { hash } = new URL(await gridLink(grid, PAGE));
		const text = JSON.stringify(await readGridLink(hash));
		expect(text).toContain('https://api.test/v1');
		expect(text).not.toMatch(/hunter2|sk-secret|token"/);
	});

	test('another fragment is none', async () => {
		expect(isGridLink('#recipe=AAAA')).toBe(false);
		expect(await readGridLink('#recipe=AAAA')).toBeNull();
	});
});

describe('a link with a grid is refused', () => {
	test('when a part of it is missing', async () => {
		const { hash } = new URL(await gridLink(line, PAGE));
		for (const broken of [hash.slice(0, -40), '#grid=', '#grid=AAAA', `${hash.slice(0, 60)}%%%`]) {
			const error = await failure(broken);
			expect(error.code).toBe('link-broken');
			expect(error.hint).toContain('Your own grids are unchanged');
		}
	});

	test('when it is too long, unpacks to too much, or is too deep', async () => {
		expect((await failure(`#grid=${'A'.repeat(GRID_LINK_LIMITS.characters)}`)).code).toBe('link-too-large');
		expect((await failure(await fragmentOf(' '.repeat(4 * 1024 * 1024)))).code).toBe('link-too-large');
		const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown;
		expect((await failure(await fragmentOf({ schema: 1, vary: { seed: deep } }))).code).toBe(
			'link-too-large',
		);
	});

	test('when a newer version wrote it, a field is wrong, or its cells contradict each other', async () => {
		expect((await failure(await fragmentOf({ schema: 2, vary: {} }))).code).toBe('link-newer');
		expect((await failure(await fragmentOf({ schema: 1, vary: { betta: [1] } }))).code).toBe(
			'grid-setting-unknown',
		);
		const same = { schema: 1, cells: { a: {}, b: {} }, vary: { seed: [1] } };
		const error = await failure(await fragmentOf(same));
		expect(error.code).toBe('grid-contradiction');
		expect(error.message).toMatch(/^The link was not used\./);
	});
});
