import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default defineConfig(
	{ ignores: ['dist', 'node_modules', '.cache', 'public', 'python', '.dependency-cruiser.cjs'] },
	js.configs.recommended,
	ts.configs.strictTypeChecked,
	ts.configs.stylisticTypeChecked,
	svelte.configs.recommended,
	{
		languageOptions: {
			globals: { ...globals.browser, ...globals.worker },
			parserOptions: {
				projectService: { allowDefaultProject: ['eslint.config.js'] },
				extraFileExtensions: ['.svelte'],
				tsconfigRootDir: import.meta.dirname,
			},
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser } },
	},
	{
		rules: {
			'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
			'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
			complexity: ['error', 12],
			'@typescript-eslint/consistent-type-imports': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': 'error',
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'svelte/no-at-html-tags': 'error',
			'no-restricted-imports': [
				'error',
				{ patterns: [{ group: ['**/*.reference.ts'], message: 'References are for tests and docs only.' }] },
			],
		},
	},
	{
		// State here is replaced once per frame and never mutated: $state.raw publishes plain maps.
		files: ['src/app/**'],
		rules: { 'svelte/prefer-svelte-reactivity': 'off' },
	},
	{ files: ['**/*.reference.ts'], rules: { 'no-restricted-imports': 'off' } },
	{
		// The linter has no types of component props, so it takes every callback's argument for `any`;
		// svelte-check has the types.
		files: ['**/*.svelte'],
		rules: {
			'@typescript-eslint/no-unsafe-argument': 'off',
			'@typescript-eslint/no-unsafe-assignment': 'off',
			'@typescript-eslint/no-unsafe-return': 'off',
		},
	},
	{
		files: ['tests/**'],
		rules: {
			'max-lines-per-function': 'off',
			'no-restricted-imports': 'off',
			'@typescript-eslint/no-non-null-assertion': 'off',
		},
	},
	{
		files: ['**/*.mjs', '**/*.js'],
		extends: [ts.configs.disableTypeChecked],
		languageOptions: { globals: globals.node },
	},
);
