/**
 * llama.cpp's order of the rows of q and k in `llama` models. Hugging Face rotates channel i of a head with channel
 * i + D/2; llama.cpp rotates neighbours, so its files interleave the two halves of every head.
 */

/**
 * Restores Hugging Face's order, whole heads at a time.
 *
 * @param rows    [heads · headDim, columns], row-major
 * @param headDim rows of one head, even
 */
export function withoutInterleaving<
	T extends Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
>(rows: T, headDim: number, columns: number): T {
	const out = rows.slice() as T;
	const count = rows.length / columns;
	for (let row = 0; row < count; row++) {
		const channel = row % headDim;
		const half = channel % 2 === 0 ? 0 : headDim / 2;
		const target = row - channel + half + Math.floor(channel / 2);
		out.set(rows.subarray(row * columns, (row + 1) * columns), target * columns);
	}
	return out;
}
