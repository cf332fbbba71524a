import { defineConfig } from '@playwright/test';
import { launchOptions } from './scripts/chromium.mjs';

/** Set ANCHORAGE_E2E_PORT if several checkouts run their checks at once. */
const PORT = Number(process.env['ANCHORAGE_E2E_PORT'] ?? 4273);

export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '**/*.spec.ts',
	// One browser at a time, because SwiftShader uses every core.
	workers: 1,
	fullyParallel: false,
	retries: 0,
	timeout: 600_000,
	expect: { timeout: 30_000 },
	outputDir: '.cache/e2e',
	reporter: [
		['list'],
		['json', { outputFile: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ?? '.cache/reports/e2e.json' }],
	],
	use: {
		baseURL: `http://127.0.0.1:${PORT}`,
		viewport: { width: 1280, height: 800 },
		launchOptions: launchOptions(process.env['CHROMIUM_PATH']),
	},
	webServer: {
		command: `vite preview --host 127.0.0.1 --port ${PORT} --strictPort`,
		url: `http://127.0.0.1:${PORT}/`,
		reuseExistingServer: false,
	},
});
