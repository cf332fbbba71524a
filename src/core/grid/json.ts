/** A grid as the JSON of a grid file, the inverse of `readGrid`. */
import type { Grid, NamedCell } from './grid.ts';
import { BEGIN, SEED } from './setting.ts';

export function gridJson(grid: Grid): Readonly<Record<string, unknown>> {
	const { name, base, vary, cells, seeds, compare, extra = [], moreSeeds = [] } = grid;
	const varied = vary.map(({ path, values }) => [path, values] as const);
	return {
		schema: 1,
		name,
		base,
		vary: Object.fromEntries([...varied, ...(seeds === null ? [] : [[SEED, seeds] as const])]),
		...(cells.length === 0 ? {} : { cells: cellsJson(cells) }),
		...(compare.length === 0 ? {} : { compare }),
		...(extra.length === 0 ? {} : { extra: cellsJson(extra) }),
		...(moreSeeds.length === 0
			? {}
			: {
					moreSeeds: moreSeeds.map(({ cell, seeds: own }) => ({
						...(cell === null ? {} : { cell }),
						seeds: own,
					})),
				}),
	};
}

function cellsJson(cells: readonly NamedCell[]): Readonly<Record<string, unknown>> {
	return Object.fromEntries(
		cells.map(({ name, settings, begin }) => [
			name,
			{
				...Object.fromEntries(settings.map(({ path, value }) => [path, value])),
				...(begin === null ? {} : { [BEGIN]: begin }),
			},
		]),
	);
}
