/**
 * Every reply of the embedded reviser is taken as the reviser meant it: over the prompts of the default recipe,
 * for answers of every kind, and for the answers of the recorded run.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rng } from '#core/math/rng.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import { revisionReply } from '#core/revision/request.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { readTask } from '#core/world/tiny/families.ts';
import { GENERIC_FLAWS } from '#core/world/tiny/flaws.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { reviseAnswer } from '#core/world/tiny/revise.ts';

/** Asks the embedded reviser and compares the parser's decision with the reviser's own. */
function expectAsMeant(prompt: string, answer: string, seed: number): void {
	const revision = reviseAnswer(prompt, answer, seed);
	if (revision === null) throw new Error(`Not a prompt of the world: ${prompt}`);
	const { revised, reasoning } = revision;
	const parsed = parseReply(revisionReply(reasoning, revised), answer);
	const where = `${prompt} | ${answer} | ${revised}`;
	if (revised.trim() === answer.trim()) {
		expect(parsed, where).toMatchObject({ ok: false, reason: 'identical' });
		return;
	}
	expect(parsed, where).toEqual({ ok: true, revised: revised.trim(), reasoning, rule: 'brace-marker-colon' });
}

const { prompts } = DEFAULT_RECIPE;
const texts = (['train', 'heldOut'] as const)
	.flatMap((split) => worldPrompts({ count: prompts.count, seed: prompts.seed, split }))
	.map(({ text }) => text);

test('answers with every flaw', () => {
	expect(texts.length).toBeGreaterThan(400);
	for (const [i, prompt] of texts.entries()) {
		const task = readTask(prompt);
		if (task === null) throw new Error(prompt);
		const { answer } = task;
		const flawed = GENERIC_FLAWS.map((flaw) => flaw.apply(answer, rng(i)));
		for (const text of [answer, task.ownFlaw(), 'no idea', '', 'the the the', prompt, ...flawed])
			expectAsMeant(prompt, text, i);
	}
});

test('the answers of the recorded run, decided as when it was recorded', async () => {
	const path = 'public/recorded/loop.run.json.gz';
	const { record } = await readRunFile(new Uint8Array(readFileSync(path)), path);
	const { revisions } = record;
	expect(revisions.length).toBeGreaterThan(100);
	for (const { output, rawReply, revised, reason, rule, reasoning } of revisions) {
		const parsed = parseReply(rawReply ?? '', output.text);
		if (reason === null) expect(parsed).toEqual({ ok: true, revised, reasoning, rule });
		else expect(parsed).toMatchObject({ ok: false, reason });
	}
});
