/**
 * The scales of Q4_K and Q5_K: a block of 256 numbers has 8 groups of 32, each with a scale and a minimum of six
 * bits, packed in 12 bytes (get_scale_min_k4 in ggml-quants.c).
 */

/** @param at byte of the 12 bytes */
export function scaleOf(view: DataView, at: number, group: number): number {
	if (group < 4) return view.getUint8(at + group) & 63;
	return (view.getUint8(at + group + 4) & 15) | ((view.getUint8(at + group - 4) >> 6) << 4);
}

/** @param at byte of the 12 bytes */
export function minimumOf(view: DataView, at: number, group: number): number {
	if (group < 4) return view.getUint8(at + group + 4) & 63;
	return (view.getUint8(at + group + 4) >> 4) | ((view.getUint8(at + group) >> 6) << 4);
}
