/** Why a change of a grid was refused, as the form that asked for it says it. */
import { asAppError } from '#core/errors.ts';
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import { cellLabels } from '#core/grid/cellLabels.ts';
import { inPageWords } from '../pageWords.ts';

/**
 * @param change true if the grid took it; it throws for a value that cannot be read
 * @returns null if the grid took it
 */
export async function refusalOf(grid: GridSession, change: () => Promise<boolean>): Promise<string | null> {
	try {
		if (await change()) return null;
		const refusal = `${grid.error?.message ?? ''} ${grid.error?.hint ?? ''}`.trim();
		return inPageWords(refusal, cellLabels(grid.grid, grid.cells));
	} catch (error) {
		const { message, hint } = asAppError(error);
		return `${message} ${hint}`;
	}
}
