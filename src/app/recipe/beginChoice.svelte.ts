/** “Begin from”: the base model, or an adapter of a stored run. The recipe names the adapter; its numbers are read when a run starts. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { adapterContent } from '#core/adapter/content.ts';
import { notMergeable } from '#core/adapter/fits.ts';
import { stackAdapters } from '#core/adapter/stack.ts';
import { AppError, StorageError, toWire, type WireError } from '#core/errors.ts';
import { isBlockFormat } from '#core/format/numberFormat.ts';
import type { Begin } from '#core/recipe/begin.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { ancestryOf, type Ancestor } from '#core/run/ancestry.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';
import { PARENT_STEP } from '../run/parent.ts';

/** An adapter to begin from, for the plain base, with the runs that made it. */
export interface Beginning {
	parent: Adapter;
	ancestry: readonly Ancestor[];
}

/** A finished adapter of a run that is open, or read from the store. */
export interface KeptAdapter {
	record: RunRecord;
	/** As it applies to the plain base. */
	whole: Adapter;
}

type BeginPorts = Pick<AppPorts, 'store' | 'sha256' | 'models'>;

export class BeginChoice {
	readonly #ports: BeginPorts;
	/** Adapters that were chosen or found, by hash. */
	readonly #known = new Map<string, { model: string; beginning: Beginning }>();

	/** Why the adapter that the recipe names cannot be used, or null. */
	error: WireError | null = $state.raw(null);
	/** True while an adapter is read. */
	reading: boolean = $state(false);

	constructor(ports: BeginPorts) {
		this.#ports = ports;
	}

	/** Names an adapter for a recipe, and remembers its numbers. */
	async take({ record, whole }: KeptAdapter): Promise<Begin> {
		const sha256 = await this.#ports.sha256(adapterContent(whole));
		const ancestry = ancestryOf(record, whole.step, sha256);
		this.#known.set(sha256, { model: record.recipe.model, beginning: { parent: whole, ancestry } });
		return { run: record.id, name: `${record.name}, step ${whole.step}`, sha256 };
	}

	/** Names an adapter; null if it cannot be read, and `error` says why. */
	choose(read: () => Promise<KeptAdapter | null>): Promise<Begin | null> {
		return this.#try(async () => {
			const kept = await read();
			if (kept === null) throw noAdapter();
			const begin = await this.take(kept);
			await this.#expectMergeable(begin, kept.record.recipe.model);
			return begin;
		});
	}

	/** The adapter of a stored run. @param step null for the last one */
	async stored(runId: string, step: number | null): Promise<KeptAdapter | null> {
		const record = await this.#ports.store.read(runId);
		const chosen = step ?? record?.checkpoints.at(-1) ?? null;
		const whole = record === null || chosen === null ? null : await this.#whole(record, chosen);
		return record === null || whole === null ? null : { record, whole };
	}

	/**
	 * The adapter that a recipe names; null for the base model, and if it cannot be used: then `error` says why.
	 */
	beginningOf(recipe: Recipe): Promise<Beginning | null> {
		const { begin } = recipe;
		if (begin === undefined) return Promise.resolve(null);
		return this.#try(async () => {
			if (!this.#known.has(begin.sha256)) await this.#find(begin);
			const known = this.#known.get(begin.sha256);
			if (known === undefined) throw notHere(begin);
			if (known.model !== recipe.model) throw otherModel(begin, known.model, recipe.model);
			await this.#expectMergeable(begin, recipe.model);
			return known.beginning;
		});
	}

	/**
	 * Refuses a model whose weights are in blocks before anything is sampled with it. If its format is not known here, the engine checks
	 * it when the run loads it.
	 */
	async #expectMergeable({ name }: Begin, model: string): Promise<void> {
		const shelf = await this.#ports.models.shelf().catch(() => null);
		const weights = shelf?.kept.find(({ source }) => source.id === model)?.weights;
		if (weights !== undefined && isBlockFormat(weights)) throw notMergeable(`The adapter “${name}”`);
	}

	/** Steps of a stored run that have an adapter; none if the run cannot be read. */
	async stepsOf(runId: string): Promise<readonly number[]> {
		return (await this.#ports.store.read(runId).catch(() => null))?.checkpoints ?? [];
	}

	/** Looks for the adapter among the checkpoints of the run that the recipe names, the latest first. */
	async #find(begin: Begin): Promise<void> {
		const record = await this.#ports.store.read(begin.run);
		for (const step of record?.checkpoints.toReversed() ?? []) {
			const whole = record === null ? null : await this.#whole(record, step);
			if (record === null || whole === null) continue;
			if ((await this.take({ record, whole })).sha256 === begin.sha256) return;
		}
	}

	/** Null if the store has no such checkpoint. */
	async #whole({ id, recipe }: RunRecord, step: number): Promise<Adapter | null> {
		const { store } = this.#ports;
		const own = (await store.readCheckpoint(id, step))?.adapter ?? null;
		if (own === null || recipe.begin === undefined) return own;
		const parent = (await store.readCheckpoint(id, PARENT_STEP))?.adapter ?? null;
		return parent === null ? null : stackAdapters(parent, own);
	}

	async #try<T>(work: () => Promise<T>): Promise<T | null> {
		this.error = null;
		this.reading = true;
		try {
			return await work();
		} catch (error) {
			this.error = toWire(error);
			return null;
		} finally {
			this.reading = false;
		}
	}
}

function noAdapter(): StorageError {
	return new StorageError('This run has no adapter that can be read.', {
		code: 'begin-missing',
		hint: 'Choose another run, or train this one to its next checkpoint.',
	});
}

function notHere({ name }: Begin): StorageError {
	return new StorageError(
		`The recipe begins from the adapter “${name}”, which is not stored in this browser.`,
		{
			code: 'begin-missing',
			hint: 'Open the file of that run first, or begin from the base model.',
		},
	);
}

function otherModel({ name }: Begin, theirs: string, ours: string): AppError {
	return new AppError(`The adapter “${name}” was trained on ${theirs}; this recipe’s model is ${ours}.`, {
		code: 'adapter-other-model',
		hint: `Choose an adapter of ${ours}, or begin from the base model.`,
		context: { theirs, ours },
	});
}
