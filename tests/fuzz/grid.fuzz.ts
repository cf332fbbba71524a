/** Grids as lines and as JSON: read to runs with distinct names, or refused with code and hint. */
import * as fc from 'fast-check';
import { readGridFile } from '#core/grid/file.ts';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridLink, readGridLink } from '#core/grid/link.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const setting = fc.oneof(
	fc.constantFrom(
		'objective',
		'beta',
		'seed',
		'data',
		'rank',
		'lr',
		'reviser.skill',
		'others.models',
		'model',
	),
	fc.constantFrom('count', '__proto__', 'toString', 'begin', ''),
	fc.string({ unit: 'binary', maxLength: 20 }),
);
const value = fc.oneof(
	fc.constantFrom(
		'1',
		'0.1',
		'1..3',
		'9..1',
		'1e-3',
		'apo_zero',
		'dpo',
		'clair',
		'on_policy_judge',
		'"a',
		'[1',
		'{}',
	),
	fc.constantFrom('max(r_w, r_l)', '1 - sigma(r_w)', '', ' ', '1..99999', '-1', '0x1', '\u0000'),
	fc.string({ unit: 'binary', maxLength: 30 }),
);
const line = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc
		.array(fc.tuple(setting, fc.array(value, { maxLength: 4 })), { maxLength: 4 })
		.map((settings) => settings.map(([name, values]) => `${name}: ${values.join(', ')}`).join('; ')),
);

const settings = fc.dictionary(setting, fc.oneof(fc.jsonValue(), value), { maxKeys: 3 });
const cellName = fc.constantFrom('a', 'b', 'c, beta 1', '', '../x', '__proto__');
const grid = fc.record(
	{
		schema: fc.constantFrom(1, 1, 1, 2),
		name: fc.string({ maxLength: 120 }),
		base: fc.oneof(
			fc.dictionary(fc.constantFrom('objective', 'training', 'model', 'x'), fc.jsonValue()),
			fc.jsonValue(),
		),
		vary: fc.dictionary(
			setting,
			fc.oneof(fc.array(fc.oneof(fc.jsonValue(), value), { maxLength: 4 }), value),
			{
				maxKeys: 3,
			},
		),
		cells: fc.dictionary(
			cellName,
			fc.oneof(
				settings,
				cellName.map((begin) => ({ begin, objective: 'dpo' })),
				fc.constant({}),
			),
			{ maxKeys: 3 },
		),
		compare: fc.array(fc.tuple(cellName, cellName), { maxLength: 2 }),
	},
	{ requiredKeys: ['schema'] },
);

function expectRuns(read: () => unknown): void {
	onlyAppErrors(() => {
		const planned = planSharing(gridRuns(readGrid(read())));
		const keys = planned.map(({ run }) => run.key);
		if (new Set(keys).size < keys.length) throw new Error('two runs have one name');
		if (keys.some((key) => !/^[\w-][\w.-]*$/.test(key))) throw new Error('a name is no file name');
		for (const [i, { run, shares }] of planned.entries()) {
			const earlier = keys.slice(0, i);
			for (const other of [...Object.values(shares), ...(run.begin === null ? [] : [run.begin])])
				if (!earlier.includes(other)) throw new Error('needs a run that comes later');
		}
	});
}

function thrown(error: unknown): never {
	throw error;
}

export const targets: readonly FuzzTarget[] = [
	target('a line of a grid', line, (text) => expectRuns(() => readGridLine(text))),
	target('a grid', fc.oneof(grid, fc.jsonValue()), (json) => expectRuns(() => json)),
	target(
		'a file of a grid',
		fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc
				.oneof(
					fc.json(),
					grid.map((json) => JSON.stringify(json)),
				)
				.map((text) => new TextEncoder().encode(text)),
		),
		(bytes) => void onlyAppErrors(() => readGridFile('any.json', bytes)),
	),
	target(
		'a link with a grid',
		fc.oneof(
			fc.string({ unit: 'binary' }).map((text) => `#grid=${text}`),
			fc.base64String().map((text) => `#grid=${text}`),
		),
		async (fragment) => {
			await readGridLink(fragment).catch((error: unknown) => onlyAppErrors(() => thrown(error)));
		},
	),
	target('a grid through its link', grid, async (json) => {
		const read = onlyAppErrors(() => {
			const usable = readGrid(json);
			gridRuns(usable);
			return usable;
		});
		if (read === null) return;
		const again = await readGridLink(new URL(await gridLink(read, 'http://localhost/')).hash);
		if (JSON.stringify(again) !== JSON.stringify(read)) throw new Error('the link reads differently');
	}),
];
