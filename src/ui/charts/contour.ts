/** Contour lines of a function on a square by marching squares, as SVG path data in the function's units. */

export type Height = (x: number, y: number) => number;

/** Heights on an even grid of the square [−extent, extent]². A height that is not finite is a hole: no line crosses it. */
export interface HeightGrid {
	readonly extent: number;
	/** Cells per side; each side has one point more. */
	readonly cells: number;
	/** `rows[j][i]` is the height at x of column i and y of row j, both ascending. */
	readonly rows: readonly (readonly number[])[];
}

/** @param cells cells per side; 48 looks smooth at 400 px */
export function heightsOf(f: Height, extent: number, cells = 48): HeightGrid {
	const places = Array.from({ length: cells + 1 }, (_, i) => gridPlace({ extent, cells }, i));
	return { extent, cells, rows: places.map((y) => places.map((x) => f(x, y))) };
}

export function gridPlace({ extent, cells }: Pick<HeightGrid, 'extent' | 'cells'>, i: number): number {
	return -extent + (i * 2 * extent) / cells;
}

/** Lines at these heights. */
export function contours(grid: HeightGrid, levels: readonly number[]): string {
	const { cells, rows } = grid;
	const size = (2 * grid.extent) / cells;
	const parts: string[] = [];
	for (let j = 0; j < cells; j++) {
		for (let i = 0; i < cells; i++) {
			const corners = [rows[j]?.[i], rows[j]?.[i + 1], rows[j + 1]?.[i + 1], rows[j + 1]?.[i]] as Corners;
			if (!corners.every(Number.isFinite)) continue;
			const point = ([x, y]: Point): string =>
				`${(gridPlace(grid, i) + x * size).toFixed(3)} ${(gridPlace(grid, j) + y * size).toFixed(3)}`;
			for (const level of levels)
				for (const [from, to] of crossings(corners, level)) parts.push(`M${point(from)}L${point(to)}`);
		}
	}
	return parts.join('');
}

type Corners = readonly [number, number, number, number];
type Point = readonly [x: number, y: number];

/** A level's crossings with the unit cell's sides, in pairs. Corners in order: (0,0) (1,0) (1,1) (0,1). */
function crossings(corners: Corners, level: number): [Point, Point][] {
	const [a, b, c, d] = corners;
	const points: Point[] = [];
	const crosses = (p: number, q: number): number | null =>
		p < level === q < level ? null : (level - p) / (q - p);
	const bottom = crosses(a, b);
	const right = crosses(b, c);
	const top = crosses(d, c);
	const left = crosses(a, d);
	if (bottom !== null) points.push([bottom, 0]);
	if (right !== null) points.push([1, right]);
	if (top !== null) points.push([top, 1]);
	if (left !== null) points.push([0, left]);
	const [p, q, r, s] = points;
	if (p === undefined || q === undefined) return [];
	return r === undefined || s === undefined
		? [[p, q]]
		: [
				[p, q],
				[r, s],
			];
}

/**
 * Lowest and highest finite height, without the far end of a function that explodes towards a corner; null without a finite
 * height. The highest is at most Tukey's outer fence: three times the middle half's spread above it. The lowest likewise.
 */
export function rangeOf({ rows }: HeightGrid): { low: number; high: number } | null {
	const sorted = rows
		.flat()
		.filter(Number.isFinite)
		.sort((a, b) => a - b);
	const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
	if (sorted.length === 0) return null;
	const reach = 3 * (at(0.75) - at(0.25));
	// A function that is flat in its middle half has no spread to measure by.
	if (reach === 0) return { low: at(0), high: at(1) };
	return { low: Math.max(at(0), at(0.25) - reach), high: Math.min(at(1), at(0.75) + reach) };
}

/** `count` evenly spaced heights strictly inside the range of the grid; empty if the grid is flat. */
export function evenLevels(grid: HeightGrid, count: number): number[] {
	const { low, high } = rangeOf(grid) ?? { low: 0, high: 0 };
	if (low === high) return [];
	return Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 1)) / (count + 1));
}
