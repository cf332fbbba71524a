/** The win rate by a judge, with the embedded judge behind the endpoint's real handler. */
import { describe, expect, test } from 'vitest';
import { judgeReport, judgeSentence } from '#app/run/judgeReport.ts';
import { Session } from '#app/session.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import type { ChatModel, ChatReply } from '#core/ports.ts';
import { isHeldOut } from '#core/prompt/split.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { embeddedModel, inPageFetch } from '#runtime/endpoint/inPage.ts';
import { keepWork } from '#ui/frame/keepWork.ts';
import { createFakes, type Fakes, SMALL } from '#tests/support/fakes.ts';

const PAGE = { baseUrl: 'http://page.test/v1', where: 'page', fetch: inPageFetch } as const;
const EXACT = { lengthBias: 0, noise: 0 };

interface Judged {
	session: Session;
	fakes: Fakes;
	/** Requests to judges, by model. */
	asked: string[];
	/** Replaces the judge's replies. */
	reply: { with: ((text: string, n: number) => string) | null; before: (n: number) => void };
}

/** Revisions come from the double, judgements from the embedded judge. */
function withJudge(fakes: Fakes): Pick<Judged, 'asked' | 'reply'> {
	const asked: string[] = [];
	const reply: Judged['reply'] = { with: null, before: () => undefined };
	const { reviser } = fakes.ports;
	fakes.ports.reviser = (settings, key): ChatModel => {
		if (!settings.model.includes('judge')) return reviser(settings, key);
		const real = embeddedModel(
			PAGE,
			settings.model.startsWith('embedded') ? settings.model : 'embedded-judge',
		);
		return {
			id: settings.model,
			complete: async (request, signal): Promise<ChatReply> => {
				const n = asked.push(settings.model);
				reply.before(n);
				const given = await real.complete(request, signal);
				return { ...given, text: reply.with?.(given.text, n) ?? given.text };
			},
		};
	};
	return { asked, reply };
}

async function finished(recipe: Recipe = { ...SMALL, judge: EXACT }): Promise<Judged> {
	const fakes = createFakes();
	const judge = withJudge(fakes);
	const session = new Session(fakes.ports);
	await session.start();
	session.draft.load(recipe);
	await session.startRun();
	expect(session.run.failure).toBeNull();
	return { session, fakes, ...judge };
}

/** A run of CLAIR drops the section of a judge that it does not ask, so tests choose an exact one. */
function exact({ run }: Session): void {
	run.winRate.choose({ ...run.winRate.judge, model: 'embedded-judge:lengthBias=0,noise=0' });
}

test('asks twice about each pair of different answers, and the better answers win', async () => {
	const { session, asked } = await finished();
	exact(session);
	const { winRate } = session.run;
	const differing = session.steps.evaluation.headToHead.total;
	expect(winRate.rows).toHaveLength(differing);
	await winRate.ask();
	expect(winRate.error).toBeNull();
	expect(asked).toHaveLength(2 * differing);
	expect(winRate.judged).toBe(differing);
	// The double answers rightly with an adapter, and with a flaw without one.
	expect(winRate.tally).toMatchObject({ wins: differing, losses: 0 });
	expect(winRate.tally.rate.score).toBeGreaterThan(0.5);
	expect(winRate.bias).toEqual({ first: differing, picks: 2 * differing });
	expect(judgeReport(winRate)).toMatchObject({
		judge: { model: 'embedded-judge:lengthBias=0,noise=0' },
		...{ wins: differing, losses: 0, contradictions: 0, leftOut: 0 },
		winRate: winRate.tally.rate,
	});
	expect(judgeSentence(judgeReport(winRate))).toContain(`${differing} wins, 0 losses`);
	await winRate.ask();
	expect(asked).toHaveLength(2 * differing);
});

test('keeps replies and verdicts with the run, and asks nothing twice after it is opened again', async () => {
	const { session, asked } = await finished();
	await session.run.winRate.ask();
	const before = session.run.winRate.tally;
	const record = readStoredRun(JSON.stringify(session.run.record()), 'run');
	const [kept] = record.headToHead ?? [];
	expect(kept?.asked).toMatchObject({ endpoint: 'embedded', model: 'embedded-judge' });
	expect(kept?.judgements?.every(({ asked: replies }) => replies.length === 2)).toBe(true);
	expect(kept?.verdicts).toHaveLength(session.run.winRate.judged);
	const requests = asked.length;
	await session.open(session.run.id ?? '');
	const { winRate } = session.run;
	expect(winRate.tally).toEqual(before);
	expect(winRate.open).toEqual([]);
	await winRate.ask();
	expect(asked).toHaveLength(requests);
});

