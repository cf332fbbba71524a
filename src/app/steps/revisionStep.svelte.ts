/** Revision: the reviser's edits, the raw replies, and the user's decision about each. No row is dropped silently. */
import { SvelteMap } from 'svelte/reactivity';
import { Cancelled, fromWire, toWire, type WireError } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { reviserKind } from '#core/recipe/reviserKind.ts';
import type { Revision } from '#core/revision/revision.ts';
import { waitingRevision, withDecision, withEdit, withFailure, withOverrule } from '#core/revision/decide.ts';
import { askReviser } from './askReviser.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { askRows } from './askRows.ts';
import { Pace } from '../async/pace.ts';
import type { AppPorts } from '../ports.ts';
import {
	countStates,
	firstShown,
	listMeasures,
	selectRevisions,
	type MeasureLists,
	type RevisionCounts,
	type RevisionFilter,
	type RevisionOrder,
} from './revisionViews.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

export class RevisionStep implements StepSummary {
	readonly noun = 'revision';
	readonly #recipe: () => Recipe;
	readonly #trained: () => boolean;
	readonly #fold: FrameBatcher;
	readonly #pace: Pace;
	/** The rows as they change and their place by id; `rows` is their last published state. */
	#working: Revision[] = [];
	#place = new Map<string, number>();
	/** The rows that each decision replaced, latest last. */
	#undo: (readonly Revision[])[] = [];
	#streams = new Map<string, string>();
	/** Called after every decision, so that the loop can store it. */
	onDecided: (() => void) | null = null;

	/** One row per output, in order. Replaced at most once per frame. */
	rows: readonly Revision[] = $state.raw([]);
	/** True while the reviser answers. */
	revising: boolean = $state(false);
	/** Why revising stopped before its end; null if it did not. */
	stopped: WireError | null = $state.raw(null);
	repliesPerSecond: number | null = $state(null);
	secondsLeft: number | null = $state(null);
	/** Replies that stream in now, by row id. Replaced at most once per frame. */
	streaming: ReadonlyMap<string, string> = $state.raw(new Map());

	/** Unfinished edits by the user, by row id. Kept while the run is open. */
	readonly drafts = new SvelteMap<string, string>();
	/** The open row's id; null opens the first row. */
	selectedId: string | null = $state(null);
	family: string | null = $state(null);
	filter: RevisionFilter = $state('all');
	order: RevisionOrder = $state('in-order');
	/** Free text that the list searches for in prompt, output and revision. */
	search: string = $state('');
	/** Number of decisions that `undo` can revert. */
	undoable: number = $state(0);

	readonly counts: RevisionCounts = $derived(countStates(this.rows));
	/** Rows with a reply that differs from the answer: they may become pairs. */
	readonly differing: number = $derived(
		this.counts.revised + this.counts.accepted + this.counts.edited + this.counts['set-aside'],
	);
	/** Rows that differ and have no decision yet. They are used unless set aside. */
	readonly toLookAt: number = $derived(this.counts.revised);
	/** Rows that are settled, failed ones included. */
	readonly asked: number = $derived(this.rows.length - this.counts.waiting - this.counts.asking);
	/** Rows that match family, filter and search, in the chosen order. */
	readonly visible: readonly Revision[] = $derived(
		selectRevisions(this.rows, {
			family: this.family,
			filter: this.filter,
			order: this.order,
			search: this.search,
		}),
	);
	/**
	 * The open row: the selected one if it is visible, else the first one with an edit. After training, when no decision waits, an
	 * early one with a small edit.
	 */
	readonly selected: Revision | null = $derived.by(
		() => this.visible.find((row) => row.id === this.selectedId) ?? firstShown(this.visible, this.#trained()),
	);
	/** The measures of every usable revision, for the histograms. */
	readonly measures: MeasureLists = $derived(listMeasures(this.rows));
	readonly progress: number = $derived(this.rows.length === 0 ? 0 : this.asked / this.rows.length);
	readonly state: StepState = $derived.by(() => {
		if (this.revising) return 'running';
		if (this.stopped !== null) return 'failed';
		if (this.asked === 0) return 'empty';
		return this.asked < this.rows.length ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const n = this.rows.length;
		if (this.state === 'failed') return figure(`**stopped at ${this.asked - this.counts.failed} of ${n}**`);
		if (this.state === 'empty') {
			const { stages, texts } = methodOf(this.#recipe().pairs.method);
			if (!stages.includes('revisions')) return figure(texts.skipped);
			const { reviser } = this.#recipe();
			return figure(reviserKind(reviser) === 'embedded' ? 'built-in reviser' : reviser.model);
		}
		if (this.asked < n) return figure(`**${this.asked}** of ${n}`);
		return figure(`**${this.differing}** of ${n} differ`);
	});

	/** @param trained true if a run has trained on the pairs */
	constructor(
		recipe: () => Recipe,
		ports: Pick<AppPorts, 'clock' | 'frame'>,
		trained: () => boolean = () => false,
	) {
		this.#recipe = recipe;
		this.#trained = trained;
		this.#fold = new FrameBatcher(ports.frame, () => this.#publish(), {
			clock: ports.clock,
			milliseconds: 100,
		});
		this.#pace = new Pace(ports.clock);
	}

