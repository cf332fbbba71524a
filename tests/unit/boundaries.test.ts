/**
 * The dependency rule of docs/architecture.md as data: a folder imports itself and what is named at its right, nothing else.
 * The same table is in .dependency-cruiser.cjs, which also finds cycles; a test here keeps the two equal.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PIPELINE } from '#core/pipeline.ts';

const LAYERS: Readonly<Record<string, readonly string[]>> = {
	core: [],
	engine: ['core'],
	model: ['engine', 'core'],
	train: ['model', 'engine', 'core'],
	runtime: ['core'],
	compute: ['train', 'model', 'engine', 'runtime', 'core'],
	worker: ['core'],
	app: ['core'],
	ui: ['app', 'core'],
};

/** Composition roots may import everything, but those of workers know no page. */
const PAGE_ROOTS = /^src\/(main|headless|compose)\.ts$/;
const WORKER_ROOTS = /^src\/worker\/.*\.worker\.ts$/;

/** Packages by folder; the longest folder that matches counts. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
	'src/core': ['valibot', 'diff'],
	'src/engine': [
		'@tensorflow/tfjs-core',
		'@tensorflow/tfjs-backend-webgpu',
		'@tensorflow/tfjs-backend-wasm',
		'@tensorflow/tfjs-backend-cpu',
	],
	'src/model': [],
	'src/train': [],
	'src/runtime/webllm': ['@mlc-ai/web-llm', 'valibot'],
	'src/runtime/endpoint': ['valibot'],
	'src/runtime/storage': ['idb', 'valibot'],
	'src/runtime/tokenizer': ['@huggingface/tokenizers', '@huggingface/jinja', 'valibot'],
	'src/runtime/models': ['valibot', '@noble/hashes'],
	'src/runtime/rows': ['hyparquet', 'hyparquet-compressors'],
	'src/compute': [],
	'src/worker': [],
	'src/app': ['svelte'],
	'src/ui': ['svelte', 'uplot', 'd3-scale', 'd3-shape', '@fontsource*'],
	'src/main.ts': ['svelte', '@fontsource*'],
	'src/headless.ts': ['svelte'],
};

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)(['"])([^'"\s]+)\1/gm;

const SCRIPT = /<script\b[^>]*>([\s\S]*?)<\/script>/g;

/** The code of a file. The words and styles of a component import nothing. */
function codeOf(file: string, text: string): string {
	if (!file.endsWith('.svelte')) return text;
	return [...text.matchAll(SCRIPT)].map((match) => match[1] ?? '').join('\n');
}

function importsOf(file: string, text: string): string[] {
	const code = codeOf(file, text).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
	return [...code.matchAll(IMPORT)].map((match) => match[2] ?? '');
}

/** The path inside the repository that an import names; null for a package. */
function target(file: string, specifier: string): string | null {
	if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
	if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier);
	return null;
}

const layerOf = (path: string): string => path.split('/')[1] ?? '';

