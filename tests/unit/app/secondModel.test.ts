/** A second model as reviser: one GPU serves it and the target, so their loading and leaving have an order. */
import { describe, expect, it } from 'vitest';
import { transferring } from '#app/run/phases/figures.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { Cancelled, RemoteError } from '#core/errors.ts';
import type { Progress } from '#core/ports.ts';
import { SMALL } from '#tests/support/fakes.ts';
import { KEPT, LOST, openWithSecondModel, PUBLISHED, revisedBy } from '#tests/support/secondModel.ts';

const TARGET_IN = ['compute loads anchor-1m', 'webllm loads anchor-1m'];

describe('a run', () => {
	it('gives the GPU to the second model after the answers, and back before it trains', async () => {
		const { session, events, reviser } = openWithSecondModel(PUBLISHED, { features: ['shader-f16'] });
		await session.start();
		await session.startRun();
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		const name = 'Qwen2.5-1.5B-Instruct-q4f16_1-MLC';
		expect(events.slice(0, 2)).toEqual(TARGET_IN);
		expect(events.slice(2, 4).toSorted()).toEqual(['compute leaves anchor-1m', 'webllm leaves anchor-1m']);
		expect(events.slice(4)).toEqual([`webllm loads ${name}`, `webllm leaves ${name}`, ...TARGET_IN]);
		expect(reviser.asked).toBe(12);
		expect(session.steps.revision.rows.map((row) => row.reviser)).toEqual(Array(12).fill(name));
		expect(session.engines.loadedModel).toBe('anchor-1m');
		expect(session.steps.loss.step).toBe(8);
	});

	it('takes the form that computes in f32 if the device has no shader-f16', async () => {
		const { session, events } = openWithSecondModel(PUBLISHED);
		await session.start();
		await session.startRun();
		expect(events).toContain('webllm loads Qwen2.5-1.5B-Instruct-q4f32_1-MLC');
	});

	it('asks WebLLM one by one, and a model that reasons to answer at once', async () => {
		const { session, fakes, reviser } = openWithSecondModel('Qwen3-1.7B');
		let asking = 0;
		let most = 0;
		reviser.before = async () => {
			most = Math.max(most, ++asking);
			await Promise.resolve();
			asking--;
		};
		await session.start();
		await session.startRun();
		expect(most).toBe(1);
		expect(fakes.target.asked).toHaveLength(12);
		expect(fakes.target.asked.every(({ thinking }) => thinking === false)).toBe(true);
	});

	it('uses the compute engine for a kept model without a library; useless replies are refused row by row', async () => {
		const { session, events } = openWithSecondModel(KEPT.id);
		await session.start();
		await session.startRun();
		expect(events).toContain(`compute loads ${KEPT.id}`);
		expect(events).toContain(`compute leaves ${KEPT.id}`);
		// The double of the engine answers every request in the same words, which are no revision.
		const { rows } = session.steps.revision;
		expect(rows.every(({ state }) => state === 'rejected')).toBe(true);
		expect(session.run.failure?.error.code).toBe('no-pairs');
	});

	it('runs without WebGPU with a kept model, and says at once that a published one cannot', async () => {
		const kept = openWithSecondModel(KEPT.id, { gpu: false });
		await kept.session.start();
		await kept.session.startRun();
		expect(kept.events.filter((event) => event.startsWith('webllm'))).toEqual([]);
		expect(kept.session.steps.revision.asked).toBe(12);
		const published = openWithSecondModel(PUBLISHED, { gpu: false });
		await published.session.start();
		await published.session.startRun();
		expect(published.session.run.failure).toMatchObject({
			error: { code: 'second-model-webgpu' },
			repair: 'change-recipe',
		});
		expect(published.session.steps.output.done).toBe(0);
	});
});

