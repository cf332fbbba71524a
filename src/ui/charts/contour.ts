/** Contour lines of a function on a square by marching squares, as SVG path data in the function's units. */

export type Height = (x: number, y: number) => number;

/**
 * @param f      any smooth function
 * @param extent the square is [−extent, extent]²
 * @param levels heights of the lines
 * @param cells  cells per side; 48 looks smooth at 400 px
 */
export function contours(f: Height, extent: number, levels: readonly number[], cells = 48): string {
	const size = (2 * extent) / cells;
	const coordinate = (i: number): number => -extent + i * size;
	const heights = Array.from({ length: cells + 1 }, (_, j) =>
		Array.from({ length: cells + 1 }, (_, i) => f(coordinate(i), coordinate(j))),
	);
	const parts: string[] = [];
	for (let j = 0; j < cells; j++) {
		for (let i = 0; i < cells; i++) {
			const corners = [
				heights[j]?.[i],
				heights[j]?.[i + 1],
				heights[j + 1]?.[i + 1],
				heights[j + 1]?.[i],
			] as [number, number, number, number];
			for (const level of levels) {
				for (const [from, to] of crossings(corners, level)) {
					const point = ([x, y]: Point): string =>
						`${(coordinate(i) + x * size).toFixed(3)} ${(coordinate(j) + y * size).toFixed(3)}`;
					parts.push(`M${point(from)}L${point(to)}`);
				}
			}
		}
	}
	return parts.join('');
}

type Point = readonly [x: number, y: number];

/** A level's crossings with the unit cell's sides, in pairs. Corners in order: (0,0) (1,0) (1,1) (0,1). */
function crossings(corners: readonly [number, number, number, number], level: number): [Point, Point][] {
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

/** `count` evenly spaced heights strictly between the function's minimum and maximum on the square. */
export function evenLevels(f: Height, extent: number, count: number): number[] {
	const corners = [-extent, 0, extent].flatMap((x) => [-extent, 0, extent].map((y) => f(x, y)));
	const low = Math.min(...corners);
	const high = Math.max(...corners);
	return Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 1)) / (count + 1));
}