	/** 1-based place of a row, as the list numbers it; 0 if there is no such row. */
	numberOf(id: string): number {
		return (this.#place.get(id) ?? -1) + 1;
	}

	byId(id: string): Revision | null {
		return this.rows[this.#place.get(id) ?? -1] ?? null;
	}

	/** Prepares one row for each output; kept rows of the same outputs stay as they are. */
	prepare(outputs: readonly Output[], kept: readonly Revision[] = []): void {
		const keyOf = ({ id, text }: Output): string => `${id} ${text}`;
		// Rows of several runs can be about different texts of one output; of rows about the same text the first one counts.
		const byOutput = new Map(kept.toReversed().map((row) => [keyOf(row.output), row]));
		this.#working = outputs.map((output) => {
			const before = byOutput.get(keyOf(output));
			return before === undefined || before.state === 'asking' ? waitingRevision(output) : before;
		});
		this.#place = new Map(this.#working.map((row, i) => [row.id, i]));
		this.#undo = [];
		this.undoable = 0;
		this.stopped = null;
		this.#publish();
	}

	/**
	 * Asks the reviser about every row that waits or failed, several at once. If the endpoint fails the same way several times in a
	 * row, it stops early with the reason in `stopped`, and replies so far are kept.
	 *
	 * @throws Cancelled when the signal fires · the endpoint's AppError when it stopped early
	 */
	async revise(
		model: ChatModel,
		gate: PauseGate,
		signal: AbortSignal,
		onSettled?: () => void,
	): Promise<void> {
		this.revising = true;
		this.stopped = null;
		this.#pace.restart();
		const inState = (state: Revision['state']): number[] =>
			this.#working.flatMap((row, i) => (row.state === state ? [i] : []));
		// Rows that failed before come last, so that they do not stop the others again.
		const queue = [...inState('waiting'), ...inState('failed')];
		try {
			const atOnce = Math.min(this.#recipe().reviser.concurrency, model.atOnce ?? Infinity);
			this.stopped = await askRows(queue, { atOnce, gate, signal, onSettled }, async (i) => {
				const { error } = await this.#ask(model, i, signal);
				return error;
			});
		} finally {
			this.revising = false;
			this.#settleAsking();
			this.#publish();
		}
		if (signal.aborted) throw new Cancelled();
		this.#throwIfStopped();
	}

	/** Accepts a revision as it is. @returns false if the row has none */
	accept(id: string): boolean {
		return this.#decide([id], (row) => withDecision(row, 'accepted'));
	}

	/**
	 * Replaces the revision by the user's own text, in a row of any state.
	 *
	 * @returns false if the text is empty or equals the output, because such a pair teaches nothing, or if it is too long
	 */
	edit(id: string, text: string): boolean {
		return this.#decide([id], (row) => withEdit(row, text));
	}

	/** Uses the text of a rejected reply all the same. */
	overrule(id: string): boolean {
		return this.#decide([id], withOverrule);
	}

	/** Leaves a revision out of the pairs. @returns false if the row has none */
	setAside(id: string): boolean {
		return this.#decide([id], (row) => withDecision(row, 'set-aside'));
	}

	/** Accepts every revision without a decision. One undo reverts all of them. */
	acceptTheRest(): void {
		const ids = this.#working.filter((row) => row.state === 'revised').map((row) => row.id);
		this.#decide(ids, (row) => withDecision(row, 'accepted'));
	}

	/** Reverts the latest decision. */
	undo(): void {
		const rows = this.#undo.pop();
		if (rows === undefined) return;
		this.undoable = this.#undo.length;
		for (const row of rows) this.#writeById(row);
		this.selectedId = rows[0]?.id ?? this.selectedId;
		this.#publish();
		this.onDecided?.();
	}

	/** Asks the reviser again about one row, with another seed. */
	async askAgain(id: string, model: ChatModel, signal: AbortSignal): Promise<void> {
		const i = this.#place.get(id);
		const before = i === undefined ? undefined : this.#working[i];
		if (i === undefined || before === undefined) return;
		const row = await this.#ask(model, i, signal).catch((error: unknown) => {
			const failed = withFailure(before, toWire(error));
			this.#write(i, failed);
			return failed;
		});
		if (row.state !== 'failed') this.#remember([before]);
		else this.#publish();
	}

	/** Opens the next (1) or previous (−1) visible row. */
	move(by: 1 | -1): void {
		this.selectedId = this.#beside(by)?.id ?? this.selectedId;
	}

	/**
	 * Decides about the open row and opens the next one, even if the decided row no longer matches the filter. Stays at the row if
	 * `decide` returns false: the row has no text to decide about.
	 */
	decideAndMove(decide: (id: string) => boolean): void {
		const open = this.selected;
		if (open === null) return;
		const next = this.#beside(1);
		if (decide(open.id)) this.selectedId = (next ?? open).id;
	}

	#beside(by: 1 | -1): Revision | undefined {
		return this.visible[this.visible.findIndex((row) => row.id === this.selected?.id) + by];
	}

	async #ask(model: ChatModel, i: number, signal: AbortSignal): Promise<Revision> {
		const before = this.#working[i];
		if (before === undefined) throw new Cancelled();
		this.#write(i, { ...before, state: 'asking', error: null });
		const settings = this.#recipe().reviser;
		const seed = settings.seed + i + before.attempts * 1_000_003;
		try {
			const row = await askReviser(before, model, settings, seed % 2 ** 31, signal, (text) =>
				this.#stream(before.id, text),
			);
			this.#pace.mark();
			this.#write(i, row);
			return row;
		} catch (error) {
			this.#write(i, before);
			throw error;
		} finally {
			this.#stream(before.id, null);
		}
	}

	#stream(id: string, text: string | null): void {
		if (text === null) this.#streams.delete(id);
		else this.#streams.set(id, text);
		this.#fold.touch();
	}

	/** @returns true if a row changed */
	#decide(ids: readonly string[], change: (row: Revision) => Revision): boolean {
		const before: Revision[] = [];
		for (const id of ids) {
			const row = this.#working[this.#place.get(id) ?? -1];
			if (row === undefined) continue;
			const after = change(row);
			if (after === row) continue;
			before.push(row);
			this.#writeById(after);
		}
		if (before.length > 0) this.#remember(before);
		return before.length > 0;
	}

	#remember(rows: readonly Revision[]): void {
		this.#undo.push(rows);
		this.undoable = this.#undo.length;
		this.#publish();
		this.onDecided?.();
	}

	#writeById(row: Revision): void {
		const i = this.#place.get(row.id);
		if (i !== undefined) this.#working[i] = row;
	}

	#write(i: number, row: Revision): void {
		this.#working[i] = row;
		this.#fold.touch();
	}

	#throwIfStopped(): void {
		if (this.stopped !== null) throw fromWire(this.stopped);
	}

	/** Resets rows that were still being asked when revising ended. */
	#settleAsking(): void {
		this.#working = this.#working.map((row) => (row.state === 'asking' ? { ...row, state: 'waiting' } : row));
	}

	/** Publishes before the next frame: a record must include rows that a hidden tab has not painted. */
	flush(): void {
		this.#publish();
	}

	#publish(): void {
		this.rows = this.#working.slice();
		this.streaming = new Map(this.#streams);
		this.repliesPerSecond = this.#pace.perSecond;
		// After a failure or a stop there is no time estimate; the remaining rows wait for the next run.
		this.secondsLeft = this.revising ? this.#pace.secondsFor(this.counts.waiting + this.counts.asking) : null;
	}
}
