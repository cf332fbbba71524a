/** Why a change of a grid was refused, as the form that asked for it says it. */
import { asAppError, type AppError } from '#core/errors.ts';
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import { cellLabels } from '#core/grid/cellLabels.ts';
import { inPageWords } from '../pageWords.ts';

/**
 * @param change true if the grid took it; it throws for a value that cannot be read
 * @returns null if the grid took it
 */
export async function refusalOf(grid: GridSession, change: () => Promise<boolean>): Promise<string | null> {
	const inWords = ({ message, hint }: Pick<AppError, 'message' | 'hint'>): string =>
		inPageWords(`${message} ${hint}`.trim(), cellLabels(grid.grid, grid.cells));
	try {
		if (await change()) return null;
		return grid.error === null ? '' : inWords(grid.error);
	} catch (error) {
		return inWords(asAppError(error));
	}
}
