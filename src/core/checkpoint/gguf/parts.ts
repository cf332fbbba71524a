/**
 * The parts of a model that llama-gguf-split divided: every file has its own header and tensors, the first also the
 * model's metadata.
 *
 * @source https://github.com/ggml-org/llama.cpp/tree/master/tools/gguf-split
 */
import type { ByteSource } from '../bytes.ts';
import { at } from '../../math/at.ts';
import { ggufUnsupported } from './fault.ts';
import { readGgufHeader } from './header.ts';
import { Metadata } from './metadata.ts';
import type { GgufTensor } from './tensorInfos.ts';

/** A tensor and the file that holds it. */
export interface PlacedTensor extends GgufTensor {
	source: ByteSource;
}

export interface GgufParts {
	metadata: Metadata;
	tensors: readonly PlacedTensor[];
}

/**
 * @param sources the file, or all parts in order
 * @throws FormatError like `readGgufHeader`, and `gguf-unsupported` if a part is missing or in another place
 */
export async function readGgufParts(
	sources: readonly ByteSource[],
	signal?: AbortSignal,
): Promise<GgufParts> {
	const tensors: PlacedTensor[] = [];
	let first: Metadata | null = null;
	for (const [i, source] of sources.entries()) {
		const header = await readGgufHeader(source, signal);
		const metadata = new Metadata(header.metadata, source.name);
		expectPart(metadata, i, sources.length);
		first ??= metadata;
		tensors.push(...header.tensors.map((tensor) => ({ ...tensor, source })));
	}
	return { metadata: first ?? new Metadata(new Map(), at(sources, 0).name), tensors };
}

function expectPart(metadata: Metadata, index: number, count: number): void {
	const parts = metadata.number('split.count', 1);
	const own = metadata.number('split.no', 0);
	if ((parts === count || (parts === 0 && count === 1)) && own === index) return;
	const found = count === 1 ? 'only this one is there' : `it is in place ${index + 1} of ${count}`;
	throw ggufUnsupported(
		metadata.source,
		`is part ${own + 1} of ${parts} of a model, and ${found}.`,
		'Choose the folder with all parts under their own names, or join them with llama-gguf-split --merge.',
	);
}
