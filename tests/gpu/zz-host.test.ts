import { test } from 'vitest';
import { worldPrompts } from '#core/world/prompts.ts';
import { readTask } from '#core/world/families.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { openDevice } from '#engine/device.ts';
import { counters, memoryReport } from '#engine/memory.ts';
import { modelCatalogue } from '#runtime/artifacts/catalogue.ts';
import { loadModelFiles } from '#runtime/artifacts/modelFiles.ts';
import { HostEngine } from '#worker/hostEngine.ts';
import { StepRunner } from '#train/step.ts';
import { TrainSession } from '#train/session.ts';

test('host', async () => {
	const engine = new HostEngine({ openDevice: () => openDevice({ backend: 'webgpu' }), loadFiles: loadModelFiles });
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await engine.load(source!, () => undefined, new AbortController().signal);
	const pairs: PreferencePair[] = worldPrompts({ count: 120, seed: 1, split: 'train' }).map((p, i) => ({ id: p.id, prompt: { ...p }, chosen: readTask(p.text)!.repair('x'), rejected: 'I do not know ' + p.text.slice(0, 20 + (i % 9)), method: 'clair', edited: false }));
	const step: number[] = [], record: number[] = [];
	const s0 = StepRunner.prototype.step;
	StepRunner.prototype.step = function (...a) { const t = performance.now(); const r = s0.apply(this, a); step.push(performance.now() - t); return r; };
	const r0 = TrainSession.prototype.record;
	TrainSession.prototype.record = function () { const t = performance.now(); const r = r0.apply(this); record.push(performance.now() - t); return r; };
	const secs: number[] = []; const disp: number[] = []; let toks = 0;
	let last = counters();
	await engine.train({ recipe: { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, steps: 40, checkpointEvery: 0 } }, pairs, resume: null, startPaused: false }, (e) => {
		if (e.type === 'planned') console.log(JSON.stringify(e.plan));
		if (e.type === 'step') { secs.push(e.metrics.seconds); toks = e.metrics.num_tokens; const c = { ...counters() }; disp.push(c.dispatches - last.dispatches); last = c; }
		if (e.type === 'failed') console.log(JSON.stringify(e));
	}).finished;
	const med = (l: number[]) => [...l].sort((a, b) => a - b)[l.length >> 1]!.toFixed(2);
	console.log('step host ms: median', med(step.slice(5)), 'min', Math.min(...step).toFixed(2), 'record', med(record.slice(5)), Math.min(...record).toFixed(2), 'sec', med(secs), Math.min(...secs).toFixed(3), 'first', secs[0], 'dispatches', med(disp), 'tokens/step', toks / 40, JSON.stringify(memoryReport()), JSON.stringify(counters()));
	await engine.dispose();
}, 500_000);
