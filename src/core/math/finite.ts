/** True if no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
	// A loop without a callback: adapters have millions of values.
	for (const value of values) if (!Number.isFinite(value)) return false;
	return true;
}
