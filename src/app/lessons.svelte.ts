/** The open lesson: which one, at which of its points. It survives a reload of the tab. */
import { fillFacts, type LessonRun } from '#core/lesson/facts.ts';
import type { Lesson, LessonPoint } from '#core/lesson/lesson.ts';
import { findLesson } from '#core/lesson/registry.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { View } from './address.ts';
import { RECORDINGS, type Recording } from './library/recordings.ts';
import type { TabMemory } from './ports.ts';
import type { RecipeDraft } from './recipe/recipeDraft.svelte.ts';
import type { Run } from './run/run.svelte.ts';

const SLOT = 'anchorage.lesson';

/** The part of the session that a lesson opens things in. */
export interface LessonStage {
	/** True before any run is open. */
	fresh: boolean;
	run: Pick<Run, 'recipe' | 'steps'>;
	draft: Pick<RecipeDraft, 'load'>;
	openRecorded: (recording: Recording) => Promise<void>;
	show: (view: View) => void;
	change: () => void;
}

export class Lessons {
	readonly #stage: () => LessonStage;
	readonly #memory: TabMemory | null;

	/** Null if none is open. */
	current: Lesson | null = $state.raw(null);
	/** Index of the shown point. */
	at: number = $state(0);
	/** The point that the user asked to see; null if the page shows something else since. */
	pointed: LessonPoint | null = $state.raw(null);

	readonly point: LessonPoint | null = $derived.by(() => this.current?.points[this.at] ?? null);
	/** The point's text with the figures of the open run. Null before the run of a recipe's lesson exists. */
	readonly text: string | null = $derived.by(() => {
		if (this.point === null) return null;
		return fillFacts(this.point.text, factsOf(this.#stage().run));
	});

	constructor(stage: () => LessonStage, memory: TabMemory | null) {
		this.#stage = stage;
		this.#memory = memory;
		this.#restore();
	}

	/** Opens a lesson with its run or recipe, at its first point. */
	async open(lesson: Lesson): Promise<void> {
		this.current = lesson;
		this.at = 0;
		this.#remember();
		const stage = this.#stage();
		const { opens } = lesson;
		if (opens.kind === 'recipe') {
			// Over a finished run, its work is reused.
			if (!stage.fresh) stage.change();
			stage.draft.load(opens.recipe(DEFAULT_RECIPE));
			return;
		}
		const recording = RECORDINGS.find(({ id }) => id === opens.recording);
		if (recording !== undefined) await stage.openRecorded(recording);
		this.#show();
	}

	/** Moves by a number of points, within the lesson, and shows the view of the point. */
	move(by: number): void {
		if (this.current === null) return;
		this.at = Math.max(0, Math.min(this.current.points.length - 1, this.at + by));
		this.#remember();
		this.#show();
	}

	/** Shows the view of the point again, after the user looked elsewhere. */
	showAgain(): void {
		this.#show();
	}

	/** Ends the lesson; what it opened stays. */
	close(): void {
		this.current = null;
		this.pointed = null;
		this.#remember();
	}

	#show(): void {
		const stage = this.#stage();
		if (this.point === null || stage.fresh) return;
		stage.show(this.point.view);
		this.pointed = this.point;
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
		} catch {
			// The tab's memory holds something else: no lesson is open.
		}
	}
}

/** Read one by one: the text follows only the figures that it names, and a training step that changes others costs nothing. */
function factsOf({ recipe, steps }: LessonStage['run']): LessonRun {
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
		get metrics() {
			return steps.loss.history;
		},
		get trails() {
			return steps.loss.trails;
		},
	};
}
