/** Requests and tokens that each model of the draft will take: the reviser, the judge, the stronger model, the others. Pure. */
import {
	forecastRequests,
	meanBytes,
	type ForecastFacts,
	type TokenForecast,
} from '#core/endpoint/forecast.ts';
import { meanReplyTokens } from '#core/endpoint/meanReply.ts';
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import { utf8Bytes } from '#core/endpoint/tokens.ts';
import { judgeRequest } from '#core/judgement/request.ts';
import type { Message, Output } from '#core/output/output.ts';
import type { DataMethod } from '#core/pair/methods/method.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import {
	askedJudge,
	askedOthers,
	askedReviser,
	askedStronger,
	type AskedModel,
} from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { revisionRequest } from '#core/revision/request.ts';
import { worldOf } from '#core/world/registry.ts';
import { REQUESTS_PER_JUDGEMENT } from '../engines/judgePair.ts';
import type { ImportedData } from './importedData.svelte.ts';

/** Prompts whose mean length is taken. */
const SAMPLE = 100;

/** A run whose rows say how long answers and replies are. */
export interface EarlierRun {
	recipe: Recipe;
	steps: { output: { outputs: readonly Output[] }; answer: { outputs: readonly Output[] } };
	traffic: { requests: readonly SentRequest[] };
}

/** A model that the draft asks, and for what. */
interface Role {
	asked: AskedModel;
	/** Requests for each prompt. */
	perPrompt: number;
	/** The request without prompt and answers. */
	frame: readonly Message[];
	/** Answers that a request quotes. */
	quoted: number;
}

/**
 * @param place the model's place in the recipe: `reviser`, `judge`, `stronger`, `others 1`
 * @returns null if the draft's method does not ask this model, or its prompts are missing
 */
export function forecastOf(
	place: string,
	recipe: Recipe,
	imported: Pick<ImportedData, 'prompts'>,
	earlier: EarlierRun,
): TokenForecast | null {
	const method = methodOf(recipe.pairs.method);
	const role = roleAt(place, recipe, method);
	const prompts = role === null ? null : promptsOf(recipe, imported);
	if (role === null || prompts === null) return null;
	const { asked, perPrompt, frame, quoted } = role;
	const needed = Math.ceil(prompts.count * perPrompt);
	return forecastRequests({
		requests: asked.budget > 0 ? Math.min(asked.budget, needed) : needed,
		frameBytes: bytesOf(frame) + meanBytes(prompts.texts),
		quoted,
		...quotedAnswers(recipe, method, earlier),
		maxReplyTokens: asked.maxTokens,
		replyTokens: meanReplyTokens(earlier.traffic.requests, asked),
	});
}

function roleAt(
	place: string,
	recipe: Recipe,
	{ stages, answersPerPrompt, answersBy, othersPerPrompt = 0 }: DataMethod,
): Role | null {
	if (place === 'reviser' && stages.includes('revisions')) {
		const frame = revisionRequest('', '');
		return { asked: askedReviser(recipe), perPrompt: answersPerPrompt, frame, quoted: 1 };
	}
	if (place === 'judge' && stages.includes('judgements')) {
		const frame = judgeRequest({ prompt: '', a: '', b: '' });
		return { asked: askedJudge(recipe), perPrompt: REQUESTS_PER_JUDGEMENT, frame, quoted: 2 };
	}
	const own = { frame: [], quoted: 0 };
	if (place === 'stronger' && answersBy === 'stronger')
		return { asked: askedStronger(recipe), perPrompt: othersPerPrompt, ...own };
	const others = answersBy === 'others' ? askedOthers(recipe) : [];
	const asked = others[otherAt(place)];
	// The models take turns.
	return asked === undefined ? null : { asked, perPrompt: othersPerPrompt / others.length, ...own };
}

/** 0-based place of `others 1` among the other models; −1 for other places. */
function otherAt(place: string): number {
	return Number(/^others (\d{1,2})$/.exec(place)?.[1] ?? 0) - 1;
}

/** Answers as long as those that the reviser or the judge will read, from the earlier run, and their limit. */
function quotedAnswers(
	recipe: Recipe,
	{ stages }: DataMethod,
	earlier: EarlierRun,
): Pick<ForecastFacts, 'answers' | 'maxAnswerTokens'> {
	const texts = (outputs: readonly Output[]): readonly string[] =>
		outputs.slice(0, SAMPLE).map(({ text }) => text);
	if (stages.includes('outputs')) {
		const sameModel = earlier.recipe.model === recipe.model;
		const answers = sameModel ? texts(earlier.steps.output.outputs) : [];
		return { answers, maxAnswerTokens: recipe.sampling.maxTokens };
	}
	const others = askedOthers(recipe);
	const names = new Set(others.map(({ model }) => model));
	const theirs = earlier.steps.answer.outputs.filter(({ model }) => names.has(model));
	return { answers: texts(theirs), maxAnswerTokens: Math.max(...others.map(({ maxTokens }) => maxTokens)) };
}

function bytesOf(messages: readonly Message[]): number {
	return messages.reduce((sum, { content }) => sum + utf8Bytes(content), 0);
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
