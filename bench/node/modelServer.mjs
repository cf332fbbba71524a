// A server with the files of a large model, made on the fly: a folder of safetensors, one file for each layer.
import { createServer } from 'node:http';

/** About 31 MB of bf16 for each layer: a shard of the kept model. */
export const SHAPE = { hidden: 1024, ffn: 4096, heads: 16, kvHeads: 4, headDim: 64, vocab: 8 };
const TOKENS = ['<|end|>', '<|user|>', 'a', 'b', 'Ġ', 'ab', 'Ġab', '<unused>'];
const TEMPLATE =
	"{% for m in messages %}{{ '<|user|>' if m['role'] == 'user' else '' }}{{ m['content'] }}{{ '<|end|>' }}{% endfor %}";

/** @param {number} layer @returns {[string, number[]][]} */
function tensorsOf(layer) {
	const { hidden, ffn, heads, kvHeads, headDim } = SHAPE;
	const name = (/** @type {string} */ part) => `model.layers.${layer}.${part}.weight`;
	return [
		[name('input_layernorm'), [hidden]],
		[name('self_attn.q_proj'), [heads * headDim, hidden]],
		[name('self_attn.k_proj'), [kvHeads * headDim, hidden]],
		[name('self_attn.v_proj'), [kvHeads * headDim, hidden]],
		[name('self_attn.o_proj'), [hidden, heads * headDim]],
		[name('post_attention_layernorm'), [hidden]],
		[name('mlp.gate_proj'), [ffn, hidden]],
		[name('mlp.up_proj'), [ffn, hidden]],
		[name('mlp.down_proj'), [hidden, ffn]],
	];
}

/** @param {readonly number[]} shape */
const bytesOf = (shape) => 2 * shape.reduce((product, length) => product * length, 1);

/** The header of a file of safetensors, and the bytes of its numbers. @param {[string, number[]][]} tensors */
function safetensors(tensors) {
	let at = 0;
	const entries = tensors.map(([name, shape]) => {
		const start = at;
		at += bytesOf(shape);
		return [name, { dtype: 'BF16', shape, data_offsets: [start, at] }];
	});
	const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
	const head = Buffer.alloc(8);
	head.writeBigUInt64LE(BigInt(json.length));
	return { head: Buffer.concat([head, json]), size: at };
}

/** @param {number} layers */
function filesOf(layers) {
	const { hidden, ffn, heads, kvHeads, headDim, vocab } = SHAPE;
	const fileOf = (/** @type {number} */ layer) =>
		`model-${String(layer + 1).padStart(5, '0')}-of-${String(layers).padStart(5, '0')}.safetensors`;
	const outer = /** @type {[string, number[]][]} */ ([
		['model.embed_tokens.weight', [vocab, hidden]],
		['model.norm.weight', [hidden]],
	]);
	const parts = Array.from({ length: layers }, (_, layer) => [
		...(layer === 0 ? outer : []),
		...tensorsOf(layer),
	]);
	const index = {
		weight_map: Object.fromEntries(parts.flatMap((part, i) => part.map(([name]) => [name, fileOf(i)]))),
	};
	const config = {
		...{ model_type: 'llama', hidden_size: hidden, intermediate_size: ffn, num_hidden_layers: layers },
		...{ num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim, vocab_size: vocab },
		...{
			max_position_embeddings: 128,
			rms_norm_eps: 1e-5,
			rope_theta: 10000,
			tie_word_embeddings: true,
			eos_token_id: 0,
		},
	};
	const tokenizer = {
		added_tokens: [0, 1].map((id) => ({ id, content: TOKENS[id], special: true })),
		...{ normalizer: null, post_processor: null, decoder: { type: 'ByteLevel' } },
		pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
		model: {
			type: 'BPE',
			vocab: Object.fromEntries(TOKENS.map((token, id) => [token, id])),
			merges: ['a b', 'Ġ ab'],
		},
	};
	const json = (/** @type {unknown} */ value) => ({ head: Buffer.from(JSON.stringify(value)), size: 0 });
	return new Map([
		['config.json', json(config)],
		['tokenizer.json', json(tokenizer)],
		['tokenizer_config.json', json({ eos_token: '<|end|>', chat_template: TEMPLATE })],
		['model.safetensors.index.json', json(index)],
		...parts.map((part, i) => /** @type {const} */ ([fileOf(i), safetensors(part)])),
	]);
}

/**
 * @param {import('./resources.mjs').Resources} resources
 * @param {number} layers
 * @returns {Promise<{ address: string, bytes: number, shardBytes: number }>}
 */
export async function serveModel(resources, layers) {
	const files = filesOf(layers);
	const largest = Math.max(...[...files.values()].map(({ size }) => size));
	// All numbers are 2⁻⁷; every file ends with the same bytes.
	const numbers = Buffer.alloc(largest, Buffer.from([0x00, 0x3c]));
	const server = createServer((request, response) => {
		const file = files.get((request.url ?? '/').split('/').at(-1) ?? '');
		response.setHeader('access-control-allow-origin', '*');
		response.setHeader('access-control-expose-headers', 'content-range, content-length, etag');
		if (file === undefined) return void response.writeHead(404).end();
		const { head, size } = file;
		const length = head.length + size;
		const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
		const start = Number(range?.[1] ?? 0);
		const end = range?.[2] ? Math.min(Number(range[2]) + 1, length) : length;
		response.writeHead(range === null ? 200 : 206, {
			'content-length': end - start,
			'accept-ranges': 'bytes',
			etag: '"1"',
			...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${length}` }),
		});
		if (request.method === 'HEAD') return void response.end();
		response.write(head.subarray(start, end));
		response.end(numbers.subarray(Math.max(0, start - head.length), Math.max(0, end - head.length)));
	});
	await resources.add(server, () => server.close());
	await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
	const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
	const bytes = [...files.values()].reduce((sum, { head, size }) => sum + head.length + size, 0);
	return { address: `http://127.0.0.1:${port}/model/`, bytes, shardBytes: largest };
}
