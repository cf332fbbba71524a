/**
 * Loop: one run from prompts to held-out scores. It drives the steps in order, keeps what is done at every phase's end, and
 * can be paused, stopped and gone on with at any point. The phases themselves are in phases.ts, the words in wording.ts.
 */
import type { Noun } from '#core/pipeline.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase, RunRecord } from '#core/run/run.ts';
import type { Account } from './account.ts';
import type { Engines } from './engines.svelte.ts';
import { Gate } from './gate.ts';
import type { AppPorts } from './ports.ts';
import type { ReviserConnection } from './reviserConnection.svelte.ts';
import type { Figure } from './station.ts';
import type { Steps } from './steps.ts';

/**
 * What the transport shows. `idle`: Run the loop · `running`: Pause, Step, Stop · `paused`: Go on, Step, Stop ·
 * `stopped`: Go on, or change one thing · `review`: Train (the loop waits for the person to look at the revisions) ·
 * `done`: Change one thing, run again · `failed`: the repair of `failure`.
 */
export type Transport = 'idle' | 'running' | 'paused' | 'stopped' | 'review' | 'done' | 'failed';

/** The strip "now": one sentence, and the clock's figures (step, pace, time left) in order. */
export interface Now {
	sentence: string;
	clock: readonly Figure[];
}

/** What a run took over from the one before, because the part of the recipe that makes it is the same. */
export type Reused = 'outputs' | 'revisions' | 'held-out before';

const NOUN_OF_PHASE: Readonly<Record<RunPhase, Noun | null>> = {
	idle: null,
	loading: 'prompt',
	sampling: 'output',
	revising: 'revision',
	'evaluating-before': 'evaluation',
	training: 'loss',
	'evaluating-after': 'evaluation',
	done: null,
};

export interface LoopParts {
	ports: AppPorts;
	engines: Engines;
	reviser: ReviserConnection;
}

export class Loop {
	readonly gate = new Gate();
	readonly #parts: LoopParts;

	transport: Transport = $state('idle');
	phase: RunPhase = $state('idle');
	/** Identity of the run on the bench; null before any. */
	runId: string | null = $state(null);
	name: string = $state('');
	createdAt: string = $state('');
	/** The recipe of the run on the bench; null before any. */
	recipe: Recipe | null = $state.raw(null);
	/** Wall seconds by phase so far. */
	seconds: Readonly<Partial<Record<RunPhase, number>>> = $state.raw({});
	failure: Account | null = $state.raw(null);
	reused: readonly Reused[] = $state.raw([]);
	/** True stops after revising, until `goOn`: the person looks at the revisions first. */
	reviewFirst: boolean = $state(false);

	/** The station that works now; null when none does. */
	readonly working: Noun | null = $derived(
		this.transport === 'running' || this.transport === 'paused' ? NOUN_OF_PHASE[this.phase] : null,
	);
	/** True while a single step makes sense: training. */
	readonly canStep: boolean = $derived(this.working === 'loss');
	readonly totalSeconds: number = $derived(Object.values(this.seconds).reduce((sum, s) => sum + s, 0));
	readonly now: Now = $derived.by(() => ({ sentence: '', clock: [] }));

	constructor(parts: LoopParts) {
		this.#parts = parts;
	}

	/** The steps are made after the loop, because they read its recipe; the session hands them in once. */
	steps: Steps | null = null;

	/** A new run of a recipe. What the run before made is taken over where the recipe's part is the same. */
	run(_recipe: Recipe): Promise<void> {
		return Promise.reject(new Error(`written next ${typeof this.#parts}`));
	}

	/** Goes on where the run on the bench stands: after a stop, a failure, a review, or a reload. */
	goOn(): Promise<void> {
		return Promise.reject(new Error('written next'));
	}

	/** What is under way is finished, then the loop waits. */
	pause(): void {
		this.gate.close();
	}

	resume(): void {
		this.gate.open();
	}

	/** One training step, then paused again. */
	stepOnce(): void {
		this.steps?.loss.stepOnce();
	}

	/**
	 * Ends what is under way; the run can go on later. While training, `keep` says whether the adapter of the last step is
	 * kept; in other phases what is done is always kept.
	 */
	stop(_keep: boolean): void {
		this.gate.open();
	}

	/** Puts a stored run on the bench, to look at or to go on with. */
	open(_record: RunRecord): Promise<void> {
		return Promise.reject(new Error('written next'));
	}

	/** The run on the bench as it would be stored; null before any. */
	record(): RunRecord | null {
		return null;
	}

	/** Writes the run to the store now: after a decision, a new name. */
	save(): Promise<void> {
		return Promise.resolve();
	}
}
