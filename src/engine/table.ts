/**
 * A frozen matrix with one row per word: the embedding or the head. At 128,000 words it may be larger than one
 * binding; its rows are then in several weights, and each product runs once per part.
 */
import { ShapeError } from '#core/errors.ts';
import { maybeRecorder } from './gpu/record.ts';
import { formatOf, wordsOf, type StoredNumbers } from '#core/format/numberFormat.ts';
import { disposeWeight, storedWeight, weightBytes, weightShape, type Weight } from './weight.ts';

export interface SplitTable {
	readonly kind: 'split';
	/** Consecutive rows; all parts but the last have equally many. */
	readonly parts: readonly Weight[];
}

export type Table = Weight | SplitTable;

export interface TablePart {
	readonly weight: Weight;
	/** Row of the table that is the part's row 0. */
	readonly first: number;
	/** True if the table has several parts; their programs have `first` as a uniform. */
	readonly split: boolean;
}

/** Rows of a part are a multiple of this, so that tiles of the head's programs end with it. */
const ROWS_TOGETHER = 8;

/**
 * A table [N, K] in the format of its numbers, in as few parts as the largest binding allows.
 *
 * @param most bytes of a binding
 */
export function storedTable(
	stored: StoredNumbers,
	N: number,
	K: number,
	most = maybeRecorder()?.mostBytes ?? Infinity,
): Table {
	const rowBytes = 4 * wordsOf(formatOf(stored), K);
	// If eight rows are larger than a binding, place() (memory.ts) refuses them.
	const rows = Math.max(1, Math.floor(most / rowBytes / ROWS_TOGETHER)) * ROWS_TOGETHER;
	if (rows >= N) return storedWeight(stored, N, K);
	const { data } = stored;
	const parts = Array.from({ length: Math.ceil(N / rows) }, (_, i) => {
		const [start, end] = [i * rows, Math.min((i + 1) * rows, N)];
		const some = data.subarray((start * data.length) / N, (end * data.length) / N);
		return storedWeight({ ...stored, data: some }, end - start, K);
	});
	return { kind: 'split', parts };
}

export function tableParts(table: Table): readonly TablePart[] {
	if (table.kind !== 'split') return [{ weight: table, first: 0, split: false }];
	let first = 0;
	return table.parts.map((weight) => {
		const part = { weight, first, split: true };
		first += weightShape(weight)[0];
		return part;
	});
}

/** [N, K] */
export function tableShape(table: Table): [N: number, K: number] {
	const shapes = tableParts(table).map(({ weight }) => weightShape(weight));
	return [shapes.reduce((sum, [rows]) => sum + rows, 0), shapes[0]?.[1] ?? 0];
}

/** Shape by which programs of a table are chosen (gpu/variants.ts): that of its first part. */
export function shapeClass(table: Table): [N: number, K: number] {
	const [first] = tableParts(table);
	return first === undefined ? [0, 0] : weightShape(first.weight);
}

export function tableBytes(table: Table): number {
	return tableParts(table).reduce((sum, { weight }) => sum + weightBytes(weight), 0);
}

export function disposeTable(table: Table): void {
	for (const { weight } of tableParts(table)) disposeWeight(weight);
}

/** The only part of a table. @throws ShapeError for a split table, which host backends never make */
export function wholeTable(table: Table): Weight {
	if (table.kind !== 'split') return table;
	throw new ShapeError('This backend reads no table in several parts.', { code: 'table-split' });
}
