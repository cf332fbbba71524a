/**
 * The embedded reviser: mends an answer with a minimal edit and gives its reasoning, in CLAIR's form. With a skill below 1 it
 * leaves some of the faults as they are, so that its revisions are no longer perfect.
 */
import { rng } from '../../math/rng.ts';
import { diffWords } from '../../revision/measures.ts';
import { readRevisionRequest, revisionReply } from '../../revision/request.ts';
import type { DiffPiece } from '../../revision/revision.ts';
import { reviseAnswer, scoreAnswer } from '../../world/registry.ts';
import { type CastModel, numberOf } from '../castModel.ts';

export const reviser: CastModel = {
	id: 'embedded-reviser',
	title: 'built-in reviser',
	settings: { skill: { title: 'skill', kind: 'number', default: 1, min: 0, max: 1 } },
	reply(messages, seed, values) {
		const task = readRevisionRequest(messages);
		if (task === null)
			return {
				text: 'I cannot chat: I am the reviser of the built-in worlds, and I only answer requests for a minimal revision in the form that the workbench sends.',
			};
		const revision = reviseAnswer(task.prompt, task.output, seed);
		if (revision === null)
			return {
				text: 'I cannot revise this answer: I only know the tasks of the built-in worlds, and this prompt is not one of them. Choose another endpoint for your own prompts.',
			};
		if ('refused' in revision) return { text: `I cannot revise this answer: ${revision.refused}` };
		const { reasoning, revised } = revision;
		return { text: revisionReply(reasoning, partlyRevised(task, revised, numberOf(values, 'skill'), seed)) };
	},
};

/**
 * Makes each edit of a revision with the probability `skill`. A part of the edits can be worse than none, for example one of two
 * swapped words; then the answer stays as it is.
 */
function partlyRevised(
	{ prompt, output }: { prompt: string; output: string },
	revised: string,
	skill: number,
	seed: number,
): string {
	if (skill >= 1 || revised === output) return revised;
	const draw = rng(seed).fork(`skill:${prompt}:${output}`);
	const mended = edits(diffWords(output, revised))
		.map(({ before, after }) => (before === after || draw.next() < skill ? after : before))
		.join('');
	const scoreOf = (text: string): number => scoreAnswer(prompt, text)?.score ?? 0;
	return scoreOf(mended) < scoreOf(output) ? output : mended;
}

/** Neighbouring removed and added pieces are one edit. */
function edits(pieces: readonly DiffPiece[]): { before: string; after: string }[] {
	const all: { before: string; after: string; same: boolean }[] = [];
	for (const { kind, text } of pieces) {
		const last = all.at(-1);
		if (last?.same !== (kind === 'same'))
			all.push({
				before: kind === 'added' ? '' : text,
				after: kind === 'removed' ? '' : text,
				same: kind === 'same',
			});
		else {
			if (kind !== 'added') last.before += text;
			if (kind !== 'removed') last.after += text;
		}
	}
	return all;
}
