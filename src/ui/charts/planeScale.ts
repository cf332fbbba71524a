/**
 * Scale of rewards on the plane. Up to ±3 it is linear. If pairs move further, both axes use an asinh scale:
 * linear near the start, where the objective acts, and logarithmic far out. Both axes have the same scale, so
 * margin 0 stays the diagonal.
 */
export interface PlaneScale {
	/** The plane is [−limit, limit]² in reward units. */
	limit: number;
	linear: boolean;
	/** Reward to position in [−1, 1]; clamped at the border. */
	to: (reward: number) => number;
	from: (place: number) => number;
	/** Slope of `to`, which converts a gradient in reward units to one on the picture. */
	slope: (reward: number) => number;
	/** Rewards with a label, including negative ones. */
	ticks: readonly number[];
}

const LIMITS = [3, 10, 30, 100] as const;
const hold = (place: number): number => Math.min(1, Math.max(-1, place));

export function planeScale(limit: number): PlaneScale {
	if (limit <= LIMITS[0]) {
		return {
			limit,
			linear: true,
			to: (reward) => hold(reward / limit),
			from: (place) => place * limit,
			slope: () => 1 / limit,
			ticks: [-2, 0, 2],
		};
	}
	const full = Math.asinh(limit);
	const marks = [1, 3, 10, 30].filter((mark) => mark < limit * 0.9);
	return {
		limit,
		linear: false,
		to: (reward) => hold(Math.asinh(reward) / full),
		from: (place) => Math.sinh(place * full),
		slope: (reward) => 1 / (full * Math.sqrt(1 + reward * reward)),
		ticks: [...marks.map((mark) => -mark).reverse(), 0, ...marks],
	};
}

export const SMALLEST_SCALE = planeScale(LIMITS[0]);

/** The smallest limit that contains all but one pair in fifty. @param reaches distance from 0 of each pair's furthest reward */
export function limitFor(reaches: readonly number[]): number {
	const outside = (limit: number): number => reaches.filter((reach) => reach > limit).length;
	return LIMITS.find((limit) => outside(limit) <= reaches.length / 50) ?? 100;
}
