/** An adapter's numbers as bytes, so that a hash of them names it. Id and step are not part of them. */
import type { Adapter } from './adapter.ts';
import { writePeftAdapter } from './peft.ts';

export function adapterContent(adapter: Adapter): Uint8Array<ArrayBuffer> {
	const { weights } = writePeftAdapter(adapter);
	const { rank, alpha } = adapter.config;
	const scaling = new TextEncoder().encode(`${alpha}/${rank}`);
	const content = new Uint8Array(weights.length + scaling.length);
	content.set(weights);
	content.set(scaling, weights.length);
	return content;
}
