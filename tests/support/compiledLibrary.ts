/** Entries of a list of compiled libraries, and the list as a page's server gives it. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { CompiledLibrary } from '#core/model/compiledLibrary.ts';
import type { ModelConfig } from '#core/model/model.ts';

export const PROGRAM = Buffer.from('\0asm and the program');

export function compiledFor(config: ModelConfig, change: Partial<CompiledLibrary> = {}): CompiledLibrary {
	const fixed: Omit<ModelConfig, 'maxPositions'> & { maxPositions?: number } = { ...config };
	delete fixed.maxPositions;
	return {
		id: 'llama-tiny-bf16',
		config: fixed,
		weights: 'bf16',
		loraRank: 16,
		contextWindow: 64,
		prefillChunk: 32,
		file: 'llama-tiny-bf16.wasm.gz',
		bytes: PROGRAM.length,
		compressedBytes: gzipSync(PROGRAM).length,
		sha256: createHash('sha256').update(PROGRAM).digest('hex'),
		...change,
	};
}

const PAGE = 'https://page.test/app/';

/** A page with a list of libraries and their files; `files` can be changed to damage it, and `isDown` cuts its network. */
export class LibraryPage {
	readonly url = PAGE;
	readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
	readonly asked: string[] = [];
	isDown = false;

	constructor(libraries: readonly unknown[]) {
		this.put('index.json', JSON.stringify({ schema: 1, libraries }));
		this.put('llama-tiny-bf16.wasm.gz', gzipSync(PROGRAM));
	}

	put(name: string, content: string | Uint8Array): void {
		this.files.set(`${PAGE}libraries/${name}`, Uint8Array.from(Buffer.from(content)));
	}

	readonly fetch = (address: string): Promise<Response> => {
		this.asked.push(address.slice(PAGE.length));
		if (this.isDown) return Promise.reject(new TypeError('Failed to fetch'));
		const bytes = this.files.get(address);
		return Promise.resolve(new Response(bytes ?? null, { status: bytes === undefined ? 404 : 200 }));
	};
}
