// The dependency rule of docs/architecture.md: a folder imports only itself and the folders below it.
// tests/unit/boundaries.test.ts states the same table as data; this file also finds cycles and third-party
// leaks.
const LAYERS = {
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
const ROOTS = '^src/(main|headless|compose)\\.ts$|^src/worker/.*\\.worker\\.ts$';
const layerRules = Object.entries(LAYERS).map(([layer, below]) => ({
	name: `${layer}-imports-only-below`,
	severity: 'error',
	from: { path: `^src/${layer}/`, pathNot: ROOTS },
	to: { path: '^src/', pathNot: `^src/(${[layer, ...below].join('|')})/` },
}));
module.exports = {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
		...layerRules,
		{
			name: 'worker-knows-no-page',
			severity: 'error',
			from: { path: '^src/worker/.*\\.worker\\.ts' },
			to: { path: '^src/(app|ui)/' },
		},
		{
			name: 'core-has-few-packages',
			severity: 'error',
			from: { path: '^src/core/' },
			to: { path: 'node_modules', pathNot: 'node_modules/(valibot|diff)/' },
		},
		{
			name: 'web-llm-only-in-its-runtime',
			severity: 'error',
			from: { pathNot: '^src/runtime/webllm/' },
			to: { path: 'node_modules/@mlc-ai/web-llm' },
		},
		{
			name: 'tfjs-only-in-engine',
			severity: 'error',
			from: { path: '^src/', pathNot: '^src/engine/' },
			to: { path: 'node_modules/@tensorflow/' },
		},
		{
			name: 'no-orphans',
			severity: 'error',
			from: { orphan: true, pathNot: '\\.(d\\.ts|reference\\.ts)$' },
			to: {},
		},
	],
	options: {
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		doNotFollow: { path: 'node_modules' },
		enhancedResolveOptions: { extensions: ['.ts', '.svelte', '.js', '.mjs', '.json'] },
	},
};