function packageName(specifier: string): string {
	const parts = specifier.split('/');
	return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function allowsPackage(file: string, name: string): boolean {
	const folder = Object.keys(PACKAGES)
		.filter((prefix) => file === prefix || file.startsWith(`${prefix}/`))
		.sort((a, b) => b.length - a.length)[0];
	const allowed = folder === undefined ? [] : (PACKAGES[folder] ?? []);
	return allowed.some((entry) =>
		entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : entry === name,
	);
}

function allowsPath(file: string, path: string): boolean {
	// Data that the page offers.
	if (path.startsWith('docs/grids/')) return layerOf(file) === 'ui';
	const layer = layerOf(path);
	if (PAGE_ROOTS.test(file)) return true;
	if (WORKER_ROOTS.test(file)) return layer !== 'app' && layer !== 'ui';
	const own = layerOf(file);
	return layer === own || (LAYERS[own] ?? []).includes(layer);
}

/** References are for tests and docs, and for one another. */
const isReference = (path: string): boolean => path.endsWith('.reference.ts');

/** Imports that the rule forbids, as `file → import`. */
function violations(file: string, text: string): string[] {
	return importsOf(file, text)
		.filter((specifier) => {
			const path = target(file, specifier);
			if (path === null) return !allowsPackage(file, packageName(specifier));
			return !allowsPath(file, path) || (isReference(path) && !isReference(file));
		})
		.map((specifier) => `${file} → ${specifier}`);
}

function sources(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((name) => join(folder, name).replaceAll('\\', '/'))
		.filter((name) => /\.(ts|svelte|js|mjs)$/.test(name) && !name.endsWith('.d.ts'));
}

const files = sources('src');

test('no file imports what its folder may not', () => {
	expect(files.length).toBeGreaterThan(100);
	expect(files.flatMap((file) => violations(file, readFileSync(file, 'utf8')))).toEqual([]);
});

test('every folder under src has its row in the table', () => {
	const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
	expect(folders.map(({ name }) => name).filter((name) => !(name in LAYERS))).toEqual([]);
});

test('no folder hides its files behind an index', () => {
	expect(files.filter((file) => /\/index\.(ts|js)$/.test(file))).toEqual([]);
});

describe('the check sees', () => {
	test.each([
		['a layer above', 'src/core/loss/x.ts', "import { y } from '#engine/y.ts';"],
		['a layer above by a relative path', 'src/core/loss/x.ts', "import type { y } from '../../engine/y.ts';"],
		['a lazy import', 'src/engine/x.ts', "const y = await import('#model/y.ts');"],
		['an export', 'src/app/x.ts', "export { y } from '#runtime/y.ts';"],
		['an import for its effect', 'src/model/x.ts', "import '#train/y.ts';"],
		['an import over several lines', 'src/app/x.svelte.ts', "import {\n\ty,\n} from '#ui/y.ts';"],
		['the page in a worker', 'src/worker/compute.worker.ts', "import { y } from '#app/y.ts';"],
		['a vendor in another folder', 'src/train/x.ts', "import * as tf from '@tensorflow/tfjs-core';"],
		['a vendor’s inner file', 'src/ui/X.svelte', "<script>import y from 'idb/build/entry';</script>"],
		['web-llm outside its folder', 'src/worker/webllm.worker.ts', "import('@mlc-ai/web-llm');"],
		['a reference implementation', 'src/engine/x.ts', "import { y } from './y.reference.ts';"],
	])('%s', (_name, file, text) => {
		expect(violations(file, text)).toHaveLength(1);
	});

	test('nothing wrong in what is allowed', () => {
		expect(violations('src/train/x.ts', "import { a } from '#model/a.ts';\n// import '#ui/b.ts'")).toEqual(
			[],
		);
		expect(violations('src/compute/x.ts', "import { a } from '#train/a.ts';")).toEqual([]);
		expect(
			violations(
				'src/ui/x/X.svelte',
				"<script>import { a } from '../y.ts'; import 'uplot/dist/uPlot.min.css';</script>",
			),
		).toEqual([]);
	});

	test('a component’s words, which import nothing', () => {
		const words = '<script lang="ts">let x = 1;</script>\n<p>Tokens come from "openai" and others.</p>';
		expect(violations('src/ui/x/X.svelte', words)).toEqual([]);
	});
});

test('dependency-cruiser has the same table', () => {
	interface Rule {
		name: string;
		from: { path?: string };
		to: { pathNot?: string };
	}
	const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
		forbidden: Rule[];
	};
	const rules = forbidden.filter(({ name }) => name.endsWith('-imports-only-below'));
	expect(rules.map(({ from, to }) => [from.path, to.pathNot])).toEqual(
		Object.entries(LAYERS).map(([layer, below]) => [
			`^src/${layer}/`,
			`^src/(${[layer, ...below].join('|')})/`,
		]),
	);
});

test.each(PIPELINE)('$id has its folder in the core and the page, and its state class', ({ id }) => {
	expect(existsSync(`src/core/${id}`)).toBe(true);
	expect(existsSync(`src/ui/views/${id}`)).toBe(true);
	expect(existsSync(`src/app/steps/${id}Step.svelte.ts`)).toBe(true);
});
