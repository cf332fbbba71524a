/**
 * Main effects of the varied settings: how much each value changes the score, with all other settings equal. The combinations of
 * the other settings are blocks. In each block, every value of the setting is measured on the same seeds and prompts, and its
 * effect is its distance from the mean of the block.
 */
import type { Estimate } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import { at } from '../math/at.ts';
import { rng } from '../math/rng.ts';
import { measuredCell } from './measuredCell.ts';
import { estimateOf, promptsOf, type MeasuredScores } from './measuredScores.ts';
import { commonOfAll, type Resampled } from './resample.ts';
import { CELL_AXIS, gridAxes, type AxisValue, type GridAxis } from './table/axes.ts';
import type { MeasuredGrid } from './table/measuredGrid.ts';

export interface ValueEffect {
	readonly label: string;
	/** Greedy change against the mean of all values, with its 95% interval; n counts the prompts. */
	readonly effect: Estimate;
}

export interface MainEffect {
	/** Path of the setting. */
	readonly id: string;
	readonly title: string;
	/** In the order of the grid; values that few combinations have are left out. */
	readonly values: readonly ValueEffect[];
	/** Largest effect − smallest effect. */
	readonly size: number;
	/** Combinations of the other settings that have every value, and those of them whose cells all have a seed in common. */
	readonly blocks: { readonly used: number; readonly planned: number };
	/** Most finished seeds of a cell. */
	readonly seeds: number;
	/** Cells with fewer finished seeds than others: because of them, the design is not balanced. */
	readonly incomplete: readonly string[];
}

/** Ordered by size, the largest first. A setting without a usable combination is left out. */
export function mainEffects(measured: MeasuredGrid): readonly MainEffect[] {
	const { grid, cells, outcomes } = measured;
	const axes = gridAxes(grid, cells);
	const varied = grid.vary.map(({ path }) => path);
	const settings = axesWithEffects(axes, varied);
	const byName = new Map(cells.map(({ name }) => [name, measuredCell(name, outcomes).change]));
	return settings
		.flatMap((axis) => effectOf(axis, heldWith(axis, axes, varied), byName) ?? [])
		.sort((a, b) => b.size - a.size);
}

/**
 * Leaves out named cells where their effects would repeat those of the only setting in which they differ, or the table. Settings
 * that differ together in all named cells have no effects of their own: the names represent them.
 */
function axesWithEffects(axes: readonly GridAxis[], varied: readonly string[]): readonly GridAxis[] {
	const names = axes.find(({ id }) => id === CELL_AXIS);
	if (names === undefined) return axes;
	const twins = axes.filter((axis) => axis !== names && groupsOf(axis) === groupsOf(names));
	const repeats = twins.length === 1 || !axes.some(({ id }) => varied.includes(id));
	return axes.filter((axis) => (axis === names ? !repeats : twins.length === 1 || !twins.includes(axis)));
}

/** Which cells share a value, as text. */
const groupsOf = ({ values }: GridAxis): string => JSON.stringify(values.map(({ cells }) => cells));

/** The axes whose values are equal within a block. Settings of named cells change together with the name. */
function heldWith(axis: GridAxis, axes: readonly GridAxis[], varied: readonly string[]): readonly GridAxis[] {
	const isVaried = ({ id }: GridAxis): boolean => varied.includes(id);
	return axes.filter((other) => {
		if (other === axis) return false;
		return axis.id === CELL_AXIS ? isVaried(other) : isVaried(axis) || other.id !== CELL_AXIS;
	});
}

/** Names of the cells of a block, one per value of the axis. */
type Block = readonly string[];

interface Design {
	readonly values: readonly AxisValue[];
	readonly blocks: readonly Block[];
}

/**
 * The blocks that have a cell for every value. Values that few combinations have are left out, because each value costs the blocks
 * that lack it: a value is added as long as values × blocks does not fall.
 */
