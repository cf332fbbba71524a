import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { launchOptions } from './scripts/chromium.mjs';
import { embeddedEndpoint } from './scripts/vite-endpoint.ts';

/** What a run records of its makers. */
const VERSIONS = {
	anchorage: pkg.version,
	'web-llm': pkg.dependencies['@mlc-ai/web-llm'],
	tfjs: pkg.dependencies['@tensorflow/tfjs-core'],
};

// tfjs's entry points must be known before the first test, or vite finds them late and reloads the page in mid-test.
const TFJS = [
	'@tensorflow/tfjs-core',
	'@tensorflow/tfjs-backend-webgpu',
	'@tensorflow/tfjs-backend-wasm',
	'@tensorflow/tfjs-backend-cpu',
];

// Threads in wasm need a cross-origin isolated page. `credentialless` rather than `require-corp`: with the latter a browser hides
// whether a reviser's server is down or only forbids this origin.
const ISOLATION = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'credentialless',
};

/** A new object for each project: vitest writes the project's name into it. */
const chromium = () => ({
	enabled: true,
	// Vitest's "headless" would start the headless shell, which has no WebGPU.
	headless: false,
	ui: false,
	screenshotFailures: false,
	provider: playwright({ launchOptions: launchOptions(process.env['CHROMIUM_PATH']) }),
	instances: [{ browser: 'chromium' as const }],
});

/** The kernels' suites in Node on Dawn, where ANCHORAGE_DAWN says where it is: docs/kernels.md. */
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
	// A file that is missing must answer 404, not the page.
	appType: 'mpa',
	plugins: [svelte(), embeddedEndpoint()],
	define: { __VERSIONS__: JSON.stringify(VERSIONS) },
	worker: { format: 'es' },
	build: {
		target: 'es2023',
		// web-llm is one file of 6 MB, loaded only when a model is.
		chunkSizeWarningLimit: 8000,
		rolldownOptions: { input: ['index.html', 'loop.html'] },
	},
	server: { headers: ISOLATION },
	preview: { headers: ISOLATION },
	optimizeDeps: {
		include: [...TFJS, '@mlc-ai/web-llm', '@huggingface/tokenizers', '@huggingface/jinja', 'openai'],
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
					testTimeout: 60_000,
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
					name: 'gpu',
					include: ['tests/gpu/**/*.test.ts'],
					setupFiles: ['tests/support/sharedDevice.ts'],
					browser: chromium(),
					isolate: false,
					fileParallelism: false,
					testTimeout: 300_000,
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
					// A machine that is busy otherwise takes its time.
					expect: { poll: { timeout: 20_000 } },
				},
			},
		],
	},
});
