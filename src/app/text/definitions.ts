/** Each step of a run in one line, for the recipe's data method and objective. Pure. */
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import type { DataMethod } from '#core/pair/methods/method.ts';
import type { Noun } from '#core/pipeline.ts';

export function definitionOf(
	noun: Noun,
	{ texts }: Pick<DataMethod, 'texts'>,
	{ perRow }: Pick<CompiledObjective, 'perRow'>,
): string {
	switch (noun) {
		case 'prompt':
			return 'A short task for the model, from your own list or the built-in world.';
		case 'output':
		case 'revision':
		case 'pair':
			return texts.steps[noun];
		case 'batch':
			return perRow === true
				? 'The answers of a handful of pairs, cut into tokens. Each counts by itself.'
				: 'A handful of pairs, cut into tokens.';
		case 'loss':
			return perRow === true
				? 'One number: how far the model is from what each answer’s label teaches, good or bad.'
				: 'One number: how far the model is from what the pairs teach.';
		case 'adapter':
			return 'A thin layer of new weights. The base stays as it was.';
		case 'evaluation':
			return 'Prompts it never saw, before and after.';
	}
}
