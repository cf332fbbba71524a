/** The compute engine's answers in Node, on wasm, with a model that is kept as on the page. */
import { openAsBlob } from 'node:fs';
import { ComputeModel } from '#compute/computeModel.ts';
import { openDevice } from '#engine/device.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { Caches } from '#tests/unit/runtime/models/caches.ts';
import { allAnswered } from '../../support/replies.ts';
import { adapterOf, type Question } from './questions.ts';

const never = new AbortController().signal;
const nothing = (): void => undefined;

/** @returns the ids of every answer, by question */
export async function computeAnswers(
	gguf: string,
	questions: readonly Question[],
): Promise<readonly (readonly number[])[][]> {
	const cache = openFileCache(new Caches());
	const keeper = new LocalModelKeeper({ cache });
	const place = { kind: 'disk', files: [{ path: 'model.gguf', file: await openAsBlob(gguf) }] } as const;
	const { form } = await keeper.inspect(place, null, never);
	const { source } = await keeper.keep(place, form, nothing).finished;
	const device = await openDevice({ backend: 'wasm' });
	const model = await ComputeModel.load(await loadModelFiles(source, nothing, never, { cache }), device);
	try {
		const answers: (readonly number[])[][] = [];
		for (const { prompts, sampling, adapter: wanted } of questions) {
			const chats = prompts.map((content) => [{ role: 'user' as const, content }]);
			const adapter = wanted === null ? null : adapterOf(model.config, wanted);
			const request = { prompts: chats, sampling, adapter, strength: 1 };
			const replies = await model.generate(request, adapter, nothing, never);
			answers.push(allAnswered(replies).map(({ tokenIds }) => tokenIds ?? []));
		}
		return answers;
	} finally {
		model.dispose();
		device.close();
	}
}