function designOf(axis: GridAxis, held: readonly GridAxis[]): Design {
	const keyOf = (cell: string): string =>
		held.map(({ values }) => values.findIndex(({ cells }) => cells.includes(cell))).join();
	const byValue = axis.values.map(({ cells }) => new Map(cells.map((cell) => [keyOf(cell), cell])));
	let [kept, keys]: [number[], string[]] = [[], [...new Set(byValue.flatMap((cells) => [...cells.keys()]))]];
	for (;;) {
		const [next] = byValue
			.map((cells, i) => ({ i, keys: keys.filter((key) => cells.has(key)) }))
			.filter(({ i }) => !kept.includes(i))
			.sort((one, other) => other.keys.length - one.keys.length);
		if (next === undefined || next.keys.length === 0) break;
		if (kept.length >= 2 && (kept.length + 1) * next.keys.length < kept.length * keys.length) break;
		[kept, keys] = [[...kept, next.i], next.keys];
	}
	kept.sort((one, other) => one - other);
	return {
		values: kept.map((i) => at(axis.values, i)),
		blocks: keys.map((key) => kept.flatMap((i) => byValue[i]?.get(key) ?? [])),
	};
}

function effectOf(
	axis: GridAxis,
	held: readonly GridAxis[],
	byName: ReadonlyMap<string, MeasuredScores>,
): MainEffect | null {
	const { values, blocks } = designOf(axis, held);
	const used = blocks.flatMap((block) => {
		const measured = measuredBlock(block.flatMap((cell) => byName.get(cell) ?? []));
		return measured === null ? [] : [measured];
	});
	if (values.length < 2 || used.length === 0) return null;
	const prompts = Math.min(...used.map((block) => block.prompts));
	const drawn = drawnBlocks(used.length, at(at(used, 0).effects, 0).resamples.length);
	const effects = values.map(({ label }, i) => ({
		label,
		effect: estimateOf(
			meanOverBlocks(
				used.map((block) => at(block.effects, i)),
				drawn,
			),
			prompts,
		),
	}));
	const scores = effects.map(({ effect }) => effect.score);
	return {
		id: axis.id,
		title: axis.title,
		values: effects,
		size: Math.max(...scores) - Math.min(...scores),
		blocks: { used: used.length, planned: blocks.length },
		...seedsIn(blocks.flat(), byName),
	};
}

function seedsIn(
	cells: readonly string[],
	byName: ReadonlyMap<string, MeasuredScores>,
): Pick<MainEffect, 'seeds' | 'incomplete'> {
	const seedsOf = (cell: string): number => byName.get(cell)?.scores.seeds.length ?? 0;
	const most = Math.max(...cells.map(seedsOf));
	return { seeds: most, incomplete: cells.filter((cell) => seedsOf(cell) < most) };
}

interface MeasuredBlock {
	/** By value. */
	readonly effects: readonly Resampled[];
	readonly prompts: number;
}

/** @returns null without a seed and a prompt that all cells have */
function measuredBlock(cells: readonly MeasuredScores[]): MeasuredBlock | null {
	const shared = commonOfAll(cells.map(({ scores }) => scores));
	const prompts = shared[0] === undefined ? 0 : promptsOf(shared[0]);
	if (prompts === 0) return null;
	const measured = cells.map((cell, i) => cell.on(at(shared, i)));
	const centre = mean(measured.map((one) => one.mean));
	const centres = at(measured, 0).resamples.map((_, b) =>
		mean(measured.map(({ resamples }) => at(resamples, b))),
	);
	const effects = measured.map((one) => ({
		mean: one.mean - centre,
		resamples: one.resamples.map((value, b) => value - at(centres, b)),
	}));
	return { effects, prompts };
}

const DRAW_SEED = 1;

/** Blocks are drawn with replacement, too: an effect that differs between them has a wide interval. */
function drawnBlocks(blocks: number, resamples: number): readonly (readonly number[])[] {
	const source = rng(DRAW_SEED).fork('blocks');
	return Array.from({ length: resamples }, () => Array.from({ length: blocks }, () => source.int(blocks)));
}

function meanOverBlocks(blocks: readonly Resampled[], drawn: readonly (readonly number[])[]): Resampled {
	return {
		mean: mean(blocks.map((block) => block.mean)),
		resamples: Float64Array.from(drawn, (picked, b) =>
			mean(picked.map((block) => at(at(blocks, block).resamples, b))),
		),
	};
}
