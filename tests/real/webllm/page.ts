/** The page of a kept model: adds it from a file, and answers in WebLLM and in the compute engine. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { ComputeClient } from '#worker/client.ts';
import { randomAdapter, widenAdapter } from '../../support/randomAdapter.ts';
import { allAnswered } from '../../support/replies.ts';
import type { Answered, KeptModelPage, Question } from './types.ts';

const never = new AbortController().signal;
const nothing = (): void => undefined;
const webLlm = new WebLlmTargetModel(
	() => new Worker(new URL('../../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
);
const worker = new Worker(new URL('../../../src/worker/compute.worker.ts', import.meta.url), {
	type: 'module',
	name: 'compute-wasm',
});
const compute = new ComputeClient(worker, () => worker.terminate());
let source: ModelSource;
let config: ModelConfig;

async function keep(address: string, name: string): Promise<string | null> {
	const file = await (await fetch(address)).blob();
	const keeper = new LocalModelKeeper();
	const place = { kind: 'disk', files: [{ path: name, file }] } as const;
	const { form } = await keeper.inspect(place, null, never);
	const kept = await keeper.keep(place, form, nothing).finished;
	const models = await modelCatalogue(new URL('/', location.href).href).list();
	source = models.find(({ id }) => id === kept.source.id) ?? kept.source;
	return source.library?.place === 'page' ? source.library.compiled.id : null;
}

async function load(): Promise<{ webLlmSeconds: number; computeSeconds: number }> {
	const start = performance.now();
	await webLlm.load(source, nothing, never);
	const loaded = performance.now();
	config = await compute.load(source, nothing, never);
	return { webLlmSeconds: (loaded - start) / 1000, computeSeconds: (performance.now() - loaded) / 1000 };
}

/** The same change of the weights at any rank: zeros fill a higher one. */
function adapterOf({ rank, size }: { rank: number; size: number }): Adapter {
	return widenAdapter(randomAdapter(config, 8, 3, size), rank);
}

async function answer({ prompts, maxTokens, adapter: wanted }: Question): Promise<Answered> {
	const adapter = wanted === null ? null : adapterOf(wanted);
	const strength = adapter === null ? 0 : 1;
	const chats = prompts.map((content) => [{ role: 'user' as const, content }]);
	const sampling = { temperature: 0, topP: 1, maxTokens, seed: 1 };
	const writing = performance.now();
	await webLlm.setAdapter(adapter, strength);
	const start = performance.now();
	const theirs: { ids: readonly number[]; text: string }[] = [];
	let rate = 0;
	for (const messages of chats) {
		const reply = await webLlm.score({ messages, sampling }, 1);
		theirs.push({ ids: reply.tokenIds ?? [], text: reply.text });
		rate = reply.decodeTokensPerSecond;
	}
	const seconds = (performance.now() - start) / 1000;
	const replies = await compute.generate({ prompts: chats, sampling, adapter, strength }, nothing, never);
	return {
		webLlm: theirs,
		compute: allAnswered(replies).map(({ tokenIds, text }) => ({ ids: tokenIds ?? [], text })),
		adapterSeconds: (start - writing) / 1000,
		seconds,
		decodeTokensPerSecond: rate,
	};
}

const page: KeptModelPage = { keep, load, answer };
Object.assign(window, { keptModel: page });
