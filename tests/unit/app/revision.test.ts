import { describe, expect, it } from 'vitest';
import { PauseGate } from '#app/async/pauseGate.ts';
import { RevisionStep } from '#app/steps/revisionStep.svelte.ts';
import { RemoteError } from '#core/errors.ts';
import { type Output, outputId } from '#core/output/output.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { FLAWED } from '#tests/support/fakeCompute.ts';
import { FakeClock, FakeReviser, SMALL } from '#tests/support/fakes.ts';

const never = new AbortController().signal;
const outputs: Output[] = worldPrompts({ count: 10, seed: 1, split: 'train' }).map((prompt) => ({
	id: outputId(prompt.id, 1),
	prompt,
	text: FLAWED,
	finishReason: 'stop',
	model: 'm',
	sampling: SMALL.sampling,
	tokens: 4,
}));

function create(): RevisionStep {
	const step = new RevisionStep(() => SMALL, { clock: new FakeClock(), frame: (f) => f() });
	step.prepare(outputs);
	return step;
}

async function revised(reviser = new FakeReviser()): Promise<RevisionStep> {
	const step = create();
	await step.revise(reviser, new PauseGate(), never);
	return step;
}

describe('asking', () => {
	it('asks about every row and reads the replies', async () => {
		const step = await revised();
		expect(step.differing).toBe(10);
		expect(step.state).toBe('done');
		expect(
			step.rows.every((row) => row.reasoning !== null && row.rawReply !== null && row.attempts === 1),
		).toBe(true);
		expect(step.measures.jaccard).toHaveLength(10);
	});

	it('keeps at most the recipe’s number of requests in flight', async () => {
		const reviser = new FakeReviser();
		let inFlight = 0;
		let most = 0;
		reviser.before = async () => {
			most = Math.max(most, ++inFlight);
			await new Promise((resolve) => setTimeout(resolve));
			inFlight--;
		};
		await revised(reviser);
		expect(most).toBe(SMALL.reviser.concurrency);
	});

	it('keeps rows that fail, with their error, and asks only them again', async () => {
		const step = create();
		const reviser = new FakeReviser();
		reviser.failAt = (n) => (n === 3 ? new RemoteError('Busy.', { code: 'endpoint-server-error' }) : null);
		await step.revise(reviser, new PauseGate(), never);
		expect(step.counts).toMatchObject({ failed: 1, revised: 9 });
		expect(step.rows.find((row) => row.state === 'failed')?.error?.message).toBe('Busy.');
		await step.revise(reviser, new PauseGate(), never);
		expect(step.counts.failed).toBe(0);
		expect(reviser.asked).toBe(11);
	});

	it('does not stop for refusals of single rows, and asks failed rows last', async () => {
		const refused = new RemoteError('Too long.', { code: 'endpoint-request-refused' });
		const step = create();
		const reviser = new FakeReviser();
		reviser.failAt = (n) => (n > 1 && n < 9 ? refused : null);
		await step.revise(reviser, new PauseGate(), never);
		expect(step.counts).toMatchObject({ failed: 7, revised: 3 });

		const first = create();
		const always = new FakeReviser();
		always.failAt = (n) => (n <= 4 ? refused : null);
		await expect(first.revise(always, new PauseGate(), never)).rejects.toThrow('Too long.');
		const left = first.rows.filter((row) => row.state === 'failed').length;
		always.failAt = (n) => (n > 4 + (10 - left) ? refused : null);
		await first.revise(always, new PauseGate(), never);
		expect(first.counts).toMatchObject({ failed: left, revised: 10 - left });
	});

	it('stops after four failures of one kind in a row, not after four scattered ones', async () => {
		const down = new RemoteError('Down.', { code: 'endpoint-unreachable' });
		const scattered = new FakeReviser();
		scattered.failAt = (n) => (n % 2 === 0 ? down : null);
		expect((await revised(scattered)).counts.failed).toBe(5);

		const step = create();
		const dead = new FakeReviser();
		dead.failAt = (n) => (n > 1 ? down : null);
		await expect(step.revise(dead, new PauseGate(), never)).rejects.toMatchObject({
			code: 'endpoint-unreachable',
		});
		expect(step.state).toBe('failed');
		expect(step.counts.failed).toBeLessThanOrEqual(3 + SMALL.reviser.concurrency);
		expect(step.counts.waiting).toBeGreaterThan(0);
	});

	it.each(['endpoint-unreachable', 'endpoint-key-refused', 'endpoint-cors', 'endpoint-rate-limited'])(
		'before the first answer, %s stops it after one request',
		async (code) => {
			const step = create();
			const dead = new FakeReviser();
			dead.failAt = () => new RemoteError('No.', { code });
			await expect(step.revise(dead, new PauseGate(), never)).rejects.toMatchObject({ code });
			expect(dead.asked).toBe(1);
			expect(step.counts).toMatchObject({ failed: 1, waiting: 9 });
		},
	);

	it('asks one row until the first answer, then several at once', async () => {
		const reviser = new FakeReviser();
		let inFlight = 0;
		const seen: number[] = [];
		reviser.before = async () => {
			seen.push(++inFlight);
			await Promise.resolve();
			inFlight--;
		};
		await revised(reviser);
		expect(seen.slice(0, 2)).toEqual([1, 1]);
		expect(Math.max(...seen)).toBeGreaterThan(1);
	});

	it('keeps the raw reply if no revision can be read from it', async () => {
		const reviser = new FakeReviser();
		reviser.replyWith = () => '<script>alert(1)</script> no marker here';
		const step = await revised(reviser);
		expect(step.counts.rejected).toBe(10);
		expect(step.rows[0]).toMatchObject({
			reason: 'no-marker',
			rawReply: '<script>alert(1)</script> no marker here',
		});
		expect(step.differing).toBe(0);
	});

	it('keeps finished revisions when it is cancelled', async () => {
		const step = create();
		const stop = new AbortController();
		const reviser = new FakeReviser();
		reviser.before = () => {
			if (reviser.asked === 5) stop.abort();
		};
		await expect(step.revise(reviser, new PauseGate(), stop.signal)).rejects.toThrow('Stopped by you');
		expect(step.counts.revised).toBeGreaterThan(2);
		expect(step.counts.asking).toBe(0);
		expect(step.counts.revised + step.counts.waiting).toBe(10);
	});
});

