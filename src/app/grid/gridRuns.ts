/**
 * Runs of a grid, played with the page's own parts, one after the other or several at once. Each is the run that its recipe gives alone;
 * it takes over finished work of earlier ones, which stay in memory as long as the caller wants.
 */
import { AppError, asAppError, fromWire, type WireError } from '#core/errors.ts';
import { sharesOf } from '#core/loss/creditShare.ts';
import { runFigures, type RunFigures, type RunOutcome } from '#core/grid/outcome.ts';
import type { GridRun } from '#core/grid/runs.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import { measureSetCredit } from '../compare/measureCredit.ts';
import type { BeginChoice, Beginning } from '../recipe/beginChoice.svelte.ts';
import { adapterOf } from '../rounds.svelte.ts';
import { fileOf } from '../run/exportSource.ts';
import { reusableOf } from '../run/reuse.ts';
import { Run, type RunParts } from '../run/run.svelte.ts';

export interface GridJob {
	run: GridRun;
	/** Keys of earlier runs whose work it takes over, as far as they are held. */
	from: readonly string[];
	/** True measures token credit at the end. */
	credit: boolean;
	/** A stored run that it continues; absent for a new one. */
	stored?: StoredJob;
}

/** A run that was started before. */
export interface StoredJob {
	/** Id in the store. If the run is not there any more, it starts again. */
	id: string;
	/** Work that it took over. */
	reused: readonly SharedWork[];
}

export class GridRuns {
	readonly #parts: RunParts;
	readonly #begin: BeginChoice;
	readonly #gridId: string | null;
	/** By key. */
	readonly #held = new Map<string, Run>();
	/** Held runs of files. The store may have them for another page, which works on them. */
	readonly #opened = new WeakSet<Run>();

	/** @param gridId of the stored grid, which its runs name; null if the grid is not stored */
	constructor(parts: RunParts, begin: BeginChoice, gridId: string | null = null) {
		this.#parts = parts;
		this.#begin = begin;
		this.#gridId = gridId;
	}

