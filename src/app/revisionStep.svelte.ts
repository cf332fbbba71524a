/** Revision: the teacher's edits, what came back raw, and what the person decided about each. Nothing is dropped silently. */
import { Cancelled, fromWire, type WireError } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import { askReviser, waitingRevision } from './askReviser.ts';
import { FrameFold } from './frameFold.ts';
import type { Gate } from './gate.ts';
import { Pace } from './pace.ts';
import type { AppPorts } from './ports.ts';
import {
	countStates,
	listMeasures,
	selectRevisions,
	type MeasureLists,
	type RevisionCounts,
	type RevisionFilter,
	type RevisionOrder,
} from './revisionViews.ts';
import { figure, type Figure, type Station, type StationState } from './station.ts';

/** Failures of one kind in a row after which no more are sent: the endpoint is down, or refuses the key. */
const GIVE_UP_AFTER = 4;

export class RevisionStep implements Station {
	readonly noun = 'revision';
	readonly #recipe: () => Recipe;
	readonly #fold: FrameFold;
	readonly #pace: Pace;
	/** The rows being written and their place by id; `rows` is what was last published of them. */
	#working: Revision[] = [];
	#place = new Map<string, number>();
	/** What each decision replaced, latest last. */
	#undo: (readonly Revision[])[] = [];

	/** One row an output, in order. Replaced, at most once a frame. */
	rows: readonly Revision[] = $state.raw([]);
	/** True while the reviser is being asked. */
	revising: boolean = $state(false);
	/** Why revising stopped before its end; null when it did not. */
	stopped: WireError | null = $state.raw(null);
	repliesPerSecond: number | null = $state(null);
	secondsLeft: number | null = $state(null);
	/** The reply that streams in now, by row id. Replaced, at most once a frame. */
	streaming: ReadonlyMap<string, string> = $state.raw(new Map());

	/** The row that is open; null shows the first. */
	selectedId: string | null = $state(null);
	family: string | null = $state(null);
	filter: RevisionFilter = $state('all');
	order: RevisionOrder = $state('in-order');
	/** Free text looked for in prompt, output and revision. */
	search: string = $state('');
	/** How many decisions can be taken back. */
	undoable: number = $state(0);

	readonly counts: RevisionCounts = $derived(countStates(this.rows));
	/** Came back and differ: what may become pairs. */
	readonly differing: number = $derived(
		this.counts.revised + this.counts.accepted + this.counts.edited + this.counts['set-aside'],
	);
	/** Differ, and nobody has looked at them yet. They are used unless set aside. */
	readonly toLookAt: number = $derived(this.counts.revised);
	/** Asked and settled, in whatever way. */
	readonly asked: number = $derived(this.rows.length - this.counts.waiting - this.counts.asking);
	/** Rows that pass family, filter and search, in the chosen order. */
	readonly visible: readonly Revision[] = $derived(
		selectRevisions(this.rows, {
			family: this.family,
			filter: this.filter,
			order: this.order,
			search: this.search,
		}),
	);
	/** The open row: the selected one where it is visible, else the first visible. */
	readonly selected: Revision | null = $derived(
		this.visible.find((row) => row.id === this.selectedId) ?? this.visible[0] ?? null,
	);
	/** The measures of every usable revision, for the histograms. */
	readonly measures: MeasureLists = $derived(listMeasures(this.rows));
	readonly progress: number = $derived(this.rows.length === 0 ? 0 : this.asked / this.rows.length);
	readonly state: StationState = $derived.by(() => {
		if (this.revising) return 'running';
		if (this.stopped !== null) return 'failed';
		if (this.asked === 0) return 'empty';
		return this.asked < this.rows.length ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const n = this.rows.length;
		if (this.state === 'failed') return figure(`**stopped at ${this.asked - this.counts.failed} of ${n}**`);
		if (this.state === 'empty') {
			const { endpoint, model } = this.#recipe().reviser;
			return figure(endpoint === 'embedded' ? 'built-in reviser' : model);
		}
		if (this.asked < n) return figure(`**${this.asked}** of ${n}`);
		return figure(`**${this.differing}** of ${n} differ`);
	});

	constructor(recipe: () => Recipe, ports: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#recipe = recipe;
		this.#fold = new FrameFold(ports.frame, () => this.#publish());
		this.#pace = new Pace(ports.clock);
	}

	/** 1-based place of a row, as the list numbers it; 0 when there is no such row. */
	numberOf(id: string): number {
		return (this.#place.get(id) ?? -1) + 1;
	}

	byId(id: string): Revision | null {
		return this.rows[this.#place.get(id) ?? -1] ?? null;
	}

	/** One waiting row an output; rows of the very same outputs that were revised before are kept. */
	prepare(outputs: readonly Output[], kept: readonly Revision[] = []): void {
		const byId = new Map(kept.map((row) => [row.id, row]));
		this.#working = outputs.map((output) => {
			const before = byId.get(output.prompt.id);
			const usable = before?.output.text === output.text && before.state !== 'asking';
			return usable ? before : waitingRevision(output);
		});
		this.#place = new Map(this.#working.map((row, i) => [row.id, i]));
		this.#undo = [];
		this.undoable = 0;
		this.stopped = null;
		this.#publish();
	}

