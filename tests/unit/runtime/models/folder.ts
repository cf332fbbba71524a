/** A small model folder in memory with a correct manifest, served over real HTTP. */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelSource } from '#core/model/model.ts';

export const CONFIG = {
	model_type: 'llama',
	model_config: {
		hidden_size: 4,
		intermediate_size: 8,
		num_hidden_layers: 1,
		num_attention_heads: 2,
		num_key_value_heads: 1,
		head_dim: 2,
		vocab_size: 3,
		rms_norm_eps: 1e-5,
		context_window_size: 64,
		tie_word_embeddings: true,
	},
};

const bytesOf = (...numbers: number[]): Buffer => Buffer.from(Float32Array.from(numbers).buffer);
const SHARD_0 = Buffer.concat([
	bytesOf(1, -2, 0.5, 3, 4, 5),
	// bfloat16: 1, −2; float16: 1, −2, 2^−24, infinity
	Buffer.from(Uint16Array.of(0x3f80, 0xc000).buffer),
	Buffer.from(Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00).buffer),
]);
const SHARD_1 = bytesOf(0, 0, 7);

const record = (
	name: string,
	shape: number[],
	dtype: string,
	format: string,
	at: [number, number],
): object => ({
	name,
	shape,
	dtype,
	format,
	byteOffset: at[0],
	nbytes: at[1],
});

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

const SHARDS = [
	{
		dataPath: 'params_shard_0.bin',
		nbytes: SHARD_0.length,
		format: 'raw-shard',
		md5sum: md5(SHARD_0),
		records: [
			record('a.weight', [2, 3], 'float32', 'raw', [0, 24]),
			record('b.weight', [2], 'float32', 'f32-to-bf16', [24, 4]),
			record('c.weight', [4], 'float16', 'raw', [28, 8]),
		],
	},
	{
		dataPath: 'params_shard_1.bin',
		nbytes: SHARD_1.length,
		format: 'raw-shard',
		md5sum: md5(SHARD_1),
		records: [
			record('a.lora_A', [1, 2], 'float32', 'raw', [0, 8]),
			record('d.weight', [1], 'float32', 'raw', [8, 4]),
		],
	},
];

/** Files by name. To damage the folder, change them after `withManifest`. */
export function modelFolder(): Map<string, Buffer> {
	const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
	return new Map([
		['mlc-chat-config.json', json(CONFIG)],
		['tokenizer.json', json({ model: {} })],
		['tokenizer_config.json', json({ eos_token: 'x' })],
		['tensor-cache.json', json({ metadata: {}, records: SHARDS })],
		['params_shard_0.bin', SHARD_0],
		['params_shard_1.bin', SHARD_1],
		['model.wasm', Buffer.from('\0asm')],
	]);
}

export function withManifest(files: Map<string, Buffer>): Map<string, Buffer> {
	const list = [...files].map(([path, bytes]) => ({
		path,
		bytes: bytes.length,
		sha256: createHash('sha256').update(bytes).digest('hex'),
	}));
	const manifest = {
		id: 'tiny',
		title: 'Tiny',
		library: 'model.wasm',
		loraMaxRank: 16,
		parameters: 13,
		files: list,
	};
	return new Map([...files, ['manifest.json', Buffer.from(JSON.stringify(manifest))]]);
}

export interface FolderServer {
	source: ModelSource;
	/** Requested names, in order. */
	asked: string[];
	close(): Promise<void>;
}

/** @param answer answers for a file itself and returns true; false sends the file's plain answer */
export async function serveFolder(
	files: Map<string, Buffer>,
	answer: (name: string, response: ServerResponse) => boolean = () => false,
): Promise<FolderServer> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		const name = (request.url ?? '').replace('/model/', '');
		asked.push(name);
		if (answer(name, response)) return;
		const bytes = files.get(name);
		if (bytes === undefined) response.writeHead(404).end();
		else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		asked,
		source: {
			id: 'tiny',
			title: 'Tiny',
			url: `http://127.0.0.1:${port}/model/`,
			library: { place: 'folder', file: 'model.wasm', loraRank: 16 },
			parameters: 13,
			origin: { place: 'page' },
		},
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}