describe('deciding', () => {
	it('accepts, edits and sets aside, and undoes each', async () => {
		const step = await revised();
		let stored = 0;
		step.onDecided = () => stored++;
		const [a, b, c] = step.rows.map((row) => row.id) as [string, string, string];
		const original = step.rows[1]?.revised;
		step.accept(a);
		expect(step.edit(b, 'In my words.')).toBe(true);
		step.setAside(c);
		expect(step.rows.slice(0, 3).map((row) => row.state)).toEqual(['accepted', 'edited', 'set-aside']);
		expect(step.byId(b)).toMatchObject({ revised: 'In my words.', rule: 'by-hand' });
		expect(step.undoable).toBe(3);
		step.undo();
		step.undo();
		step.undo();
		expect(step.counts.revised).toBe(10);
		expect(step.byId(b)?.revised).toBe(original);
		expect(step.undoable).toBe(0);
		expect(stored).toBe(6);
		step.undo();
		expect(stored).toBe(6);
	});

	it('uses a rejected reply if the person overrules, and keeps that when it is prepared again', async () => {
		const reviser = new FakeReviser();
		reviser.replyWith = () => '{corrected_student_solution}: No changes needed.';
		const step = await revised(reviser);
		expect(step.counts.rejected).toBe(10);
		const id = step.rows[0]?.id ?? '';
		step.overrule(id);
		expect(step.byId(id)).toMatchObject({ state: 'accepted', overruled: 'unchanged' });
		step.acceptTheRest();
		expect(step.counts).toMatchObject({ accepted: 1, rejected: 9 });
		step.prepare(outputs, JSON.parse(JSON.stringify(step.rows)) as typeof step.rows);
		expect(step.byId(id)).toMatchObject({ state: 'accepted', overruled: 'unchanged' });
	});

	it('accepts the rest at once, and one undo reverts it', async () => {
		const step = await revised();
		step.setAside(step.rows[0]?.id ?? '');
		step.acceptTheRest();
		expect(step.counts).toMatchObject({ accepted: 9, 'set-aside': 1 });
		expect(step.toLookAt).toBe(0);
		step.undo();
		expect(step.counts).toMatchObject({ revised: 9, 'set-aside': 1 });
	});

	it('refuses an edit that is empty or the answer itself', async () => {
		const step = await revised();
		const id = step.rows[0]?.id ?? '';
		expect(step.edit(id, '  ')).toBe(false);
		expect(step.edit(id, FLAWED)).toBe(false);
		expect(step.undoable).toBe(0);
	});

	it('asks again with another seed, and undo restores the first revision', async () => {
		const step = await revised();
		const reviser = new FakeReviser();
		reviser.replyWith = () => '{corrected_student_solution}: Another one.';
		const row = step.rows[4];
		await step.askAgain(row?.id ?? '', reviser, never);
		expect(step.rows[4]).toMatchObject({ revised: 'Another one.', attempts: 2 });
		step.undo();
		expect(step.rows[4]).toEqual(row);
	});

	it('keeps decisions and revisions of the same outputs when it is prepared again', async () => {
		const step = await revised();
		step.accept(step.rows[0]?.id ?? '');
		const changed = outputs.map((output, i) => (i === 1 ? { ...output, text: 'Something else.' } : output));
		step.prepare(changed, step.rows);
		expect(step.rows.map((row) => row.state).slice(0, 3)).toEqual(['accepted', 'waiting', 'revised']);
	});
});

