/** The exports in the order of the page's menu. To add one: write its file under exports/ and name it here. */
import type { RunExport } from './export.ts';
import { charts } from './exports/charts.ts';
import { heldOutScores } from './exports/heldOutScores.ts';
import { peftAdapter } from './exports/peftAdapter.ts';
import { recipeFile } from './exports/recipeFile.ts';
import { sentRequests } from './exports/sentRequests.ts';
import { stepMetrics } from './exports/stepMetrics.ts';
import { trlFolder } from './exports/trlFolder.ts';
import { trlPairs } from './exports/trlPairs.ts';
import { wholeRun } from './exports/wholeRun.ts';

export const RUN_EXPORTS: readonly RunExport[] = [
	wholeRun,
	trlPairs,
	peftAdapter,
	trlFolder,
	stepMetrics,
	heldOutScores,
	charts,
	recipeFile,
	sentRequests,
];
