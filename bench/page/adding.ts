/** A model as the page adds it: downloaded and converted in the models worker, then loaded into the compute worker. */
import { ComputeClient } from '#worker/client.ts';
import { ModelsClient } from '#worker/modelsClient.ts';
import type { KeptModel } from '#core/model/keeper.ts';

const never = new AbortController().signal;
const nothing = (): void => undefined;

export class AddingBench {
	readonly #keeper = new ModelsClient(
		() => new Worker(new URL('../../src/worker/models.worker.ts', import.meta.url), { type: 'module' }),
	);
	readonly #compute = startCompute();
	#kept: KeptModel | null = null;

	/** Starts both workers, so that their own memory is not counted. */
	async open(): Promise<void> {
		await this.#keeper.shelf();
		await this.#compute.device();
	}

	async add(address: string): Promise<void> {
		const place = { kind: 'address', text: address } as const;
		const { form } = await this.#keeper.inspect(place, null, never);
		this.#kept = await this.#keeper.keep(place, form, nothing).finished;
	}

	async load(): Promise<void> {
		if (this.#kept === null) throw new Error('No model was added.');
		await this.#compute.load(this.#kept.source, nothing, never);
	}
}

function startCompute(): ComputeClient {
	const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), {
		type: 'module',
	});
	return new ComputeClient(worker, () => worker.terminate());
}
