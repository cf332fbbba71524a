import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { launchOptions } from './scripts/chromium.mjs';
import { embeddedEndpoint } from './scripts/vite-endpoint.ts';

/** Versions that a run records. */
const VERSIONS = {
	anchorage: pkg.version,
	'web-llm': pkg.dependencies['@mlc-ai/web-llm'],
	tfjs: pkg.dependencies['@tensorflow/tfjs-core'],
};

// Lists tfjs's entry points, because vite would otherwise find them during a test and reload the page.
const TFJS = [
	'@tensorflow/tfjs-core',
	'@tensorflow/tfjs-backend-webgpu',
	'@tensorflow/tfjs-backend-wasm',
	'@tensorflow/tfjs-backend-cpu',
];

// Threads in wasm need a cross-origin isolated page. `credentialless`, because with `require-corp` a browser
// hides whether a reviser's server is down or only forbids this origin.
const ISOLATION = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'credentialless',
};

/** Returns a new object for each project, because vitest writes the project's name into it. */
const chromium = () => ({
	enabled: true,
	// Vitest's "headless" would start the headless shell, which has no WebGPU.
	headless: false,
	ui: false,
	screenshotFailures: false,
	provider: playwright({ launchOptions: launchOptions(process.env['CHROMIUM_PATH']) }),
	instances: [{ browser: 'chromium' as const }],
});

/** The kernels' suites in Node on Dawn, if ANCHORAGE_DAWN names its folder: docs/kernels.md. */
const DAWN_SUITES = [
	'adamW',
	'attention',
	'decodeAttention',
	'embedding',
	'linear',
	'preference',
	'rmsNorm',
	'segmentSum',
];
const dawn = (process.env['ANCHORAGE_DAWN'] ?? '') !== '' && {
	extends: true as const,
	test: {
		name: 'dawn',
		environment: 'node',
		include: [...DAWN_SUITES, 'halfProducts', 'swiglu', 'targetLogps', 'tuning'].map(
			(name) => `tests/gpu/${name}.test.ts`,
		),
		setupFiles: ['tests/support/dawn.ts'],
		fileParallelism: false,
		testTimeout: 300_000,
	},
};

export default defineConfig({
	base: './',
	// The server must answer 404 for a missing file, not the page.
	appType: 'mpa',
	plugins: [svelte(), embeddedEndpoint()],
	define: { __VERSIONS__: JSON.stringify(VERSIONS) },
	worker: { format: 'es' },
	build: {
		target: 'es2023',
		// web-llm is one file of 6 MB, loaded only with a model.
		chunkSizeWarningLimit: 8000,
		rolldownOptions: { input: ['index.html', 'loop.html'] },
	},
	server: { headers: ISOLATION },
	preview: { headers: ISOLATION },
	optimizeDeps: {
		include: [
			...TFJS,
			'@mlc-ai/web-llm',
			'@huggingface/tokenizers',
			'@huggingface/jinja',
			'hyparquet',
			'hyparquet-compressors',
		],
	},
	test: {
		projects: [
			...(dawn === false ? [] : [dawn]),
			{
				extends: true,
				test: {
					name: 'unit',
					environment: 'node',
					include: ['tests/unit/**/*.test.ts'],
					// Threads start sooner than processes. All cores: this part ends last, when a core is free.
					pool: 'threads',
					maxWorkers: '100%',
					testTimeout: 60_000,
				},
			},
			{
				extends: true,
				test: {
					name: 'fuzz',
					environment: 'node',
					include: ['tests/fuzz/**/*.test.ts'],
					// The long form runs 12,000 inputs per target.
					testTimeout: 900_000,
				},
			},
			{
				extends: true,
				test: {
					name: 'golden',
					environment: 'node',
					include: ['tests/golden/**/*.test.ts'],
					testTimeout: 120_000,
				},
			},
			{
				extends: true,
				test: {
					// Published models, which it downloads; not part of `npm test`.
					name: 'real',
					environment: 'node',
					include: ['tests/real/**/*.test.ts'],
					// Each part tells its own time, and a model takes gigabytes.
					fileParallelism: false,
					testTimeout: 3_600_000,
				},
			},
			{
				extends: true,
				test: {
					// Python with TRL, which `npm run test:trl` installs; not part of `npm test`.
					name: 'trl',
					environment: 'node',
					include: ['tests/trl/**/*.test.ts'],
					fileParallelism: false,
					testTimeout: 3_600_000,
					hookTimeout: 3_600_000,
				},
			},
			{
				extends: true,
				test: {
					name: 'gpu',
					include: ['tests/gpu/**/*.test.ts'],
					setupFiles: ['tests/support/sharedDevice.ts'],
					browser: chromium(),
					isolate: false,
					fileParallelism: false,
					testTimeout: 300_000,
					// Hooks load models and train reference runs.
					hookTimeout: 300_000,
				},
			},
			{
				extends: true,
				test: {
					name: 'ui',
					include: ['tests/ui/**/*.test.ts'],
					browser: chromium(),
					fileParallelism: false,
					testTimeout: 60_000,
					// A busy machine needs longer.
					expect: { poll: { timeout: 20_000 } },
				},
			},
		],
	},
});