test('a judge that was chosen and not asked yet is still chosen after a reload of the tab, for its run alone', async () => {
	const slots = new Map<string, string>();
	const fakes = createFakes();
	withJudge(fakes);
	fakes.ports.tabMemory = {
		read: (name) => slots.get(name) ?? null,
		write: (name, value) => {
			if (value === null) slots.delete(name);
			else slots.set(name, value);
		},
	};
	const session = new Session(fakes.ports);
	session.draft.load({ ...SMALL, judge: EXACT });
	await session.startRun();
	const { id, winRate } = session.run;
	winRate.choose({ ...winRate.judge, endpoint: 'https://ann:pw@judge.test/v1', model: 'strict', budget: 0 });
	const reloaded = new Session(fakes.ports);
	await reloaded.open(id ?? '');
	const named = { endpoint: 'https://judge.test/v1', model: 'strict', budget: 0 };
	expect(reloaded.run.winRate.judge).toMatchObject(named);
	reloaded.draft.load({ ...SMALL, judge: EXACT });
	await reloaded.startRun();
	expect(reloaded.run.winRate.judge.model).not.toBe('strict');
});

test('a cancel keeps the verdicts, and the rest is asked about later', async () => {
	const { session, asked, reply } = await finished();
	const { winRate } = session.run;
	winRate.choose({ ...winRate.judge, concurrency: 1 });
	reply.before = (n) => {
		if (n === 5) winRate.cancel();
	};
	await winRate.ask();
	expect(winRate.running).toBe(false);
	expect(winRate.error).toBeNull();
	const { judged } = winRate;
	expect(judged).toBeGreaterThan(0);
	expect(judged).toBeLessThan(winRate.rows.length);
	reply.before = () => undefined;
	const before = asked.length;
	await winRate.ask();
	expect(winRate.judged).toBe(winRate.rows.length);
	expect(asked.length - before).toBe(2 * (winRate.rows.length - judged));
});

test('the first verdict is stored at once, with the judge that was chosen', async () => {
	const { session, fakes, reply } = await finished();
	exact(session);
	const { winRate, id } = session.run;
	winRate.choose({ ...winRate.judge, concurrency: 1 });
	let stored: string | undefined;
	reply.before = (n) => {
		if (n !== 4) return;
		stored = JSON.stringify(fakes.store.runs.get(id ?? ''));
		winRate.cancel();
	};
	await winRate.ask();
	const again = readStoredRun(stored ?? '', 'run');
	expect(again.headToHead?.[0]).toMatchObject({ asked: { model: winRate.judge.model } });
	expect(again.headToHead?.[0]?.judgements).toHaveLength(1);
});

test('a page that is left or hidden while the judge is asked stores the verdicts so far', async () => {
	const { session, fakes, reply } = await finished();
	const { winRate, id } = session.run;
	const page = new EventTarget();
	const document = Object.assign(new EventTarget(), { hidden: false });
	keepWork(session, page, document);
	const stored = (): number => fakes.store.runs.get(id ?? '')?.headToHead?.[0]?.judgements?.length ?? 0;
	winRate.choose({ ...winRate.judge, concurrency: 1 });
	const counts: number[] = [];
	reply.before = (n) => {
		// The clock of the doubles runs so slowly that only the first verdict is stored by itself.
		if (n === 5) page.dispatchEvent(new Event('pagehide'));
		if (n === 7) {
			counts.push(stored());
			document.dispatchEvent(new Event('visibilitychange'));
			document.hidden = true;
			document.dispatchEvent(new Event('visibilitychange'));
		}
		if (n === 9) {
			counts.push(stored());
			winRate.cancel();
		}
	};
	await winRate.ask();
	expect(counts).toEqual([2, 3]);
	const { edition } = session.run.autosave;
	page.dispatchEvent(new Event('pagehide'));
	expect(session.run.autosave.edition).toBe(edition);
});

