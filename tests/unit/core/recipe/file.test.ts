/** A recipe file that cannot be read says where and why; it is no fault of the workbench. */
import { describe, expect, it, test } from 'vitest';
import * as fc from 'fast-check';
import { jsonFaultPlace } from '#core/format/jsonPlace.ts';
import { readRecipeFile } from '#core/recipe/file.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { targets } from '#tests/fuzz/recipe.fuzz.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const WHOLE = { recipe: DEFAULT_RECIPE, filled: [] };

test('a recipe is read as it was written, also with a byte order mark', () => {
	const text = JSON.stringify(DEFAULT_RECIPE, null, '\t');
	expect(readRecipeFile('r.json', bytes(text))).toEqual(WHOLE);
	expect(readRecipeFile('r.json', bytes(`\uFEFF${text}`))).toEqual(WHOLE);
	for (const mark of ['', '\uFEFF'])
		expect(readRecipeFile('r.json', new Uint8Array(Buffer.from(`${mark}${text}`, 'utf16le')))).toEqual(WHOLE);
});

it.each([
	['hello', 1, 1],
	['{"schema": 1,\n\t"model": anchor }', 2, 11],
	['{"a": 1,}', 1, 9],
	["{'a': 1}", 1, 2],
	['{"a": 1\r\n "b": 2}', 2, 2],
	['[1, 2', 1, 6],
	['{"a": NaN}', 1, 7],
	['{"a": 01}', 1, 8],
	['{} {}', 1, 4],
	['"a\nb"', 1, 1],
])('%j is not JSON from its line and column on', (text, line, column) => {
	expect(jsonFaultPlace(text)).toEqual({ line, column });
	expect(() => readRecipeFile('r.json', bytes(text))).toThrow(
		expect.objectContaining({ code: 'recipe-file-not-json', context: { name: 'r.json', line, column } }),
	);
});

it.each([
	['an empty file', bytes(' \n'), 'recipe-file-not-json'],
	['a saved run', Uint8Array.of(0x1f, 0x8b, 8, 0), 'recipe-file-not-json'],
	['bytes that are no text', Uint8Array.of(0x7b, 0xff, 0xfe), 'not-utf8'],
	['a file of two megabytes', new Uint8Array(2 * 1024 * 1024), 'recipe-file-too-large'],
	['JSON of another kind', bytes('[1, 2, 3]'), 'recipe-invalid'],
	['null', bytes('null'), 'recipe-invalid'],
])('%s is refused by name, with a hint', (_, content, code) => {
	const read = () => readRecipeFile('mine.json', content);
	expect(read).toThrow(expect.objectContaining({ code }));
	expect(read).toThrow(expect.objectContaining({ hint: expect.stringMatching(/\w/) as string }));
});

describe('JSON of any kind', () => {
	test('has no fault, and its first fault lies inside the text', () => {
		fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), (text) => jsonFaultPlace(text) === null));
		fc.assert(
			fc.property(fc.json(), fc.nat(), (text, at) => {
				const cut = text.slice(0, at % (text.length + 1));
				const isJson = (() => {
					try {
						JSON.parse(cut);
						return true;
					} catch {
						return false;
					}
				})();
				return (jsonFaultPlace(cut) === null) === isJson;
			}),
		);
	});
	for (const { name, arbitrary, check } of targets) {
		test(name, () =>
			fc.assert(
				fc.asyncProperty(arbitrary as fc.Arbitrary<never>, async (input) => check(input)),
				{ numRuns: 100 },
			),
		);
	}
});
