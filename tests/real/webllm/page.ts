/** The page of a kept model: adds it from a file, and answers in WebLLM. */
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { adapterOf, type Answered, type KeptModelPage, type Question } from './questions.ts';

const never = new AbortController().signal;
const nothing = (): void => undefined;
const webLlm = new WebLlmTargetModel(
	() => new Worker(new URL('../../../src/worker/webllm.worker.ts', import.meta.url), { type: 'module' }),
);
let source: ModelSource;
let config: ModelConfig;

async function keep(address: string, name: string): Promise<string | null> {
	const file = await (await fetch(address)).blob();
	const keeper = new LocalModelKeeper();
	const place = { kind: 'disk', files: [{ path: name, file }] } as const;
	const { form } = await keeper.inspect(place, null, never);
	const kept = await keeper.keep(place, form, nothing).finished;
	config = kept.config;
	const models = await modelCatalogue(new URL('/', location.href).href).list();
	source = models.find(({ id }) => id === kept.source.id) ?? kept.source;
	return source.library?.place === 'page' ? source.library.compiled.id : null;
}

async function load(): Promise<number> {
	const start = performance.now();
	await webLlm.load(source, nothing, never);
	return (performance.now() - start) / 1000;
}

async function answer({ prompts, sampling, adapter: wanted }: Question): Promise<Answered> {
	const start = performance.now();
	await webLlm.setAdapter(wanted === null ? null : adapterOf(config, wanted), wanted === null ? 0 : 1);
	const adapterSeconds = (performance.now() - start) / 1000;
	const replies: Answered['replies'][number][] = [];
	for (const content of prompts) {
		const reply = await webLlm.score({ messages: [{ role: 'user', content }], sampling }, 1);
		const { text, tokenIds, prefillTokensPerSecond, decodeTokensPerSecond } = reply;
		replies.push({ text, ids: tokenIds ?? [], prefillTokensPerSecond, decodeTokensPerSecond });
	}
	return { replies, adapterSeconds };
}

const page: KeptModelPage = { keep, load, answer };
Object.assign(window, { keptModel: page });
