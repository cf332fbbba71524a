// The page of the check: puts what scripts/check-model.mjs calls on `window`. Everything here runs in the browser.
import * as lib from './engine.mjs';

/** @typedef {import('./types.ts').Tensor} Tensor */
/** @typedef {import('./types.ts').Manifest} Manifest */

const { webllm } = lib;
const TOP = 5;
/** WebLLM takes log-probabilities after temperature, so 1; a top_p this small leaves the likeliest token alone. */
const GREEDY_WITH_LOGPS = { temperature: 1, top_p: 1e-5, logprobs: true, top_logprobs: TOP };
const GREEDY = { temperature: 0 };

/** @type {any} */ let engine;
/** @type {any} */ let pipeline;
/** @type {Manifest} */ let manifest;
/** @type {{ scaling: number, tensors: Tensor[] }} */ let adapter;
/** @type {Map<string, Float32Array> | undefined} */ let untouched;

/** @param {string[]} turns alternate user, assistant, …, user */
const messagesOf = (turns) =>
	turns.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));

/** @type {import('./types.ts').Check} */
const check = {
	async load(layout) {
		manifest = await (await fetch('/model/manifest.json')).json();
		const flat = new Float32Array(await (await fetch('/adapter.bin')).arrayBuffer());
		let at = 0;
		const tensors = layout.tensors.map(({ name, shape }) => ({
			name,
			shape,
			values: flat.subarray(at, (at += shape[0] * shape[1])),
		}));
		adapter = { scaling: layout.scaling, tensors };
		const start = performance.now();
		engine = await webllm.CreateMLCEngine(manifest.id, {
			appConfig: lib.appConfig(manifest, location.origin),
			logLevel: 'WARN',
		});
		pipeline = lib.pipelineOf(engine, manifest.id);
		return { seconds: (performance.now() - start) / 1000, manifest };
	},

	/** One request from an empty cache: ids fed, ids answered, likeliest tokens of each step. @param {string[]} turns @param {number} count */
	async chat(turns, count) {
		await engine.resetChat();
		const fed = lib.watchIds(pipeline);
		const reply = await lib.complete(engine, messagesOf(turns), { ...GREEDY_WITH_LOGPS, max_tokens: count });
		return { ...reply, fed: [...fed], tokens: [...pipeline.outputIds] };
	},

	/** Two requests, the second on the cache of the first: ids fed by both. @param {string[]} turns @param {number} count */
	async turnByTurn(turns, count) {
		await engine.resetChat();
		const fed = lib.watchIds(pipeline);
		const first = await lib.complete(engine, messagesOf(turns.slice(0, 1)), { ...GREEDY, max_tokens: 100 });
		const reply = await lib.complete(engine, messagesOf(turns), { ...GREEDY_WITH_LOGPS, max_tokens: count });
		return { ...reply, first: first.text, fed: [...fed], tokens: [...pipeline.outputIds] };
	},

	/** @param {string} prompt @param {object} options */
	async answer(prompt, options) {
		await engine.resetChat();
		const fed = lib.watchIds(pipeline);
		const reply = await lib.complete(engine, messagesOf([prompt]), options);
		return { ...reply, fed: [...fed], tokens: [...pipeline.outputIds] };
	},

	/** @param {number[]} ids @param {number} chunk */
	everyPosition: (ids, chunk) => lib.everyPosition(pipeline, ids, chunk),

	/** Milliseconds to write the adapter at a strength; 0 writes zeros. @param {number} strength */
	async adapt(strength) {
		const values = lib.fusedAdapter(
			manifest,
			strength === 0 ? [] : adapter.tensors,
			adapter.scaling * strength,
		);
		const start = performance.now();
		await lib.writeParameters(pipeline, values);
		return performance.now() - start;
	},

	/** The adapter of any rank, merged into the weights in place, or the weights as they were. @param {boolean} on */
	async merge(on) {
		const start = performance.now();
		if (on) {
			const merged = await lib.mergedWeights(pipeline, manifest, adapter.tensors, adapter.scaling);
			untouched = new Map();
			for (const name of merged.keys()) untouched.set(name, await lib.readParameter(pipeline, name));
			await lib.writeParameters(pipeline, merged);
		} else if (untouched) {
			await lib.writeParameters(pipeline, untouched);
		}
		return performance.now() - start;
	},

	/** @param {number[]} probs @param {[number, number][]} draws uniform and top_p */
	async sample(probs, draws) {
		const tokens = [];
		for (const [uniform, topP] of draws)
			tokens.push(await lib.sample(pipeline, Float32Array.from(probs), uniform, topP));
		return tokens;
	},

	/** The same prompt in a worker: adapter off, on, off. @param {string} prompt @param {number} count */
	async worker(prompt, count) {
		await engine.unload();
		const worker = new Worker('/check-model/worker.mjs', { type: 'module' });
		const remote = await webllm.CreateWebWorkerMLCEngine(worker, manifest.id, {
			appConfig: lib.appConfig(manifest, location.origin),
		});
		const write = (/** @type {number} */ strength) => {
			const values = lib.fusedAdapter(
				manifest,
				strength === 0 ? [] : adapter.tensors,
				adapter.scaling * strength,
			);
			const { port1, port2 } = new MessageChannel();
			const done = new Promise((resolve) => (port1.onmessage = resolve));
			worker.postMessage({ write: { id: manifest.id, values } }, [port2]);
			return done;
		};
		const texts = [];
		for (const strength of [0, 1, 0]) {
			await write(strength);
			await remote.resetChat();
			const reply = await remote.chat.completions.create({
				messages: messagesOf([prompt]),
				max_tokens: count,
				...GREEDY,
			});
			texts.push(reply.choices[0]?.message.content);
		}
		worker.terminate();
		return texts;
	},
};

Object.assign(window, { check });