describe('as another role than reviser', () => {
	it('answers as the stronger model after the target, and leaves before training', async () => {
		const { session, events } = openWithSecondModel(PUBLISHED, { features: ['shader-f16'] });
		await session.start();
		const stronger = { endpoint: 'local', model: PUBLISHED };
		session.draft.load({ ...SMALL, pairs: { ...SMALL.pairs, method: 'stronger_preferred' }, stronger });
		await session.startRun();
		expect(session.run.failure).toBeNull();
		const name = 'Qwen2.5-1.5B-Instruct-q4f16_1-MLC';
		expect(events.slice(0, 2)).toEqual(TARGET_IN);
		expect(events.slice(4)).toEqual([`webllm loads ${name}`, `webllm leaves ${name}`, ...TARGET_IN]);
		expect(session.steps.answer.outputs.length).toBe(session.steps.prompt.prompts.length);
		expect(session.steps.pair.pairs.length).toBeGreaterThan(0);
	});

	it('judges the held-out answers of a finished run, and leaves', async () => {
		const { session, events } = openWithSecondModel(PUBLISHED, { features: ['shader-f16'] });
		await session.start();
		await session.startRun();
		const before = events.length;
		const { winRate } = session.run;
		winRate.choose({ ...winRate.judge, endpoint: 'local', model: PUBLISHED });
		const release = session.engines.hold(session.run.recipe.model);
		await winRate.ask();
		expect(winRate.error?.code).toBe('second-model-waits');
		release();
		await winRate.ask();
		expect(winRate.error).toBeNull();
		expect(winRate.judged).toBe(winRate.rows.length);
		expect(winRate.tally.wins).toBeGreaterThan(winRate.tally.losses);
		const name = 'Qwen2.5-1.5B-Instruct-q4f16_1-MLC';
		expect(events.slice(before).filter((event) => event.includes(name))).toEqual([
			`webllm loads ${name}`,
			`webllm leaves ${name}`,
		]);
	});
});

describe('a model that is not here', () => {
	it.each([
		['me/other@' + '0'.repeat(40) + ':Q8_0', 'add me/other@'],
		['disk:mine.gguf@0123456789abcdef:Q8_0', 'choose the same file or folder again'],
		['nothing', 'Choose one of: Qwen2.5-1.5B-Instruct'],
	])('%s is named before any answer is sampled', async (id, todo) => {
		const { session } = openWithSecondModel(id);
		await session.start();
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('second-model-unknown');
		expect(session.run.failure?.todo).toContain(todo);
		expect(session.run.failure?.repair).toBe('change-recipe');
		expect(session.steps.output.done).toBe(0);
	});
});

describe('loading that fails', () => {
	it('for want of the network keeps the answers; Resume loads only the second model', async () => {
		const { session, events, onLoading } = openWithSecondModel(PUBLISHED);
		const gone = new RemoteError('huggingface.co could not be loaded: nothing answered.', {
			code: 'model-unreachable',
			hint: 'Check the connection.',
		});
		onLoading(({ id }) => (id.startsWith('Qwen') ? gone : null));
		await session.start();
		await session.startRun();
		expect(session.run.failure).toMatchObject({
			headline: 'Revising stopped.',
			error: { code: 'second-model-files' },
			repair: 'resume',
		});
		expect(session.run.failure?.happened).toContain('huggingface.co could not be loaded');
		expect(session.steps.output.done).toBe(12);
		onLoading(() => null);
		const before = events.length;
		await session.resume();
		expect(session.run.player.transport).toBe('done');
		expect(events[before]).toBe('webllm loads Qwen2.5-1.5B-Instruct-q4f32_1-MLC');
	});

	it('for want of memory says so and tries only once', async () => {
		const { session, events, onLoading } = openWithSecondModel(PUBLISHED);
		onLoading(({ id }) => (id.startsWith('Qwen') ? LOST : null));
		await session.start();
		await session.startRun();
		expect(session.run.failure?.error.code).toBe('second-model-memory');
		expect(session.run.failure?.happened).toContain('which takes about 1.9 GB');
		expect(session.run.failure?.todo).toContain('choose a smaller model');
		expect(events.filter((event) => event === 'webllm loads anchor-1m')).toHaveLength(1);
	});
});

