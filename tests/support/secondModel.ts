/** A page whose recipe names a second model, with doubles of the engines that note what they load and when they leave. */
import { Session } from '#app/session.svelte.ts';
import { DeviceError } from '#core/errors.ts';
import { judge } from '#core/cast/models/judge.ts';
import { readJudgeRequest } from '#core/judgement/request.ts';
import { noLibrary } from '#core/model/noLibrary.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { ChatRequest, Progress } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { readRevisionRequest } from '#core/revision/request.ts';
import { FakeCompute, fakeReply, rightAnswer, WEBGPU } from './fakeCompute.ts';
import { createFakes, FakeReviser, FakeTarget, SMALL, SOURCE, type FakeStore } from './fakes.ts';

export const KEPT: ModelSource = {
	...SOURCE,
	id: 'me/tiny@1:f16',
	title: 'Tiny',
	library: null,
};
export const PUBLISHED = 'Qwen2.5-1.5B-Instruct';
export const LOST = new DeviceError('The GPU was lost.', { code: 'device-lost' });

export function revisedBy(model: string, recipe: Recipe = SMALL): Recipe {
	return { ...recipe, reviser: { ...recipe.reviser, endpoint: 'local', model } };
}

interface Options {
	store?: FakeStore;
	/** Without WebGPU everything runs in the compute engine. */
	gpu?: boolean;
	features?: readonly string[];
}

/** Called when WebLLM loads; it fails with the error that this returns. */
type OnLoading = (source: ModelSource, onProgress: (progress: Progress) => void) => Error | null;

/** A page whose engines note what they load and when they leave. */
export function openWithSecondModel(model: string, { store, gpu = true, features = [] }: Options = {}) {
	const fakes = createFakes(store);
	const events: string[] = [];
	const reviser = new FakeReviser();
	let loading: OnLoading = ({ title, library }) => (library === null ? noLibrary(title) : null);
	class Target extends FakeTarget {
		#source = '';
		override async load(source: ModelSource, onProgress: (progress: Progress) => void): Promise<void> {
			const failure = loading(source, onProgress);
			if (failure !== null) throw failure;
			events.push(`webllm loads ${source.id}`);
			this.#source = source.id;
			await super.load(source, onProgress);
		}
		override complete(request: ChatRequest, signal: AbortSignal, onText?: (text: string) => void) {
			if (readRevisionRequest(request.messages) !== null) return this.#revise(request, signal, onText);
			return this.#source === SOURCE.id
				? super.complete(request, signal, onText)
				: this.#answer(request, signal, onText);
		}
		/** As a second model: judges by the rubric, and else answers rightly. */
		async #answer(request: ChatRequest, signal: AbortSignal, onText?: (text: string) => void) {
			const { text, ...reply } = await super.complete(request, signal, onText);
			const exact = { lengthBias: 0, noise: 0 };
			const judged = readJudgeRequest(request.messages) && judge.reply(request.messages, 1, exact);
			if (judged) return { ...reply, text: 'text' in judged ? judged.text : text };
			return fakeReply(rightAnswer(request.messages.at(-1)?.content ?? ''));
		}
		async #revise(request: ChatRequest, signal: AbortSignal, onText?: (text: string) => void) {
			fakes.target.asked.push(request);
			return reviser.complete(request, signal, onText);
		}
		override async dispose(): Promise<void> {
			if (this.#source !== '') events.push(`webllm leaves ${this.#source}`);
			this.#source = '';
			await super.dispose();
		}
	}
	class Compute extends FakeCompute {
		#source = '';
		constructor() {
			super();
			this.report = gpu ? { ...WEBGPU, features: [...features] } : { ...WEBGPU, backend: 'wasm' };
		}
		override async load(source: ModelSource, onProgress: (progress: Progress) => void) {
			events.push(`compute loads ${source.id}`);
			this.#source = source.id;
			return super.load(source, onProgress);
		}
		override async dispose(): Promise<void> {
			if (this.#source !== '') events.push(`compute leaves ${this.#source}`);
			this.#source = '';
			await super.dispose();
		}
	}
	fakes.ports.newTarget = () => new Target();
	fakes.ports.newCompute = () => new Compute();
	fakes.ports.catalogue = {
		list: () => Promise.resolve([SOURCE, KEPT]),
		libraries: () => Promise.resolve([]),
	};
	const session = new Session(fakes.ports);
	session.draft.load(revisedBy(model));
	return {
		session,
		fakes,
		events,
		reviser,
		onLoading: (how: OnLoading) => void (loading = how),
	};
}
