/** A failure in three lines for the page: the event, the kept work, and the repair. Pure. */
import { DeviceError, type AppError, type ErrorKind, type WireError, toWire } from '#core/errors.ts';
import type { Noun } from '#core/pipeline.ts';
import type { RunPhase } from '#core/run/run.ts';
import type { AskedProgress } from '../run/phases/phase.ts';
import { phaseOf } from '../run/phases/registry.ts';
import type { Steps } from '../steps/steps.ts';
import { counted, listed } from './format.ts';

/** The repair that the main button offers. */
export type Repair =
	/** Resume with the remaining work. */
	| 'resume'
	/** Enter a new key, then resume. */
	| 'new-key'
	/** Train again from the last checkpoint. */
	| 'from-checkpoint'
	/** Change the recipe, then run again. */
	| 'change-recipe'
	/** Delete runs on the Shelf, then resume. */
	| 'free-space';

export interface FailureText {
	/** Short, for the mark above the title: "401, key not accepted". */
	label: string;
	/** One sentence for the "now" strip. */
	title: string;
	/** The same in a few words, as the heading. */
	headline: string;
	happened: string;
	kept: string;
	todo: string;
	repair: Repair;
	/** The step at which the failure is shown. */
	noun: Noun;
	phase: RunPhase;
	error: WireError;
}

const LABEL: Readonly<Record<ErrorKind, string>> = {
	app: 'stopped',
	shape: 'an error in this app',
	device: 'the graphics device',
	format: 'an unreadable file',
	remote: 'the endpoint',
	storage: 'storage',
	cancelled: 'stopped by you',
};

/** The key has a character that no request can carry. */
const UNSENDABLE = 'endpoint-key-character';
const KEY_CODES: ReadonlySet<string> = new Set(['endpoint-key-refused', 'endpoint-forbidden', UNSENDABLE]);

/** Another try with the same recipe would fail in the same way. */
const RECIPE_CODES: ReadonlySet<string> = new Set([
	'no-pairs',
	'model-unknown',
	'second-model-unknown',
	'second-model-webgpu',
]);

/** @param phase the phase in which the error occurred */
export function describeFailure(error: AppError, phase: RunPhase, steps: Steps): FailureText {
	const status = error.context['status'];
	const label = KEY_CODES.has(error.code)
		? `${typeof status === 'number' ? `${status}, ` : ''}key not accepted`
		: typeof status === 'number'
			? `${status}, ${LABEL[error.kind]}`
			: LABEL[error.kind];
	return {
		label,
		title: titleOf(error, phase, steps),
		headline: headlineOf(error, phase, steps),
		happened: happenedOf(error, phase, steps),
		kept: keptOf(phase, steps),
		todo: error.hint === '' ? 'Resume tries again from the same place.' : error.hint,
		repair: repairOf(error, phase, steps),
		noun: nounOf(phase),
		phase,
		error: toWire(error),
	};
}

function titleOf(error: AppError, phase: RunPhase, steps: Steps): string {
	const asked = askedOf(error, phase, steps);
	if (asked !== null) return `${asked.doing} stopped. ${whatEndpointDid(error, asked)}, so ${asked.left}.`;
	return trains(phase) ? `${failedIn(phase, steps)} ${error.message}` : error.message;
}

function trains(phase: RunPhase): boolean {
	return phaseOf(phase)?.trains === true;
}

/** Null if the error is not an endpoint's: such a phase can also fail by itself, for example if it gives no pairs. */
function askedOf(error: AppError, phase: RunPhase, steps: Steps): AskedProgress | null {
	return error.kind === 'remote' ? (phaseOf(phase)?.asks?.(steps) ?? null) : null;
}

/** Before the first phase and after the last. */
const OUTSIDE: Readonly<Record<'idle' | 'done', { noun: Noun; failed: string }>> = {
	idle: { noun: 'prompt', failed: 'The run did not start.' },
	done: { noun: 'evaluation', failed: 'The run could not be completed.' },
};

function nounOf(phase: RunPhase): Noun {
	return phaseOf(phase)?.noun ?? OUTSIDE[phase === 'done' ? 'done' : 'idle'].noun;
}

