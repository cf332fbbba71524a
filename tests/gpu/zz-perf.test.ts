import { expect, test } from 'vitest';
import { worldPrompts } from '#core/world/prompts.ts';
import { reviseAnswer } from '#core/world/revise.ts';
import { scoreAnswer } from '#core/world/score.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { ComputeClient } from '#worker/client.ts';
import type { ChatReply } from '#core/ports.ts';

const STEPS = Number(import.meta.env['VITE_STEPS'] ?? 12);
const N = Number(import.meta.env['VITE_N'] ?? 64);
const NAME = String(import.meta.env['VITE_NAME'] ?? 'compute');

test('perf', async () => {
	const worker = new Worker(new URL('../../src/worker/compute.worker.ts', import.meta.url), { type: 'module', name: NAME });
	const client = new ComputeClient(worker, () => worker.terminate());
	const t0 = performance.now();
	const log = (...a: unknown[]) => console.log(((performance.now() - t0) / 1000).toFixed(2), ...a);
	log(JSON.stringify(await client.device()).slice(0, 200));
	const source = { id: 'anchor-1m', title: '', url: new URL('/models/anchor-1m/', location.href).href, library: 'anchor-1m-webgpu.wasm', loraMaxRank: 16, parameters: 0, embedded: true };
	const config = await client.load(source, () => undefined, new AbortController().signal);
	log('loaded', JSON.stringify(config));
	const sampling = { temperature: 1, topP: 1, maxTokens: 40, seed: 1 };
	const ask = async (prompts: { text: string }[], temperature: number, adapter: 'current' | null = null): Promise<readonly ChatReply[]> => {
		const t = performance.now();
		const replies = await client.generate(
			{ prompts: prompts.map((p) => [{ role: 'user' as const, content: p.text }]), sampling: { ...sampling, temperature }, adapter, strength: 1 },
			() => undefined, new AbortController().signal);
		const tokens = replies.reduce((s, r) => s + r.tokens, 0);
		const s = (performance.now() - t) / 1000;
		log(`generated ${replies.length} replies ${tokens} tokens in ${s.toFixed(2)} s: ${(tokens / s).toFixed(0)} tok/s`);
		return replies;
	};
	const prompts = worldPrompts({ count: N, seed: 1, split: 'train' });
	await ask(prompts.slice(0, 32), 1);
	const replies = await ask(prompts, 1);
	log(replies.slice(0, 4).map((r, i) => prompts[i]!.text + ' => ' + r.text).join('\n'));
	const pairs: PreferencePair[] = [];
	prompts.forEach((p, i) => {
		const r = reviseAnswer(p.text, replies[i]!.text, 1);
		if (r?.changed) pairs.push({ id: p.id, prompt: { ...p }, chosen: r.revised, rejected: replies[i]!.text, method: 'clair', edited: false });
	});
	log('pairs', pairs.length);
	const held = worldPrompts({ count: 96, seed: 1, split: 'heldOut' });
	const score = (rs: readonly ChatReply[]) => rs.reduce((s, r, i) => s + (scoreAnswer(held[i]!.text, r.text)?.score ?? 0), 0) / rs.length;
	log('greedy before', score(await ask(held, 0)));
	const times: number[] = [];
	let lastAdapter: unknown = null;
	const run = client.train({ recipe: { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, steps: STEPS } }, pairs, resume: null, startPaused: false }, (e) => {
		if (e.type === 'step') { times.push(e.metrics.seconds); if (e.metrics.step % 5 === 0 || e.metrics.step < 3) log('step', e.metrics.step, e.metrics.loss.toFixed(4), 'm', e.metrics['rewards/margins'].toFixed(3), 'gn', e.metrics.grad_norm.toFixed(3), e.metrics.seconds.toFixed(3), 's', e.metrics.tokensPerSecond.toFixed(0)); }
		else if (e.type === 'progress') { if (e.progress.done === e.progress.total) log(JSON.stringify(e)); }
		else if (e.type === 'done') { lastAdapter = e.adapter; log('done', e.step); }
		else log(JSON.stringify(e).slice(0, 300));
	});
	await run.finished;
	times.sort((a, b) => a - b);
	log('median step', times[times.length >> 1], 'min', times[0], 'max', times.at(-1));
	const t = performance.now();
	const after = await client.generate({ prompts: held.map((p) => [{ role: 'user' as const, content: p.text }]), sampling: { ...sampling, temperature: 0 }, adapter: lastAdapter as never, strength: 1 }, () => undefined, new AbortController().signal);
	log('greedy after', score(after), (performance.now() - t) / 1000);
	await client.dispose();
	expect(1).toBe(1);
}, 600_000);
