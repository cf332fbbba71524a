// In the browser: WebLLM's engine, and the parts of it that the check needs below its public API.
// @ts-expect-error check-model/server.mjs serves the package under this name
import * as webllm from '/web-llm.js';

/** @typedef {import('./types.ts').Tensor} Tensor */
/** @typedef {import('./types.ts').Manifest} Manifest */

/** @param {Manifest} manifest @param {string} base */
export function appConfig(manifest, base) {
	const model = {
		model: `${base}/model/`,
		model_id: manifest.id,
		model_lib: `${base}/model/${manifest.library}`,
	};
	return { model_list: [model] };
}

/** The pipeline of a loaded model: not in WebLLM's types, seen in 0.2.80 to 0.2.86. @param {any} engine @param {string} id */
export const pipelineOf = (engine, id) => engine.loadedModelIdToPipeline.get(id);

/** Writes values over parameters in place. @param {any} pipeline @param {Map<string, Float32Array>} values */
export async function writeParameters(pipeline, values) {
	const { tvm, device } = pipeline;
	tvm.beginScope();
	const names = [...values.keys()];
	const tensors = tvm.getParamsFromCacheByName(names);
	names.forEach((name, i) => tensors.get(i).copyFrom(values.get(name)));
	tvm.endScope();
	await device.sync();
}

/** @param {any} pipeline @param {string} name @returns {Promise<Float32Array>} */
export async function readParameter(pipeline, name) {
	const { tvm, device } = pipeline;
	tvm.beginScope();
	const tensor = tvm.getParamsFromCacheByName([name]).get(0);
	const host = tvm.empty(tensor.shape, 'float32', tvm.cpu()).copyFrom(tensor);
	await device.sync();
	const values = Float32Array.from(host.toArray());
	tvm.endScope();
	return values;
}

/**
 * The fused projections of a layer: parts in order, rows of each, columns. See python/README.md.
 * @param {Manifest} manifest @param {number} layer
 */
function projections({ architecture: a }, layer) {
	const size = a.head_dim ?? a.hidden_size / a.num_attention_heads;
	const q = a.num_attention_heads * size;
	const kv = (a.num_key_value_heads ?? a.num_attention_heads) * size;
	const [hidden, ffn, prefix] = [a.hidden_size, a.intermediate_size, `model.layers.${layer}`];
	const qkv = a.model_type === 'llama' ? 'qkv_proj' : 'c_attn';
	return [
		{
			module: `${prefix}.self_attn`,
			fused: qkv,
			parts: ['q_proj', 'k_proj', 'v_proj'],
			rows: [q, kv, kv],
			inner: hidden,
		},
		{ module: `${prefix}.self_attn`, fused: 'o_proj', parts: ['o_proj'], rows: [hidden], inner: q },
		{
			module: `${prefix}.mlp`,
			fused: 'gate_up_proj',
			parts: ['gate_proj', 'up_proj'],
			rows: [ffn, ffn],
			inner: hidden,
		},
		{ module: `${prefix}.mlp`, fused: 'down_proj', parts: ['down_proj'], rows: [hidden], inner: ffn },
	];
}

/** @param {Manifest} manifest */
const everyProjection = (manifest) =>
	Array.from({ length: manifest.architecture.num_hidden_layers }, (_, layer) =>
		projections(manifest, layer),
	).flat();

/**
 * PEFT's matrices in the library's fused, zero-padded form. No tensors: zeros, which is the adapter off.
 * @param {Manifest} manifest @param {Tensor[]} tensors @param {number} scaling scaling · strength, folded into B
 */
export function fusedAdapter(manifest, tensors, scaling) {
	const rank = manifest.loraMaxRank;
	const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
	/** @type {Map<string, Float32Array>} */
	const values = new Map();
	for (const { module, fused, parts, rows, inner } of everyProjection(manifest)) {
		const a = new Float32Array(parts.length * rank * inner);
		const b = new Float32Array(rows.reduce((sum, n) => sum + n, 0) * rank);
		let start = 0;
		parts.forEach((part, p) => {
			const [partA, partB] = ['A', 'B'].map((kind) => byName.get(`${module}.${part}.lora_${kind}`));
			if (partA && partB) {
				a.set(partA.values, p * rank * inner);
				const r = partB.shape[1];
				partB.values.forEach((v, i) => (b[(start + Math.floor(i / r)) * rank + (i % r)] = v * scaling));
			}
			start += rows[p] ?? 0;
		});
		values.set(`${module}.${fused}.lora_A`, a).set(`${module}.${fused}.lora_B`, b);
	}
	return values;
}

/**
 * W + scaling · B · A of every projection, read from the device and summed in float64.
 * @param {any} pipeline @param {Manifest} manifest @param {Tensor[]} tensors @param {number} scaling
 */
