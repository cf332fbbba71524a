/**
 * Frees the memory of numbers that are no longer needed at once; the view is then empty. Large arrays are few and small for the
 * garbage collector, which runs late: without this, a model's bytes stay in memory long after they were used.
 */
export function freeNow({ buffer }: ArrayBufferView<ArrayBuffer>): void {
	// Absent in Node 20, where the next garbage collection frees them.
	(buffer as { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}
