/**
 * The embedded reviser's knowledge: repairs an answer with a minimal edit and gives the reasons as a teacher
 * would. The endpoint handles the protocol (request, markers, reply).
 */
import { rng, type Rng } from '../../math/rng.ts';
import type { WorldRevision } from '../world.ts';
import { readTask } from './families.ts';
import type { Finding } from './family.ts';
import { enumerate } from '../../text/wording.ts';

/** Faults named in one reasoning; more would be a lecture. */
const FAULTS_TOLD = 2;

/**
 * Repairs an answer.
 *
 * @param seed chooses among the teacher's phrasings; the revised text does not depend on it
 * @returns null if the prompt is not of this world
 */
export function reviseAnswer(promptText: string, completion: string, seed: number): WorldRevision | null {
	const task = readTask(promptText);
	if (!task) return null;
	const findings = task.check(completion);
	const voice = rng(seed).fork('reviser');
	const praised = findings.filter((finding) => finding.passed);
	if (praised.length === findings.length) {
		return { revised: completion, reasoning: contentment(praised, voice), changed: false };
	}
	const faults = findings.filter((finding) => !finding.passed);
	return { revised: task.repair(completion), reasoning: reasoning(praised, faults, voice), changed: true };
}

function contentment(praised: readonly Finding[], voice: Rng): string {
	const close = voice.pick([
		'Nothing needs to change.',
		'It can stay as it is.',
		'There is nothing to correct.',
	]);
	return `${praiseSentence(praised, voice)} ${close}`;
}

function reasoning(praised: readonly Finding[], faults: readonly Finding[], voice: Rng): string {
	const told = faults.slice(0, FAULTS_TOLD).map((finding) => finding.fault);
	// The closing sentence is left out if some faults are not named or no check passed.
	if (praised.length === 0) return told.join(' ');
	if (faults.length > told.length) return [praiseSentence(praised, voice), ...told].join(' ');
	const close = voice.pick([
		'Nothing else needs to change.',
		'The rest can stay as it is.',
		'All else is kept.',
	]);
	return [praiseSentence(praised, voice), ...told, close].join(' ');
}

function praiseSentence(praised: readonly Finding[], voice: Rng): string {
	const did = enumerate(praised.map((finding) => finding.praise));
	return voice.pick([
		`The student ${did}, which is right.`,
		`The student ${did}; that is good.`,
		`It is right that the student ${did}.`,
	]);
}
