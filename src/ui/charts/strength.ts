/** Score by adapter strength. */
export interface StrengthPoint {
	strength: number;
	score: number;
	low: number;
	high: number;
}
/** Interpolates the score at a strength; null outside the measured strengths. */
export function scoreAt(points: readonly StrengthPoint[], strength: number): number | null {
	const right = points.findIndex((point) => point.strength >= strength);
	const b = points[right];
	const a = points[right - 1];
	if (!b) return null;
	if (!a) return b.strength === strength ? b.score : null;
	const share = (strength - a.strength) / (b.strength - a.strength);
	return a.score + share * (b.score - a.score);
}