export async function mergedWeights(pipeline, manifest, tensors, scaling) {
	const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
	/** @type {Map<string, Float32Array>} */
	const values = new Map();
	for (const { module, fused, parts, rows, inner } of everyProjection(manifest)) {
		const name = `${module}.${fused}.weight`;
		const weight = await readParameter(pipeline, name);
		let start = 0;
		parts.forEach((part, p) => {
			const [a, b] = ['A', 'B'].map((kind) => byName.get(`${module}.${part}.lora_${kind}`));
			if (a && b) addProduct(weight.subarray(start * inner), a, b, scaling);
			start += rows[p] ?? 0;
		});
		values.set(name, weight);
	}
	return values;
}

/** weight [rows of b, inner] += scaling · b · a. @param {Float32Array} weight @param {Tensor} a @param {Tensor} b @param {number} scaling */
function addProduct(weight, a, b, scaling) {
	const [rank, inner] = a.shape;
	for (let row = 0; row < b.shape[0]; row++) {
		const sum = new Float64Array(inner);
		b.values.subarray(row * rank, (row + 1) * rank).forEach((factor, j) => {
			a.values
				.subarray(j * inner, (j + 1) * inner)
				.forEach((value, k) => (sum[k] = (sum[k] ?? 0) + factor * value));
		});
		const cells = weight.subarray(row * inner, (row + 1) * inner);
		cells.set(cells.map((value, k) => value + scaling * (sum[k] ?? 0)));
	}
}

/** Records every id that goes into the model from now on. @param {any} pipeline @returns {number[]} */
export function watchIds(pipeline) {
	/** @type {number[]} */
	const fed = [];
	const plain = pipeline.constructor.prototype.getTokensEmbeddings;
	pipeline.getTokensEmbeddings = function (/** @type {number[]} */ ids) {
		fed.push(...ids);
		return plain.call(this, ids);
	};
	return fed;
}

/**
 * Log-probability of each id after the first, by the library's own `prefill_all`, a chunk at a time through the cache.
 * @param {any} pipeline @param {number[]} ids @param {number} chunk
 */
export async function everyPosition(pipeline, ids, chunk) {
	const { tvm, device } = pipeline;
	pipeline.resetChat();
	tvm.beginScope();
	const prefillAll = pipeline.vm.getFunction('prefill_all');
	/** @type {number[]} */
	const logps = [];
	for (let start = 0; start < ids.length; start += chunk) {
		const part = ids.slice(start, start + chunk);
		const embedded = pipeline.embed(
			tvm.empty([part.length], 'int32', device).copyFrom(part),
			pipeline.params,
		);
		pipeline.fKVCacheBeginForward(
			pipeline.kvCache,
			tvm.makeShapeTuple([0]),
			tvm.makeShapeTuple([part.length]),
		);
		const input = embedded.view([1, part.length, embedded.shape[1]]);
		const logits = prefillAll(input, pipeline.kvCache, pipeline.params).get(0);
		pipeline.fKVCacheEndForward(pipeline.kvCache);
		const host = tvm.empty(logits.shape, 'float32', tvm.cpu()).copyFrom(logits);
		await device.sync();
		const [values, vocab] = [host.toArray(), logits.shape[2]];
		part.forEach((_, row) => {
			const next = ids[start + row + 1];
			if (next !== undefined) logps.push(logp(values.subarray(row * vocab, (row + 1) * vocab), next));
		});
	}
	tvm.endScope();
	pipeline.resetChat();
	return logps;
}

/** @param {Float32Array} logits @param {number} token */
function logp(logits, token) {
	const top = logits.reduce((a, b) => Math.max(a, b));
	return (logits[token] ?? NaN) - top - Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

/**
 * The library's sampler on given probabilities.
 * @param {any} pipeline @param {Float32Array} probs @param {number} uniform @param {number} topP
 */
export async function sample(pipeline, probs, uniform, topP) {
	const { tvm, device } = pipeline;
	tvm.beginScope();
	const put = (/** @type {any} */ values, /** @type {number[]} */ shape, dtype = 'float32') =>
		tvm.empty(shape, dtype, device).copyFrom(values);
	const sorted = pipeline.fargsortProbs(put(probs, [1, probs.length]));
	const token = pipeline.fsampleWithTopP(
		sorted.get(0),
		sorted.get(1),
		put([uniform], [1]),
		put([0], [1], 'int32'),
		put([topP], [1]),
	);
	const host = tvm.empty([1], 'int32', tvm.cpu()).copyFrom(token);
	await device.sync();
	const id = host.toArray()[0];
	tvm.endScope();
	return id;
}

/** Greedy answer and the likeliest tokens of every step. @param {any} engine @param {any[]} messages @param {object} options */
export async function complete(engine, messages, options) {
	const reply = await engine.chat.completions.create({ messages, stream: false, ...options });
	const [choice] = reply.choices;
	return {
		text: choice.message.content,
		finish: choice.finish_reason,
		steps: (choice.logprobs?.content ?? []).map((/** @type {any} */ step) =>
			step.top_logprobs.map((/** @type {any} */ t) => t.logprob),
		),
		usage: reply.usage.extra,
	};
}

export { webllm };