describe('bad replies and endpoints', () => {
	test('a judge that always picks the first is said to decide by position, and all its verdicts tie', async () => {
		const { session, reply } = await finished();
		reply.with = () => '[[A]]';
		const { winRate } = session.run;
		await winRate.ask();
		expect(winRate.contradictions).toBe(winRate.rows.length);
		expect(winRate.bias).toEqual({ first: 2 * winRate.rows.length, picks: 2 * winRate.rows.length });
		expect(winRate.tally).toMatchObject({ wins: 0, losses: 0, rate: { score: 0.5 } });
	});

	test('a reply without a verdict leaves its prompt out, with the reason, and can be asked again', async () => {
		const { session, reply } = await finished();
		reply.with = (text, n) => (n <= 2 ? 'Hm.' : text);
		const { winRate } = session.run;
		await winRate.ask();
		expect(winRate.leftOut.map(({ error }) => error.code)).toContain('judgement-unread');
		expect(session.steps.evaluation.headToHead.results[0]?.leftOut).toEqual(winRate.leftOut);
		const left = winRate.open.length;
		expect(winRate.judged).toBe(winRate.rows.length - left);
		reply.with = null;
		await winRate.ask();
		expect(winRate.leftOut).toEqual([]);
		expect(winRate.judged).toBe(winRate.rows.length);
	});

	test('an endpoint that is down stops after one request and says why; later the rows are asked again', async () => {
		const { session, asked, reply } = await finished();
		reply.before = () => {
			throw new RemoteError('Nothing answers.', { code: 'endpoint-unreachable', hint: 'Start it.' });
		};
		const { winRate } = session.run;
		await winRate.ask();
		expect(winRate.error).toMatchObject({ code: 'endpoint-unreachable' });
		expect(winRate.judged).toBe(0);
		expect(asked).toHaveLength(1);
		reply.before = () => undefined;
		await winRate.ask();
		expect([winRate.error, winRate.judged]).toEqual([null, winRate.rows.length]);
	});
});

describe('the choice of a judge', () => {
	test('a judge at an address that is none is not asked', async () => {
		const { session } = await finished();
		const { winRate } = session.run;
		for (const endpoint of ['', 'javascript:alert(1)', 'ftp://a/v1']) {
			winRate.choose({ ...winRate.judge, endpoint, model: 'm' });
			expect(winRate.obstacle).toContain('no address');
		}
	});

	test('each judge has its own verdicts', async () => {
		const { session } = await finished();
		const { winRate } = session.run;
		const { judge } = winRate;
		await winRate.ask();
		exact(session);
		expect(winRate.judged).toBe(0);
		await winRate.ask();
		expect(session.steps.evaluation.headToHead.results).toHaveLength(2);
		winRate.choose(judge);
		expect(winRate.judged).toBe(winRate.rows.length);
	});

	test('the built-in judge cannot judge prompts without a rubric, another one can', async () => {
		const fakes = createFakes();
		const { asked } = withJudge(fakes);
		const session = new Session(fakes.ports);
		await session.start();
		const texts = Array.from({ length: 40 }, (_, i) => `Tell me of thing ${i}`);
		const prompts = texts.map((text, i) => ({ id: `u-${i}`, text, family: null }));
		session.imported.prompts.take({
			set: { name: 'mine', source: 'mine.txt', prompts },
			lines: prompts.map((_, i) => i + 1),
			heldOut: texts.map(isHeldOut),
			...{ skipped: [], noted: [], layout: null },
		});
		session.draft.load({ ...SMALL, prompts: { ...SMALL.prompts, source: 'own' } });
		await session.startRun();
		const { winRate } = session.run;
		expect(winRate.obstacle).toContain('built-in judge knows only');
		await winRate.ask();
		expect(asked).toEqual([]);
		winRate.choose({ ...winRate.judge, endpoint: 'http://localhost:9/v1', model: '' });
		expect(winRate.obstacle).toContain('no model');
		winRate.choose({ ...winRate.judge, model: 'my-judge' });
		expect(winRate.obstacle).toBeNull();
		expect(winRate.forecast).toMatchObject({ requests: 2 * winRate.rows.length, promptsKnown: true });
	});
});
