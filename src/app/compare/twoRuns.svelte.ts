/** Two runs beside each other. Both are read as they are stored, to look at; the open run of the page stays open. */
import { AppError, toWire, type WireError } from '#core/errors.ts';
import { nextTask } from '#core/concurrency.ts';
import {
	commonAnswers,
	resultsIn,
	scoreRows,
	type Both,
	type CommonAnswers,
	type ScoreRow,
} from '#core/evaluation/twoRuns.ts';
import type { GridSummary } from '#core/grid/stored.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { Place } from '../address.ts';
import { Latest } from '../latest.ts';
import type { Library } from '../library/library.svelte.ts';
import { RECORDINGS } from '../library/recordings.ts';
import type { RunFiles } from '../library/runFiles.svelte.ts';
import { Run, type RunParts } from '../run/run.svelte.ts';
import type { Mode } from '../steps/evaluationViews.ts';
import { runChoices, type ChoiceGroup } from './runChoices.ts';

/** The session, as far as this view needs it. */
interface TwoRunsHost {
	place: Place;
	readonly run: Run;
	readonly library: Library;
	readonly files: RunFiles;
	readonly grids: { readonly list: readonly GridSummary[]; refresh: () => Promise<void> };
}

/** One of the two. */
export interface ComparedRun {
	/** Null if it is not chosen yet. */
	readonly id: string | null;
	/** Null until it is read, and if it cannot be. */
	readonly run: Run | null;
	/** Why it cannot be shown, or null. */
	readonly problem: WireError | null;
}

/** The held-out answers of both in one decoding mode. */
export interface HeldOutComparison {
	readonly answers: readonly CommonAnswers[];
	readonly rows: readonly ScoreRow[];
}

const NOT_CHOSEN: ComparedRun = { id: null, run: null, problem: null };

export class TwoRuns {
	readonly #host: () => TwoRunsHost;
	readonly #parts: RunParts;
	readonly #requests = new Latest();
	/** Runs are read one after the other: a recorded run that is read twice at once is refused. */
	#reading: Promise<void> = Promise.resolve();

	sides: Both<ComparedRun> = $state.raw([NOT_CHOSEN, NOT_CHOSEN]);
	/** The place that the runs were chosen in, and that the view leads back to; for an address the saved runs. */
	cameFrom: 'shelf' | 'grids' = $state('shelf');
	/** True while runs are read. */
	opening: boolean = $state(false);
	/** The decoding mode of the scores and answers. */
	mode: Mode = $state('greedy');
	#compared: Readonly<Record<Mode, HeldOutComparison | null>> = $state.raw({ greedy: null, sampled: null });

