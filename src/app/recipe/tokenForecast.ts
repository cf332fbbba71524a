/** Requests and tokens that the draft's reviser will take. Pure. */
import { forecastRevisions, type TokenForecast } from '#core/endpoint/forecast.ts';
import { succeeded, tokensOf } from '#core/endpoint/tokens.ts';
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import type { Output } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { type Recipe, REPLY_TOKENS } from '#core/recipe/recipe.ts';
import { worldOf } from '#core/world/registry.ts';
import type { ImportedData } from './importedData.svelte.ts';

/** Prompts whose mean length is taken. */
const SAMPLE = 100;

/** A run whose rows say how long answers and replies are. */
export interface EarlierRun {
	recipe: Recipe;
	steps: { output: { outputs: readonly Output[] } };
	traffic: { requests: readonly SentRequest[] };
}

/** Null if the draft's method asks no reviser, or its prompts are missing. */
export function forecastOf(
	recipe: Recipe,
	imported: Pick<ImportedData, 'prompts'>,
	earlier: EarlierRun,
): TokenForecast | null {
	const { stages, answersPerPrompt } = methodOf(recipe.pairs.method);
	if (!stages.includes('revisions')) return null;
	const prompts = promptsOf(recipe, imported);
	if (prompts === null) return null;
	const sameModel = earlier.recipe.model === recipe.model;
	return forecastRevisions({
		requests: prompts.count * answersPerPrompt,
		prompts: prompts.texts,
		answers: sameModel ? earlier.steps.output.outputs.slice(0, SAMPLE).map(({ text }) => text) : [],
		maxAnswerTokens: recipe.sampling.maxTokens,
		maxReplyTokens: recipe.reviser.maxTokens ?? REPLY_TOKENS,
		replyTokens: replyTokens(recipe, earlier),
	});
}

function promptsOf(
	{ prompts, ...recipe }: Recipe,
	imported: Pick<ImportedData, 'prompts'>,
): { count: number; texts: readonly string[] } | null {
	if (prompts.source === 'own') {
		const { train } = imported.prompts.draw({ prompts, ...recipe });
		return train.length === 0
			? null
			: { count: train.length, texts: train.slice(0, SAMPLE).map(({ text }) => text) };
	}
	const { count, seed, families } = prompts;
	try {
		const some = worldOf(prompts.world).prompts({
			count: Math.min(count, SAMPLE),
			seed,
			families,
			split: 'train',
		});
		return { count, texts: some.map(({ text }) => text) };
	} catch {
		// A world that has too few prompts refuses the run itself, with its reason.
		return null;
	}
}

/** Mean tokens of the replies that the earlier run got of the same model; null without any. */
function replyTokens({ reviser }: Recipe, { recipe, traffic }: EarlierRun): number | null {
	if (recipe.reviser.endpoint !== reviser.endpoint) return null;
	const replies = traffic.requests.filter((request) => request.model === reviser.model && succeeded(request));
	if (replies.length === 0) return null;
	return replies.reduce((sum, request) => sum + tokensOf(request).completionTokens, 0) / replies.length;
}
