/** The adapter's norms as a table of layers by modules, in the order of the projections. */
import type { AdapterNorms } from '#app/steps/adapterNorms.ts';
import { TARGET_MODULES, type TargetModule } from '#core/recipe/recipe.ts';

export interface NormTable {
	columns: readonly TargetModule[];
	/** rows[layer][column]; null if the module has no adapter. */
	rows: readonly (readonly (number | null)[])[];
}

export function normRows(norms: AdapterNorms): NormTable {
	const columns = TARGET_MODULES.filter((module) => norms.modules.some((one) => one.module === module));
	const rows = Array.from({ length: norms.layers }, (_, layer) =>
		columns.map(
			(module) => norms.modules.find((one) => one.layer === layer && one.module === module)?.norm ?? null,
		),
	);
	return { columns, rows };
}
