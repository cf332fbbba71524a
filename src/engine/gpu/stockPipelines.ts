/**
 * tfjs's own programs, compiled in the background.
 *
 * While a pipeline compiles, tfjs keeps a promise in its cache and refuses to run the program. Another user of the device may
 * need the program meanwhile, so this class keeps the promises, and tfjs compiles the program a second time if it must.
 */
import { env } from '@tensorflow/tfjs-core';
import type { BackendParts } from './backend.ts';

export class StockPipelines {
	readonly #backend: BackendParts;
	readonly #compiling = new Map<string, Promise<unknown>>();

	constructor(backend: BackendParts) {
		this.#backend = backend;
	}

	/** Runs `work`, in which tfjs starts to compile its programs instead of running them. */
	compileOnly(work: () => void): void {
		// tfjs starts none that is in its cache.
		for (const [key, pipeline] of this.#compiling) this.#backend.pipelineCache[key] ??= pipeline;
		env().set('WEBGPU_ENGINE_COMPILE_ONLY', true);
		try {
			work();
		} finally {
			env().set('WEBGPU_ENGINE_COMPILE_ONLY', false);
			this.#takeOut();
		}
	}

	/** Settles when everything that compiles now is compiled. */
	async compiled(): Promise<void> {
		await Promise.all(this.#compiling.values());
	}

	/** Moves promises from tfjs's cache to this one; a pipeline goes back once it is compiled. */
	#takeOut(): void {
		const cache = this.#backend.pipelineCache;
		for (const [key, pipeline] of Object.entries(cache)) {
			if (!(pipeline instanceof Promise)) continue;
			Reflect.deleteProperty(cache, key);
			if (this.#compiling.has(key)) continue;
			const done = pipeline
				.then((compiled) => {
					cache[key] ??= compiled;
				})
				.finally(() => this.#compiling.delete(key));
			// `compiled` reports a failure.
			done.catch(() => undefined);
			this.#compiling.set(key, done);
		}
	}
}