	/** Keys of the runs in memory. */
	get held(): readonly string[] {
		return [...this.#held.keys()];
	}

	/**
	 * Plays a run to its end, from its start or from where it was left. Never throws: the outcome says why a run failed, or that it was
	 * stopped (`loop-unfinished`).
	 *
	 * @param onStart receives the run, to follow and to steer it
	 */
	async play(job: GridJob, onStart: (run: Run) => void = () => undefined): Promise<RunOutcome> {
		const { key, cell, seed, identity } = job.run;
		const ended = { key, cell, seed, identity };
		try {
			const run = await this.#runOf(job);
			this.#held.set(key, run);
			onStart(run);
			const figures = await this.#played(run, job);
			return { ...ended, figures, error: null, madeWith: run.madeWith };
		} catch (thrown) {
			const { code, message, hint } = asAppError(thrown);
			return { ...ended, figures: null, error: { code, message, hint }, madeWith: null };
		}
	}

	/** Holds a stored run, so that others can take over its work or begin from its adapter. Does nothing if it is not stored. */
	async hold(key: string, id: string): Promise<void> {
		if (this.#held.has(key)) return;
		const record = await this.#parts.ports.store.read(id);
		if (record !== null) this.#held.set(key, Run.open(this.#parts, record));
	}

	/**
	 * Holds a run of a file, in place of an earlier state of it, so that others can take over its work or begin from its adapter.
	 *
	 * @throws FormatError
	 */
	async open(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		const { record, adapters, parent } = await this.#parts.ports.readRunFile(bytes, key);
		const run = Run.open(this.#parts, record, parent ?? null);
		for (const adapter of adapters) run.steps.adapter.hold(adapter);
		await run.steps.adapter.select(null);
		this.#opened.add(run);
		this.#held.set(key, run);
	}

	/** The file of a run that is held, as the page exports it; null if none is. */
	async file(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
		const run = this.#held.get(key);
		return run === undefined ? null : fileOf(run);
	}

	/** Drops the runs from memory that no later run needs and that are stored. */
	forgetExcept(keys: ReadonlySet<string>): void {
		for (const [key, { player, unsaved }] of this.#held)
			if (!keys.has(key) && !player.active && unsaved === null) this.#held.delete(key);
	}

	/** Runs whose latest state the store refused. */
	get unsaved(): readonly Run[] {
		return [...this.#held.values()].filter((run) => run.unsaved !== null);
	}

	/** Forgets the runs that no later run needs, also in the store if they were played here to their end. */
	async keepOnly(keys: ReadonlySet<string>): Promise<void> {
		for (const [key, run] of this.#held) {
			if (keys.has(key)) continue;
			this.#held.delete(key);
			if (run.id !== null && run.player.transport === 'done' && !this.#opened.has(run))
				await this.#parts.ports.store.remove(run.id).catch(() => undefined);
		}
	}

	/** The run in memory, the stored one, or a new one. */
	async #runOf({ run: planned, from, stored }: GridJob): Promise<Run> {
		const { key, cell, seed } = planned;
		const held = this.#held.get(key);
		if (held !== undefined && stored?.id === held.id) return held;
		const before = from.flatMap((other) => this.#held.get(other) ?? []);
		const record = stored === undefined ? null : await this.#parts.ports.store.read(stored.id);
		if (record !== null) {
			const run = Run.open(this.#parts, record);
			if (run.phase === 'idle') run.reusable = reusableOf(run.recipe, before);
			return run;
		}
		const { recipe, beginning } = await this.#beginningOf(planned);
		const grid = this.#gridId === null ? null : { id: this.#gridId, key };
		return Run.create(this.#parts, recipe, `${cell}, seed ${seed}`, before, beginning, grid);
	}

	/** @throws AppError `begin-missing` if the run that it begins from is not held or has no adapter */
	async #beginningOf({ recipe, begin }: GridRun): Promise<{ recipe: Recipe; beginning: Beginning | null }> {
		if (begin === null) return { recipe, beginning: null };
		const parent = this.#held.get(begin);
		const kept = parent === undefined ? null : await adapterOf(parent);
		if (kept === null)
			throw new AppError(`The run ${begin}, from whose adapter this one begins, has no adapter.`, {
				code: 'begin-missing',
				hint: 'See why that run failed, then retry it and this one.',
			});
		const begun = { ...recipe, begin: await this.#begin.take(kept) };
		const beginning = await this.#begin.beginningOf(begun);
		if (beginning === null) throw errorOf(this.#begin.error);
		return { recipe: begun, beginning };
	}

	async #played(run: Run, { credit: wantsCredit, stored }: GridJob): Promise<RunFigures> {
		const { clock } = this.#parts.ports;
		if (run.player.transport === 'idle') await run.start();
		else if (run.player.transport !== 'done') await run.resume();
		if (run.failure !== null) throw fromWire(run.failure.error);
		const record = run.record();
		if (record === null || run.player.transport !== 'done')
			throw new AppError(`The run ended in phase ${run.phase}.`, { code: 'loop-unfinished' });
		const begin = clock.now();
		const credit = wantsCredit ? await this.#creditOf(run) : null;
		const wallSeconds = run.totalSeconds + (clock.now() - begin) / 1000;
		const reused = run.reused.length > 0 ? run.reused : (stored?.reused ?? []);
		return runFigures(record, { reused, leftOut: run.steps.pair.leftOutCounts, credit, wallSeconds });
	}

	async #creditOf(run: Run): Promise<RunFigures['credit']> {
		const measure = measureSetCredit(run, this.#parts.engines);
		const { share } = await measure(new AbortController().signal, () => undefined);
		const { credit, tokens } = sharesOf(share);
		return { editedCredit: credit, editedTokens: tokens, pairs: share.pairs };
	}
}

function errorOf(error: WireError | null): AppError {
	return error === null
		? new AppError('The adapter to begin from cannot be read.', { code: 'begin-missing' })
		: fromWire(error);
}