describe('in the middle of revising', () => {
	it('a lost device: the run continues by itself with the rows that are left', async () => {
		const { session, events, reviser } = openWithSecondModel(PUBLISHED);
		let lost = false;
		reviser.before = () => {
			if (reviser.asked !== 5 || lost) return;
			lost = true;
			throw LOST;
		};
		await session.start();
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.run.interruption).toContain('no finished work is lost');
		expect(reviser.asked).toBe(13);
		expect(session.steps.revision.rows.map((row) => row.attempts)).toEqual(Array(12).fill(1));
		expect(events.filter((event) => event.startsWith('webllm loads Qwen'))).toHaveLength(2);
		expect(events.filter((event) => event === 'webllm loads anchor-1m')).toHaveLength(2);
	});

	it('a stop disposes of the model; after a reload Resume asks for the rest', async () => {
		const first = openWithSecondModel(PUBLISHED);
		first.reviser.before = () => {
			if (first.reviser.asked === 5) first.session.run.player.stop();
		};
		await first.session.start();
		await first.session.startRun();
		expect(first.session.run.player.transport).toBe('stopped');
		expect(first.session.steps.revision.asked).toBe(4);
		expect(first.events.at(-1)).toBe('webllm leaves Qwen2.5-1.5B-Instruct-q4f32_1-MLC');
		const [id = ''] = first.fakes.store.runs.keys();
		const again = openWithSecondModel(PUBLISHED, { store: first.fakes.store });
		await again.session.start();
		await again.session.open(id);
		await again.session.resume();
		expect(again.session.run.player.transport).toBe('done');
		expect(again.reviser.asked).toBe(8);
		expect(again.events[0]).toBe('webllm loads Qwen2.5-1.5B-Instruct-q4f32_1-MLC');
	});

	it('the target is not loaded into its place', async () => {
		const { session, reviser } = openWithSecondModel(PUBLISHED);
		reviser.before = async () => {
			if (reviser.asked === 3) await session.loadModel();
		};
		await session.start();
		await session.startRun();
		expect(session.engines.error?.code).toBe('second-model-at-work');
		expect(session.run.player.transport).toBe('done');
	});
});

describe('outside of a run', () => {
	it('a trial loads it and leaves it there until the target is needed', async () => {
		const { session, events } = openWithSecondModel(PUBLISHED);
		await session.start();
		await session.loadModel();
		await session.reviser.tryOut(session.draft.recipe.reviser);
		expect(session.reviser.trial).toMatchObject({ state: 'answered' });
		expect(session.engines.loadedModel).toBeNull();
		await session.reviser.tryOut(session.draft.recipe.reviser);
		await session.loadModel();
		expect(events.slice(4)).toEqual([
			'webllm loads Qwen2.5-1.5B-Instruct-q4f32_1-MLC',
			'webllm leaves Qwen2.5-1.5B-Instruct-q4f32_1-MLC',
			...TARGET_IN,
		]);
	});

	it('a row can be asked again; a loss stays with the row', async () => {
		const { session, reviser } = openWithSecondModel(PUBLISHED);
		await session.start();
		await session.startRun();
		const [row] = session.steps.revision.rows;
		await session.run.retryRevision(row?.id ?? '');
		expect(session.steps.revision.rows[0]).toMatchObject({ attempts: 2, state: 'revised' });
		reviser.before = () => {
			throw LOST;
		};
		await session.run.retryRevision(row?.id ?? '');
		expect(session.steps.revision.rows[0]).toMatchObject({ state: 'failed', error: { code: 'device-lost' } });
	});

	it('it waits while a run uses the engines', async () => {
		const { session, fakes } = openWithSecondModel(PUBLISHED);
		session.draft.load(SMALL);
		await session.start();
		const local = revisedBy(PUBLISHED).reviser;
		fakes.reviser.before = async () => {
			if (fakes.reviser.asked === 3) await session.reviser.tryOut(local);
		};
		await session.startRun();
		expect(session.reviser.trial).toMatchObject({ state: 'failed', error: { code: 'second-model-waits' } });
		expect(session.run.player.transport).toBe('done');
	});

	it('its loading can be cancelled', async () => {
		const { session, onLoading } = openWithSecondModel(PUBLISHED);
		await session.start();
		onLoading(() => new Cancelled());
		await session.reviser.tryOut(session.draft.recipe.reviser);
		expect(session.reviser.trial).toBeNull();
		expect(session.reviser.loading).toBeNull();
	});
});

it('bytes that arrive have a rate and a time left', async () => {
	const { session, onLoading } = openWithSecondModel(PUBLISHED);
	let seen: Progress = { phase: '', done: 0, total: 0 };
	onLoading((_source, onProgress) => {
		for (const done of [0, 2e8, 4e8, 6e8])
			for (let i = 0; i < 60; i++) onProgress({ phase: 'Loading the model’s files', done, total: 8e8 });
		seen = session.reviser.loading ?? seen;
		return null;
	});
	await session.start();
	await session.reviser.tryOut(session.draft.recipe.reviser);
	expect(seen).toMatchObject({ phase: 'Loading Qwen2.5 1.5B Instruct', done: 6e8, total: 8e8 });
	expect(transferring(seen).map(plain)).toEqual([
		'Loading Qwen2.5 1.5B Instruct 75%',
		expect.stringMatching(/ MB per second$/),
		expect.stringMatching(/ s left$/),
	]);
});
