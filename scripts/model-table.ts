// Writes the table of published models into README.md, from the catalogue and the plan of memory:
//   node scripts/model-table.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { longTime, modelFit, type ModelFit } from '#app/text/modelMemory.ts';
import { byteSize } from '#core/format/byteSize.ts';
import type { DeviceReport } from '#core/device/report.ts';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import { trainingMemory } from '#core/model/memory.ts';
import { parametersOf } from '#core/model/parameters.ts';
import { downloadBytes } from '#core/model/published/downloadBytes.ts';
import type { Precision, PublishedModel } from '#core/model/published/publishedModel.ts';
import { PUBLISHED_MODELS } from '#core/model/published/registry.ts';
import { publishedRecipe } from '#core/recipe/suggested.ts';
import { between, markdownTable } from './markdown-table.ts';

const README = new URL('../README.md', import.meta.url);
const MARKS = [
	'<!-- models: node scripts/model-table.ts writes this table -->',
	'<!-- end models -->',
] as const;
const GIB = 2 ** 30;
const NAMES: Readonly<Record<Precision, string>> = { bf16: '', q0f16: '', q4f16_1: '4 bits', Q8_0: 'Q8_0' };
/** Forms that are a row of the table, with the format of their matrices on the device. */
const ROWS: readonly (readonly [Precision, NumberFormat])[] = [
	['bf16', 'bf16'],
	['q0f16', 'f16'],
	['q4f16_1', 'q4'],
];

/** A device with this backend, where a page may take so many bytes. */
const deviceOf = (backend: 'webgpu' | 'wasm', budgetBytes: number): DeviceReport => ({
	...{ backend, vendor: '', architecture: '', description: '', features: [], limits: {} },
	...{ fallbackReason: null, budgetBytes },
});
/** A page may take half of the memory that the browser reports: at most 8 GB on a laptop, 4 GB on a usual phone. */
const LAPTOP = deviceOf('webgpu', 4 * GIB);
const PHONE = deviceOf('webgpu', 2 * GIB);
const NO_GPU = deviceOf('wasm', 4 * GIB);

const HEAD = ['model', 'parameters', 'download', 'to sample', 'to train', 'laptop', 'phone', 'no GPU'];

/** README.md with the current table. */
export function withModelTable(readme: string): string {
	return between(readme, MARKS, markdownTable(HEAD, PUBLISHED_MODELS.flatMap(rowsOf)));
}

/** One row for 16 bits, and one for 4 bits, as far as the model is published so. */
function rowsOf(model: PublishedModel): string[][] {
	const published = new Set(model.downloads.map(({ precision }) => precision));
	const whole = ROWS.slice(0, 2).find(([precision]) => published.has(precision));
	const packed = ROWS.slice(2).filter(([precision]) => published.has(precision));
	// Models that a browser cannot hold in 16 bits have a row for 4 bits only.
	const isLarge = parametersOf(model.config) > 2.5e9;
	return [...(whole === undefined || isLarge ? [] : [whole]), ...packed].map((form) => rowOf(model, form));
}

function rowOf(model: PublishedModel, [precision, stored]: readonly [Precision, NumberFormat]): string[] {
	const { config, title, millions } = model;
	const recipe = publishedRecipe(model);
	const fitted = { config, weights: stored };
	const placement = { stored, storage: 'stored', backend: 'webgpu' } as const;
	const [least, most] = [0, Infinity].map(
		(budget) => trainingMemory(config, recipe, placement, budget).bytes,
	);
	const cell = (device: DeviceReport): string => words(modelFit(fitted, recipe, device));
	const name = NAMES[precision];
	return [
		name === '' ? title : `${title}, ${name}`,
		millions < 1000 ? `${millions} M` : `${(millions / 1000).toFixed(1)} B`,
		byteSize(downloadBytes(model, precision)),
		byteSize(modelFit(fitted, recipe, LAPTOP).sampling),
		`${byteSize(least ?? NaN)} to ${byteSize(most ?? NaN)}`,
		...[LAPTOP, PHONE, NO_GPU].map(cell),
	];
}

/** The uses of a form on a device. */
function words(fit: ModelFit): string {
	if (!fit.samples) return '–';
	if (!fit.trains) return 'samples';
	return fit.sensible ? 'trains' : `trains in ${longTime(fit.seconds)}`;
}

if (import.meta.main) writeFileSync(README, withModelTable(readFileSync(README, 'utf8')));
