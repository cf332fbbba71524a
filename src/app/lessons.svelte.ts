/** The open lesson: which one, at which of its points. It survives a reload of the tab. */
import { fillFacts, type RunFacts } from '#core/lesson/facts.ts';
import { pairByRule } from '#core/lesson/pairRules.ts';
import { runOfPoint, type Lesson, type LessonPoint } from '#core/lesson/lesson.ts';
import { findLesson } from '#core/lesson/registry.ts';
import type { View } from './address.ts';
import type { TrackedPair } from './compare/trackedPair.svelte.ts';
import { recordingOf, type Recording } from './library/recordings.ts';
import type { TabMemory } from './ports.ts';
import type { Run } from './run/run.svelte.ts';

const SLOT = 'anchorage.lesson';

/** The part of the session that a lesson opens things in. */
export interface LessonStage {
	run: Pick<Run, 'id' | 'steps' | 'recipe'>;
	tracked: Pick<TrackedPair, 'pairId' | 'follow'>;
	openRecorded: (recording: Recording) => Promise<void>;
	show: (view: View) => void;
}

export class Lessons {
	readonly #stage: () => LessonStage;
	readonly #memory: TabMemory | null;
	/** Texts by point, as they were while the point's run was open. */
	readonly #texts = new WeakMap<LessonPoint, string>();

	/** Null if none is open. */
	current: Lesson | null = $state.raw(null);
	/** Index of the shown point. */
	at: number = $state(0);
	/** The point that the user asked to see; null if the page shows something else since. */
	pointed: LessonPoint | null = $state.raw(null);

	readonly point: LessonPoint | null = $derived.by(() => this.current?.points[this.at] ?? null);
	/** Id of the recording that the point is about. */
	readonly wanted: string | null = $derived.by(() =>
		this.current === null || this.point === null ? null : runOfPoint(this.current, this.point),
	);
	/** True while the page has the run that the point is about. */
	readonly isOnRun: boolean = $derived.by(() => this.#stage().run.id === this.wanted);
	/** True while the page has a run of the lesson, also one that the point only compares with. */
	readonly isOnAnyRun: boolean = $derived.by(
		() => this.current?.runs.some(({ recording }) => recording === this.#stage().run.id) ?? false,
	);
	/** The point's text with the figures of its run: they stay if the user looks at another run to compare. */
	readonly text: string | null = $derived.by(() => {
		const { point } = this;
		if (point === null) return null;
		if (!this.isOnRun) return this.#texts.get(point) ?? fillFacts(point.text, null);
		const text = fillFacts(point.text, factsOf(this.#stage().run));
		this.#texts.set(point, text);
		return text;
	});

	constructor(stage: () => LessonStage, memory: TabMemory | null) {
		this.#stage = stage;
		this.#memory = memory;
		this.#restore();
	}

	/** Opens a lesson with its run, at its first point. */
	async open(lesson: Lesson): Promise<void> {
		this.current = lesson;
		this.at = 0;
		this.#remember();
		await this.showAgain();
	}

	/** Moves by a number of points, within the lesson, and shows the view of the point. */
	async move(by: number): Promise<void> {
		if (this.current === null) return;
		this.at = Math.max(0, Math.min(this.current.points.length - 1, this.at + by));
		this.#remember();
		await this.showAgain();
	}

	/** Shows the run and the view of the point, also after the user looked elsewhere. */
	async showAgain(): Promise<void> {
		if (this.wanted !== null) await this.showRun(this.wanted);
	}

	/** Shows a run of the lesson in the view of the point. If it cannot be opened, the page stays as it is. */
	async showRun(recording: string): Promise<void> {
		const { point } = this;
		if (this.#stage().run.id !== recording) await this.#stage().openRecorded(recordingOf(recording));
		// The user may have moved on while the file was read.
		if (point === null || point !== this.point || this.#stage().run.id !== recording) return;
		if (recording === this.wanted) this.#followPair(point);
		if (point.view === 'evaluation') this.#stage().run.steps.evaluation.mode = point.decoding ?? 'greedy';
		this.#stage().show(point.view);
		// A new object: the region is marked again if it was already.
		this.pointed = { ...point };
	}

	/** Follows the pair that the point names by a rule; without a rule or such a pair, the followed pair stays. */
	#followPair({ pair }: LessonPoint): void {
		const { run, tracked } = this.#stage();
		const id = pair === undefined ? null : pairByRule(pair, factsOf(run));
		if (id !== null && id !== tracked.pairId) tracked.follow(id);
	}

	/** Ends the lesson; its run stays open. */
	close(): void {
		this.current = null;
		this.pointed = null;
		this.#remember();
	}

	#remember(): void {
		this.#memory?.write(SLOT, this.current === null ? null : JSON.stringify([this.current.id, this.at]));
	}

	#restore(): void {
		try {
			const kept: unknown = JSON.parse(this.#memory?.read(SLOT) ?? 'null');
			if (!Array.isArray(kept)) return;
			const [id, at] = kept as unknown[];
			const lesson = typeof id === 'string' ? findLesson(id) : undefined;
			if (lesson === undefined || typeof at !== 'number' || !(at in lesson.points)) return;
			this.current = lesson;
			this.at = at;
			this.pointed = lesson.points[at] ?? null;
		} catch {
			// The tab's memory holds something else: no lesson is open.
		}
	}
}

/** Read one by one: the text follows only the figures that it names, and a training step that changes others costs nothing. */
function factsOf({ recipe, steps }: LessonStage['run']): RunFacts {
	return {
		recipe,
		get heldOut() {
			return steps.evaluation.results;
		},
		get pairs() {
			return steps.pair.pairs;
		},
		get outputs() {
			return steps.output.outputs;
		},
		get revisions() {
			return steps.revision.rows;
		},
		get judgements() {
			return steps.judgement.rows;
		},
		get metrics() {
			return steps.loss.history;
		},
		get trails() {
			return steps.loss.trails;
		},
	};
}
