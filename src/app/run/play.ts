/** Plays a run from its current state to its end, a stop or a failure: takes the lock, then runs the phases. */
import { asAppError, Cancelled, toWire, type AppError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { MadeWith, RunPhase } from '#core/run/run.ts';
import { nextTask } from '#core/concurrency.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import type { AppPorts } from '../ports.ts';
import type { Steps } from '../steps/steps.ts';
import { describeFailure, type FailureText } from '../text/failure.ts';
import type { Autosave } from './autosave.svelte.ts';
import { drawData } from './drawData.ts';
import type { PhaseClock, PhaseSeconds } from './phaseClock.ts';
import type { Parent } from './parent.ts';
import type { PhaseContext } from './phaseContext.ts';
import { runPhases } from './phaseRunner.ts';
import { phaseOf } from './phases/registry.ts';
import { discardTraining } from './phases/training.ts';
import type { Player, RestingTransport } from './player.svelte.ts';
import { NOTHING_REUSABLE, type Reusable } from './reuse.ts';
import { runLocked } from './runLocked.ts';
import type { RunModels } from './runModels.ts';
import type { TrafficLog } from './trafficLog.svelte.ts';

/** A run, as `play` sees it. */
export interface PlayedRun {
	readonly id: string | null;
	/** The run's name at the engines. */
	readonly engineId: string;
	readonly name: string;
	readonly recipe: Recipe;
	readonly steps: Steps;
	readonly player: Player;
	readonly clock: PhaseClock;
	readonly autosave: Autosave;
	readonly models: RunModels;
	/** The adapter that the run begins from. */
	readonly parent: Parent;
	readonly traffic: TrafficLog;
	readonly reviewFirst: boolean;
	/** Work of another run that this one can reuse; dropped when the run has its data. */
	reusable: Reusable;
	readonly onEnter: (phase: RunPhase) => void;
	phase: RunPhase;
	seconds: PhaseSeconds;
	failure: FailureText | null;
	interruption: string | null;
	reused: readonly SharedWork[];
	madeElsewhere: MadeWith | null;
}

export interface PlayParts {
	ports: Pick<AppPorts, 'locks'>;
	engines: Engines;
	reviser: ReviserConnection;
}

export interface PlayOptions {
	/** True leaves out answers without a revision and trains on the existing pairs. */
	skipUnasked: boolean;
}

/** Settles when the run ends in any way. Never throws; see the run's `failure`. */
export async function play(run: PlayedRun, parts: PlayParts, options: PlayOptions): Promise<void> {
	const { failure, player } = run;
	const { transport } = player;
	const signal = player.begin();
	run.failure = null;
	let unlock: (() => void) | null = null;
	let letEnginesGo: (() => void) | null = null;
	try {
		// The page shows the pressed button before the work starts.
		await nextTask();
		unlock = await lock(run, parts);
		if (await run.autosave.isNewest()) {
			letEnginesGo = parts.engines.hold(run.recipe.model);
			run.interruption = null;
			run.madeElsewhere = null;
			if (run.phase === 'idle') draw(run);
			await run.models.expectParent();
			await keepParent(run);
			end(run, await runPhases(contextOf(run, parts, options, signal)));
		} else {
			// Another tab changed this run: let the user choose which copy to continue.
			run.failure = failure;
			if (transport !== 'running' && transport !== 'paused') end(run, transport);
		}
	} catch (thrown) {
		const error = asAppError(thrown);
		if (signal.aborted || error instanceof Cancelled) end(run, 'stopped');
		else await fail(run, parts, error);
	} finally {
		letEnginesGo?.();
		if (unlock !== null) await run.autosave.save();
		unlock?.();
	}
}

/** @throws AppError `run-elsewhere` while another tab works on this run */
async function lock({ id, name }: PlayedRun, { ports }: PlayParts): Promise<() => void> {
	const release = await ports.locks.hold(id ?? '');
	if (release !== null) return release;
	throw runLocked(name);
}

/** Stores the adapter that the run begins from beside the run. A store that refuses it ends nothing: the page says so. */
async function keepParent({ recipe, parent, autosave }: PlayedRun): Promise<void> {
	if (recipe.begin === undefined) return;
	await autosave.save();
	try {
		await parent.store();
	} catch (error) {
		autosave.checkpointSaved(toWire(error));
	}
}

function draw(run: PlayedRun): void {
	run.reused = drawData(run.recipe, run.steps, run.reusable);
	run.reusable = NOTHING_REUSABLE;
}

function end(run: PlayedRun, transport: RestingTransport): void {
	if (run.player.discarding) discardTraining(run.steps);
	run.player.end(transport);
	run.seconds = run.clock.seconds;
}

async function fail(run: PlayedRun, { engines }: PlayParts, error: AppError): Promise<void> {
	run.failure = describeFailure(error, run.phase, run.steps);
	run.player.end('failed');
	run.seconds = run.clock.seconds;
	// A lost device or a crashed worker answers nothing more, so the next try starts with new engines. If another run uses them
	// too, they stay: that run detects their loss by itself.
	const lost = error.kind === 'device' || error.code === 'worker-crashed';
	if (lost && !engines.shared) await engines.unload();
}

function contextOf(
	run: PlayedRun,
	{ engines, reviser }: PlayParts,
	{ skipUnasked }: PlayOptions,
	signal: AbortSignal,
): PhaseContext {
	const { recipe, engineId, steps, player, autosave, models, traffic } = run;
	return {
		recipe,
		runId: engineId,
		engines,
		models,
		reviser,
		traffic,
		steps,
		gate: player.gate,
		signal,
		phase: () => run.phase,
		enter: (phase) => enter(run, phase),
		interrupted: (sentence) => void (run.interruption = sentence),
		save: () => autosave.save(),
		saveSometimes: () => autosave.saveSometimes(),
		checkpointSaved: (error) => autosave.checkpointSaved(error),
		reviewFirst: () => run.reviewFirst,
		skipUnasked,
	};
}

function enter(run: PlayedRun, phase: RunPhase): void {
	const { clock, player, autosave } = run;
	run.phase = phase;
	if (phase === 'done') clock.stop();
	else if (player.transport === 'running') clock.enter(phase);
	run.seconds = clock.seconds;
	// If the tab is closed after this, the library offers the run in this phase.
	if (phaseOf(phase)?.savesAtEnd !== true) void autosave.save();
	run.onEnter(phase);
}
