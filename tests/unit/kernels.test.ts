import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const KERNELS = 'src/engine/kernels';
const names = readdirSync(KERNELS);

test.each(names)('%s has its reference, its stock body and its GPU test', (name) => {
	for (const file of [`${name}.ts`, `${name}.reference.ts`, `${name}.stock.ts`]) {
		expect(existsSync(`${KERNELS}/${name}/${file}`), `${KERNELS}/${name}/${file}`).toBe(true);
	}
	const suite = `tests/gpu/${name}.test.ts`;
	expect(existsSync(suite), suite).toBe(true);
	const text = readFileSync(suite, 'utf8');
	expect(text, `${suite} compares with the reference`).toContain(`${name}.reference.ts`);
	expect(text, `${suite} runs on every backend`).toContain('onEachBackend');
});

test.each(names)('%s says in its doc block where the reference and the test are', (name) => {
	const text = readFileSync(`${KERNELS}/${name}/${name}.ts`, 'utf8');
	expect(text).toMatch(/^\/\*\*/);
	expect(text).toContain(`${name}.reference.ts`);
	expect(text).toContain(`tests/gpu/${name}.test.ts`);
});

test.each(names)('%s is described in docs/kernels.md', (name) => {
	expect(readFileSync('docs/kernels.md', 'utf8')).toContain(`\`${name}\``);
});
