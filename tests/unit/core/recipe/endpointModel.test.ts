import { expect, it } from 'vitest';
import { modelNameProblem, readModelName } from '#core/recipe/endpointModel.ts';

it.each([
	[' llama3.1:8b ', 'llama3.1:8b'],
	['"gpt-4o-mini",', 'gpt-4o-mini'],
	['model="gpt-4o-mini",', 'gpt-4o-mini'],
	['"model": "Qwen/Qwen2.5-7B-Instruct"', 'Qwen/Qwen2.5-7B-Instruct'],
	['--model Qwen/Qwen2.5-7B-Instruct', 'Qwen/Qwen2.5-7B-Instruct'],
	['https://huggingface.co/Qwen/Qwen2.5-7B-Instruct/tree/main', 'Qwen/Qwen2.5-7B-Instruct'],
	['models/gemini-2.0-flash', 'models/gemini-2.0-flash'],
	['model', 'model'],
	['modelscope/x', 'modelscope/x'],
	['it’s mine', 'it’s mine'],
	['', ''],
])('reads %j', (text, name) => {
	expect(readModelName(text)).toBe(name);
	expect(readModelName(name)).toBe(name);
	expect(modelNameProblem(name)).toBeNull();
});

it.each([
	['https://huggingface.co/models?search=qwen', 'shows no single model'],
	['https://huggingface.co/search/full-text?q=x', 'shows no single model'],
	['https://huggingface.co/Qwen', 'shows no single model'],
	['http://localhost:11434/v1', 'belongs into “Base URL”'],
])('explains %j', (text, words) => {
	expect(modelNameProblem(readModelName(text))).toContain(words);
});
