/** Grids to start from. */
import paper from '../../../../docs/grids/paper.json';
import { readGrid, type Grid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';

export interface GridPreset {
	readonly id: string;
	readonly title: string;
	/** One sentence for a student. */
	readonly note: string;
	/** A typed line over the recipe on the page, or a whole grid as a file has it. */
	readonly grid: string | object;
}

export const GRID_PRESETS: readonly GridPreset[] = [
	{
		id: 'paper',
		title: 'The paper’s table',
		note: 'Four data methods and five objectives, each with three seeds.',
		grid: paper,
	},
	{
		id: 'beta',
		title: 'How strong should β be?',
		note: 'Two objectives at three strengths.',
		grid: 'objective: dpo, apo_zero; beta: 0.1, 0.5, 2; seed: 1..2',
	},
	{
		id: 'data',
		title: 'Does the data matter more than the objective?',
		note: 'Two data methods and two objectives.',
		grid: 'data: clair, stronger_preferred; objective: dpo, apo_zero; seed: 1..3',
	},
	{
		id: 'rank',
		title: 'How large should the adapter be?',
		note: 'Three ranks at two learning rates.',
		grid: 'rank: 2, 8, 32; learningRate: 0.0005, 0.002; seed: 1..2',
	},
];

/** @throws FormatError if the preset is damaged; a test reads them all */
export function presetGrid({ title, grid }: GridPreset): Grid {
	return readGrid(typeof grid === 'string' ? { ...readGridLine(grid), name: title } : grid);
}