describe('looking', () => {
	it('opens the next row after a decision, and stays at a row with no text to decide about', async () => {
		const reviser = new FakeReviser();
		reviser.replyWith = (_, output) => `{corrected_student_solution}: ${output}`;
		const step = await revised(reviser);
		const [first, second] = step.rows;
		expect(first?.reason).toBe('identical');
		for (const decide of ['accept', 'setAside', 'overrule'] as const) {
			step.decideAndMove((id) => step[decide](id));
			expect([step.selected?.id, step.undoable]).toEqual([first?.id, 0]);
		}
		step.edit(first?.id ?? '', 'In my words.');
		step.decideAndMove((id) => step.accept(id));
		expect(step.selected?.id).toBe(second?.id);
	});

	it('filters by family, state and text, and moves within what is visible', async () => {
		const step = await revised();
		const family = step.rows[2]?.output.prompt.family ?? '';
		step.family = family;
		expect(step.visible.every((row) => row.output.prompt.family === family)).toBe(true);
		step.family = null;
		step.setAside(step.rows[3]?.id ?? '');
		step.filter = 'set-aside';
		expect(step.visible).toHaveLength(1);
		step.filter = 'all';
		step.search = (step.rows[5]?.output.prompt.text ?? '').toUpperCase();
		expect(step.visible).toContain(step.rows[5]);
		step.search = '';
		expect(step.selected).toBe(step.visible[0]);
		step.move(1);
		expect(step.selected).toBe(step.visible[1]);
		expect(step.numberOf(step.selected?.id ?? '')).toBe(2);
		step.move(-1);
		step.move(-1);
		expect(step.selected).toBe(step.visible[0]);
	});

	it('puts the largest change first when asked', async () => {
		const step = await revised();
		step.order = 'largest-change-first';
		const changes = step.visible.map((row) => row.measures?.levenshteinRelative ?? 0);
		expect(changes).toEqual([...changes].sort((a, b) => b - a));
	});
});
