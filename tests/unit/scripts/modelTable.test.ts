/** README's table of published models, and its sentence on measured memory. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loraLayout } from '#core/adapter/layout.ts';
import { stepBytes, weightBytes } from '#core/model/memory.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { withModelTable } from '../../../scripts/model-table.ts';
import { PUBLISHED, PUBLISHED_NAMES } from '../../../bench/workloads/published.ts';

test('README has the table that scripts/model-table.ts writes', () => {
	const readme = readFileSync('README.md', 'utf8');
	expect(withModelTable(readme), 'run node scripts/model-table.ts').toBe(readme);
});

/** Rows of a step in `npm run bench -- gpu`, and its rank; see bench/gpu/shapes.ts. */
const [ROWS, RANK] = [1024, 8];
const PEAKS = /holds ([\d.]+) MB at its peak\. In f16 it holds ([\d.]+) MB/;

test.each(PUBLISHED_NAMES)(
	'the plan of %s is within 6%% of the peaks that docs/benchmarks.md reports',
	(name) => {
		const [, chapter = ''] = readFileSync('docs/benchmarks.md', 'utf8').split(`\n### ${name}\n`);
		const peaks = PEAKS.exec(chapter)?.slice(1).map(Number) ?? [];
		const config = PUBLISHED[name];
		const { size: loraSize } = loraLayout(config, { rank: RANK, alpha: 16, targetModules: TARGET_MODULES });
		const step = stepBytes(config, { rows: ROWS, loraSize, rank: RANK, kept: 'all' });
		for (const [i, stored] of (['f32', 'f16'] as const).entries()) {
			const planned = step + weightBytes(config, { stored, storage: 'stored', backend: 'webgpu' });
			expect(Math.abs(planned / 1e6 / (peaks[i] ?? NaN) - 1), `${stored}: plans ${planned}`).toBeLessThan(
				0.06,
			);
		}
	},
);