	/**
	 * Asks the reviser about every row that waits or failed, several at once. Stops early, with the reason in `stopped`,
	 * when the endpoint fails the same way several times in a row; replies so far are kept.
	 *
	 * @throws Cancelled when the signal fires · the endpoint's AppError when it stopped early
	 */
	async revise(model: ChatModel, gate: Gate, signal: AbortSignal, onSettled?: () => void): Promise<void> {
		this.revising = true;
		this.stopped = null;
		this.#pace.restart();
		const queue = this.#working.flatMap((row, i) =>
			row.state === 'waiting' || row.state === 'failed' ? [i] : [],
		);
		const inner = new AbortController();
		const both = AbortSignal.any([signal, inner.signal]);
		let failuresInRow = 0;
		let lastCode = '';
		const settle = (row: Revision): void => {
			const code = row.error?.code ?? '';
			failuresInRow = code === '' ? 0 : code === lastCode ? failuresInRow + 1 : 1;
			lastCode = code;
			if (failuresInRow >= GIVE_UP_AFTER && row.error !== null) {
				this.stopped = row.error;
				inner.abort();
			}
			onSettled?.();
		};
		const worker = async (): Promise<void> => {
			for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
				await gate.pass(both);
				settle(await this.#ask(model, i, both));
			}
		};
		try {
			const { concurrency } = this.#recipe().reviser;
			await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
		} catch (error) {
			// The inner abort is our own stop, told below by its cause.
			if (signal.aborted || !inner.signal.aborted) throw error;
		} finally {
			this.revising = false;
			this.#settleAsking();
			this.#publish();
		}
		const { stopped } = this;
		if (stopped !== null) throw fromWire(stopped);
	}

	/** Uses this revision as it is. */
	accept(id: string): void {
		this.#decide([id], (row) => (row.revised === null ? row : { ...row, state: 'accepted' }));
	}

	/** Takes the person's own text as the revision. Works on rows of every state; a text equal to the output is refused. */
	edit(id: string, text: string): boolean {
		const row = this.byId(id);
		if (row === null || text.trim() === '' || text === row.output.text) return false;
		this.#decide([id], (before) => editedRevision(before, text));
		return true;
	}

	/** Keeps this revision out of the pairs. */
	setAside(id: string): void {
		this.#decide([id], (row) => (row.revised === null ? row : { ...row, state: 'set-aside' }));
	}

	/** Accepts every revision that nobody has looked at. One undo takes it back. */
	acceptTheRest(): void {
		const ids = this.#working.filter((row) => row.state === 'revised').map((row) => row.id);
		this.#decide(ids, (row) => ({ ...row, state: 'accepted' }));
	}

	/** Takes back the latest decision. */
	undo(): void {
		const rows = this.#undo.pop();
		if (rows === undefined) return;
		this.undoable = this.#undo.length;
		for (const row of rows) this.#writeById(row);
		this.selectedId = rows[0]?.id ?? this.selectedId;
		this.#publish();
	}

	/** Asks the reviser once more about one row, with a new draw. */
	async askAgain(id: string, model: ChatModel, signal: AbortSignal): Promise<void> {
		const i = this.#place.get(id);
		const before = i === undefined ? undefined : this.#working[i];
		if (i === undefined || before === undefined) return;
		const row = await this.#ask(model, i, signal);
		if (row.state !== 'failed') this.#remember([before]);
		this.#publish();
	}

	/** Opens the next (1) or previous (−1) visible row. */
	move(by: 1 | -1): void {
		const at = this.visible.findIndex((row) => row.id === this.selected?.id);
		const next = this.visible[at + by];
		if (next !== undefined) this.selectedId = next.id;
	}

	clear(): void {
		this.prepare([]);
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

	#streams = new Map<string, string>();

	#stream(id: string, text: string | null): void {
		if (text === null) this.#streams.delete(id);
		else this.#streams.set(id, text);
		this.#fold.touch();
	}

	#decide(ids: readonly string[], change: (row: Revision) => Revision): void {
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
		this.#publish();
	}

	#remember(rows: readonly Revision[]): void {
		this.#undo.push(rows);
		this.undoable = this.#undo.length;
	}

	#writeById(row: Revision): void {
		const i = this.#place.get(row.id);
		if (i !== undefined) this.#working[i] = row;
	}

	#write(i: number, row: Revision): void {
		this.#working[i] = row;
		this.#fold.touch();
	}

	/** Rows that were being asked when the work ended wait again. */
	#settleAsking(): void {
		this.#working = this.#working.map((row) => (row.state === 'asking' ? { ...row, state: 'waiting' } : row));
	}

	#publish(): void {
		this.rows = this.#working.slice();
		this.streaming = new Map(this.#streams);
		this.repliesPerSecond = this.#pace.perSecond;
		this.secondsLeft = this.#pace.secondsFor(this.counts.waiting + this.counts.asking);
	}
}

function editedRevision(row: Revision, text: string): Revision {
	return { ...row, state: 'edited', revised: text, rule: 'by-hand', reason: null, error: null };
}