	/** Both runs, once both are read; else null. */
	readonly runs: Both<Run> | null = $derived.by(() => {
		const [first, second] = this.sides;
		return first.run === null || second.run === null ? null : [first.run, second.run];
	});
	/** Null until it is computed. */
	readonly heldOut: HeldOutComparison | null = $derived.by(() => this.#compared[this.mode]);
	/** Runs to choose the missing one from. */
	readonly choices: readonly ChoiceGroup[] = $derived.by(() => {
		const { library, grids } = this.#host();
		return runChoices(this.chosen, library.runs, grids.list);
	});

	constructor(host: () => TwoRunsHost, parts: RunParts) {
		this.#host = host;
		this.#parts = parts;
	}

	/** Ids of both; null if a run is not chosen. */
	get ids(): Both<string | null> {
		return [this.sides[0].id, this.sides[1].id];
	}

	/** Id of the run that stays while the other is chosen; null if none is. */
	get chosen(): string | null {
		return this.sides.find(({ id, problem }) => id !== null && problem === null)?.id ?? null;
	}

	/** Shows a run, and asks for the one to compare it with. */
	choose(first: string): Promise<void> {
		return this.show(first, null);
	}

	/** Shows the chosen run beside another one. */
	showBeside(id: string): Promise<void> {
		const { chosen } = this;
		if (chosen === null) return this.show(id, null);
		return this.ids[0] === chosen ? this.show(chosen, id) : this.show(id, chosen);
	}

	/** Asks for another run in place of one of the two. */
	replace(which: 0 | 1): Promise<void> {
		return which === 0 ? this.show(null, this.ids[1]) : this.show(this.ids[0], null);
	}

	/** The first becomes the second. */
	swap(): Promise<void> {
		return this.show(this.ids[1], this.ids[0]);
	}

	/** Shows two runs of the library or recorded ones. If one cannot be read, its side says why. */
	show(first: string | null, second: string | null): Promise<void> {
		const isLatest = this.#requests.begin();
		const host = this.#host();
		if (host.place !== 'compare') this.cameFrom = host.place === 'grids' ? 'grids' : 'shelf';
		host.place = 'compare';
		this.sides = [
			{ ...NOT_CHOSEN, id: first },
			{ ...NOT_CHOSEN, id: second },
		];
		this.#compared = { greedy: null, sampled: null };
		this.opening = true;
		// An earlier reading that failed has said so to its caller.
		this.#reading = this.#reading.catch(() => undefined).then(() => this.#read(isLatest));
		return this.#reading;
	}

	async #read(isLatest: () => boolean): Promise<void> {
		if (!isLatest()) return;
		const [first, second] = this.ids;
		const { library, grids } = this.#host();
		await Promise.all([library.refresh(), grids.refresh()]);
		const sides: Both<ComparedRun> = [await this.#open(first), await this.#open(second)];
		if (!isLatest()) return;
		this.sides = first !== null && first === second ? [sides[0], sameRun(first)] : sides;
		this.opening = false;
		await this.#compare('greedy', isLatest);
		await this.#compare('sampled', isLatest);
	}

	async #open(id: string | null): Promise<ComparedRun> {
		if (id === null) return NOT_CHOSEN;
		try {
			const { record, problem } = await this.#recordOf(id);
			return { id, run: record === null ? null : Run.open(this.#parts, record), problem };
		} catch (error) {
			return { id, run: null, problem: toWire(error) };
		}
	}

	/** Without a record, `problem` says why. */
	async #recordOf(id: string): Promise<{ record: RunRecord | null; problem: WireError | null }> {
		const { run, library, files } = this.#host();
		// The open run may be newer than the stored one.
		const open = run.id === id ? run.record() : null;
		if (open !== null) return { record: open, problem: null };
		const recording = RECORDINGS.find((one) => one.id === id);
		const isStored = library.runs.some((one) => one.id === id);
		if (recording === undefined || isStored) {
			const record = await library.read(id);
			return { record, problem: record === null ? (library.error ?? notRead()) : null };
		}
		const file = await files.readRecorded(recording);
		if (file === null) return { record: null, problem: files.error ?? notRead() };
		await library.refresh();
		return { record: file.record, problem: null };
	}

	async #compare(mode: Mode, isLatest: () => boolean): Promise<void> {
		if (this.runs === null) return;
		const [first, second] = this.runs;
		const results = [
			resultsIn(first.steps.evaluation.results, mode),
			resultsIn(second.steps.evaluation.results, mode),
		] as const;
		const answers = commonAnswers(...results);
		const rows: ScoreRow[] = [];
		for (const row of scoreRows(...results, answers)) {
			rows.push(row);
			await nextTask();
		}
		if (isLatest()) this.#compared = { ...this.#compared, [mode]: { answers, rows } };
	}
}

function sameRun(id: string): ComparedRun {
	const error = new AppError('Both are the same run.', {
		code: 'runs-same',
		hint: 'Choose another run to compare it with.',
	});
	return { id, run: null, problem: toWire(error) };
}

function notRead(): WireError {
	return toWire(
		new AppError('The run could not be read now.', {
			code: 'run-not-read',
			hint: 'Choose it again.',
		}),
	);
}
