import { expect, test } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { createFakes, SMALL } from '#tests/support/fakes.ts';

async function finished() {
	const fakes = createFakes();
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	await session.startRun();
	const { headToHead } = session.steps.evaluation;
	return { session, headToHead };
}

/** The model that wrote one answer of the open ballot. */
function sideAt(headToHead: Awaited<ReturnType<typeof finished>>['headToHead'], place: 'first' | 'second') {
	const { ballot } = headToHead;
	const pair = headToHead.pairs.find(({ prompt }) => prompt.id === ballot?.promptId);
	return ballot?.[place] === pair?.after.text ? 'tuned' : 'base';
}

test('a vote by place counts for the model that wrote the answer, and both places occur', async () => {
	const { headToHead } = await finished();
	const places = new Set<string>();
	let tuned = 0;
	for (let i = 0; headToHead.ballot !== null; i++) {
		const side = sideAt(headToHead, 'first');
		places.add(side);
		if (side === 'tuned') tuned++;
		headToHead.vote('first');
		expect(headToHead.votes).toHaveLength(i + 1);
	}
	expect(places).toEqual(new Set(['base', 'tuned']));
	expect(headToHead.total).toBeGreaterThan(3);
	expect(headToHead.tally).toMatchObject({ wins: tuned, losses: headToHead.total - tuned });
	headToHead.vote('first');
	expect(headToHead.votes).toHaveLength(headToHead.total);
});

test('the last vote can be taken back, and its ballot returns with the same order', async () => {
	const { headToHead } = await finished();
	const before = headToHead.ballot;
	headToHead.vote('tie');
	expect(headToHead.ballot).not.toEqual(before);
	headToHead.undo();
	expect(headToHead.ballot).toEqual(before);
	expect(headToHead.results).toEqual([]);
});

test('votes are stored with the run and continue after it is opened again', async () => {
	const { session, headToHead } = await finished();
	headToHead.vote('first');
	headToHead.vote('second');
	await session.run.save();
	const record = session.run.record();
	const stored = readStoredRun(JSON.stringify(record), 'run');
	expect(stored.headToHead).toEqual([
		{ judge: 'person', mode: 'greedy', step: SMALL.training.steps, verdicts: headToHead.votes },
	]);
	const { id } = session.run;
	await session.open(id ?? '');
	expect(session.steps.evaluation.headToHead.votes).toEqual(headToHead.votes);
	expect(session.steps.evaluation.headToHead.ballot).toEqual(headToHead.ballot);
});

test('each decoding mode has its own votes', async () => {
	const { session, headToHead } = await finished();
	headToHead.vote('first');
	session.steps.evaluation.mode = 'sampled';
	expect(headToHead.votes).toEqual([]);
	headToHead.vote('second');
	expect(headToHead.results.map(({ mode, verdicts }) => [mode, verdicts.length])).toEqual([
		['greedy', 1],
		['sampled', 1],
	]);
});

test('votes on answers that training makes again are forgotten', async () => {
	const { session, headToHead } = await finished();
	headToHead.vote('first');
	session.steps.evaluation.cutAfter(0);
	expect(headToHead.results).toEqual([]);
	expect(headToHead.ballot).toBeNull();
});
