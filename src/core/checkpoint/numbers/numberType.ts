/** The form of a tensor's numbers in a file: plain, or in blocks with a common scale. */
export interface NumberType {
	/** As safetensors and ggml name it. */
	name: string;
	/** Numbers in one block; 1 for plain numbers. */
	blockSize: number;
	/** Bytes of one block. */
	blockBytes: number;
	/**
	 * Decodes all blocks of `bytes` to f32, with the roundings of llama.cpp's reference (ggml-quants.c).
	 *
	 * @param out one number for each in the blocks
	 */
	decode(bytes: Uint8Array<ArrayBuffer>, out: Float32Array): void;
}

/** Decodes one block at byte `at` of the view to the numbers from `start` on. */
type DecodeBlock = (view: DataView, at: number, out: Float32Array, start: number) => void;

/** A type that decodes block by block. */
export function blockType(
	name: string,
	blockSize: number,
	blockBytes: number,
	decodeBlock: DecodeBlock,
): NumberType {
	return {
		name,
		blockSize,
		blockBytes,
		decode: (bytes, out) => {
			const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
			const blocks = bytes.length / blockBytes;
			for (let b = 0; b < blocks; b++) decodeBlock(view, b * blockBytes, out, b * blockSize);
		},
	};
}

/** Bytes of a tensor with this many numbers, which must fill whole blocks. */
export function bytesOf({ blockSize, blockBytes }: NumberType, size: number): number {
	return (size / blockSize) * blockBytes;
}
