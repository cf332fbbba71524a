/**
 * Writes training text for the embedded model's pretraining: one JSON object per line, `{"prompt", "answer",
 * "flawed"}`. The world is defined only in src/core/world; Python reads this file and knows nothing else
 * about it.
 *
 * node scripts/export-world.ts --count 200000 --seed 1 --out python/build/world.jsonl
 * node scripts/export-world.ts --held-out 400 --seed 1 --out python/build/held-out.jsonl   (prompts with
 * right answers)
 */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { rng } from '#core/math/rng.ts';
import { readTask } from '#core/world/tiny/families.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { trainingExample } from '#core/world/tiny/training.ts';

const { values } = parseArgs({
	options: {
		count: { type: 'string', default: '200000' },
		'held-out': { type: 'string' },
		seed: { type: 'string', default: '1' },
		out: { type: 'string', default: 'python/build/world.jsonl' },
	},
});

function* trainingRows(count: number, seed: number): Generator<object> {
	const stream = rng(seed).fork('training');
	for (let i = 0; i < count; i++) yield trainingExample(stream);
}

function* heldOutRows(count: number, seed: number): Generator<object> {
	for (const prompt of worldPrompts({ count, seed, split: 'heldOut' })) {
		yield { ...prompt, answer: readTask(prompt.text)?.answer };
	}
}

const seed = Number(values.seed);
const heldOut = values['held-out'];
const rows =
	heldOut === undefined ? trainingRows(Number(values.count), seed) : heldOutRows(Number(heldOut), seed);

mkdirSync(dirname(values.out), { recursive: true });
const file = createWriteStream(values.out);
let written = 0;
for (const row of rows) {
	if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain');
	written++;
}
file.end();
await once(file, 'finish');
console.log(`${written} rows to ${values.out}`);
