/**
 * Runs of a grid, played one after the other with the page's own parts. Each is the run that its recipe gives alone; it takes over
 * finished work of earlier ones, which stay in memory as long as the caller wants.
 */
import { AppError, asAppError, fromWire, type WireError } from '#core/errors.ts';
import { sharesOf } from '#core/loss/creditShare.ts';
import { runFigures, type RunFigures, type RunOutcome } from '#core/grid/outcome.ts';
import type { GridRun } from '#core/grid/runs.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { measureSetCredit } from '../compare/measureCredit.ts';
import type { BeginChoice, Beginning } from '../recipe/beginChoice.svelte.ts';
import { adapterOf } from '../rounds.svelte.ts';
import { fileOf } from '../run/exportSource.ts';
import { Run, type RunParts } from '../run/run.svelte.ts';

export interface GridJob {
	run: GridRun;
	/** Keys of earlier runs whose work it takes over, as far as they are held. */
	from: readonly string[];
	/** True measures token credit at the end. */
	credit: boolean;
}

export class GridRuns {
	readonly #parts: RunParts;
	readonly #begin: BeginChoice;
	/** By key. */
	readonly #held = new Map<string, Run>();

	constructor(parts: RunParts, begin: BeginChoice) {
		this.#parts = parts;
		this.#begin = begin;
	}

	/** Keys of the runs in memory. */
	get held(): readonly string[] {
		return [...this.#held.keys()];
	}

	/** Plays a run to its end. Never throws: the outcome says why a run failed. @param onStart receives the run, to follow it */
	async play(
		{ run: planned, from, credit }: GridJob,
		onStart: (run: Run) => void = () => undefined,
	): Promise<RunOutcome> {
		const { key, cell, seed, identity } = planned;
		const ended = { key, cell, seed, identity };
		try {
			const { recipe, beginning } = await this.#beginningOf(planned);
			const before = from.flatMap((other) => this.#held.get(other) ?? []);
			const run = Run.create(this.#parts, recipe, `${cell}, seed ${seed}`, before, beginning);
			this.#held.set(key, run);
			onStart(run);
			const figures = await this.#played(run, credit);
			return { ...ended, figures, error: null, madeWith: run.madeWith };
		} catch (thrown) {
			const { code, message, hint } = asAppError(thrown);
			return { ...ended, figures: null, error: { code, message, hint }, madeWith: null };
		}
	}

	/** Holds a run of a file, so that others can take over its work or begin from its adapter. @throws FormatError */
	async open(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		const { record, adapters, parent } = await this.#parts.ports.readRunFile(bytes, key);
		const run = Run.open(this.#parts, record, parent ?? null);
		for (const adapter of adapters) run.steps.adapter.hold(adapter);
		await run.steps.adapter.select(null);
		this.#held.set(key, run);
	}

	/** The file of a run that is held, as the page exports it; null if none is. */
	async file(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
		const run = this.#held.get(key);
		return run === undefined ? null : fileOf(run);
	}

	/** Forgets the runs that no later run needs, also in the store. */
	async keepOnly(keys: ReadonlySet<string>): Promise<void> {
		for (const [key, run] of this.#held) {
			if (keys.has(key)) continue;
			this.#held.delete(key);
			if (run.id !== null) await this.#parts.ports.store.remove(run.id).catch(() => undefined);
		}
	}

	/** @throws AppError `begin-missing` if the run that it begins from is not held or has no adapter */
	async #beginningOf({ recipe, begin }: GridRun): Promise<{ recipe: Recipe; beginning: Beginning | null }> {
		if (begin === null) return { recipe, beginning: null };
		const parent = this.#held.get(begin);
		const kept = parent === undefined ? null : await adapterOf(parent);
		if (kept === null)
			throw new AppError(`The run ${begin}, from whose adapter this one begins, has no adapter.`, {
				code: 'begin-missing',
				hint: 'See why that run failed, and go on with “--resume”.',
			});
		const begun = { ...recipe, begin: await this.#begin.take(kept) };
		const beginning = await this.#begin.beginningOf(begun);
		if (beginning === null) throw errorOf(this.#begin.error);
		return { recipe: begun, beginning };
	}

	async #played(run: Run, wantsCredit: boolean): Promise<RunFigures> {
		const { clock } = this.#parts.ports;
		const begin = clock.now();
		await run.start();
		if (run.failure !== null) throw fromWire(run.failure.error);
		const record = run.record();
		if (record === null || run.player.transport !== 'done')
			throw new AppError(`The run ended in phase ${run.phase}.`, { code: 'loop-unfinished' });
		const { reused, steps } = run;
		const credit = wantsCredit ? await this.#creditOf(run) : null;
		const wallSeconds = (clock.now() - begin) / 1000;
		return runFigures(record, { reused, leftOut: steps.pair.leftOutCounts, credit, wallSeconds });
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