function failedIn(phase: RunPhase, steps: Steps): string {
	return phaseOf(phase)?.failed(steps) ?? OUTSIDE[phase === 'done' ? 'done' : 'idle'].failed;
}

function headlineOf(error: AppError, phase: RunPhase, steps: Steps): string {
	const asked = askedOf(error, phase, steps);
	if (error.code === 'no-pairs') return 'There is nothing to train on.';
	if (error.code === 'run-elsewhere') return 'This run is in another tab.';
	if (asked === null) return failedIn(phase, steps);
	const refused = error.code !== UNSENDABLE && KEY_CODES.has(error.code);
	const what = refused ? 'The endpoint refused the key' : whatEndpointDid(error, asked);
	return asked.firstFailed === 0 || asked.answered === 0
		? `${what}.`
		: `${what} at ${asked.noun} ${asked.firstFailed}.`;
}

/** An endpoint that never answered cannot have stopped answering. */
function whatEndpointDid(error: AppError, { answered }: AskedProgress): string {
	const before = answered > 0;
	if (error.code === UNSENDABLE) return 'The key cannot be sent';
	if (KEY_CODES.has(error.code))
		return before ? 'The endpoint no longer accepts the key' : 'The endpoint does not accept the key';
	return before ? 'The endpoint stopped answering' : 'The endpoint gave no usable answer';
}

function happenedOf(error: AppError, phase: RunPhase, steps: Steps): string {
	const { pair, loss } = steps;
	const asked = askedOf(error, phase, steps);
	if (asked !== null) {
		const { answered, failed } = asked;
		return `${error.message} ${answered === 0 ? 'No answer' : counted(answered, 'answer')} before that, ${counted(failed, 'request')} failed; then no more were sent.`;
	}
	// The pairs of the step can explain a number that is not finite; they do not explain a lost device.
	const ids = trains(phase) && error.kind !== 'device' ? (loss.failure?.pairIds ?? []) : [];
	const numbers = ids.map((id) => pair.pairs.findIndex((one) => one.id === id) + 1);
	return numbers.length === 0 ? error.message : `${error.message} Pairs of that step: ${numbers.join(', ')}.`;
}

/** The kept work in counts. */
function keptOf(phase: RunPhase, { output, answer, revision, judgement, pair, adapter }: Steps): string {
	const parts: string[] = [];
	if (output.done > 0) parts.push(counted(output.done, 'answer'));
	if (answer.done > 0) parts.push(`${counted(answer.done, 'answer')} of other models`);
	const judged = judgement.settled - judgement.counts.failed;
	if (judged > 0) parts.push(`${counted(judged, 'judgement')} with raw replies`);
	const revised = revision.asked - revision.counts.failed;
	if (revised > 0) parts.push(`${counted(revised, 'revision')} with reasoning and raw replies`);
	if (trains(phase) && pair.pairs.length > 0) parts.push(counted(pair.pairs.length, 'pair'));
	const last = adapter.latestStep;
	if (last !== null) parts.push(`the adapter of step ${last}`);
	if (parts.length === 0) return 'The recipe. There is nothing else yet.';
	return `${listed(parts)}.`;
}

/** Where the kept work is; `unsaved` is the reason if the browser does not store it. */
export function keptWhere(unsaved: WireError | null): string {
	return unsaved === null
		? 'All of it is stored in this browser and survives a reload.'
		: 'The browser does not store it, so it lasts until you close or reload this tab: export the run first.';
}

function repairOf(error: AppError, phase: RunPhase, { adapter }: Steps): Repair {
	if (KEY_CODES.has(error.code)) return 'new-key';
	if (error.kind === 'storage') return 'free-space';
	// The same steps would give the same numbers again.
	if (error.code === 'non-finite') return 'change-recipe';
	if (trains(phase) && adapter.latestStep !== null) return 'from-checkpoint';
	if (error instanceof DeviceError || error.kind === 'remote') return 'resume';
	return RECIPE_CODES.has(error.code) || error.code.startsWith('world-') ? 'change-recipe' : 'resume';
}
