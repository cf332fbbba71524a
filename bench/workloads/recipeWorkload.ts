/**
 * The default recipe on the embedded model: its weights, its world, its optimiser. The pairs are made without
 * sampling, so that they are the same everywhere: answers drawn from the mix that the model was trained to
 * give, corrected by the embedded reviser.
 */
import { loraLayout, initLora, toAdapter } from '#core/adapter/layout.ts';
import { tokenizePairs } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';
import { rng } from '#core/math/rng.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { DEFAULT_RECIPE as RECIPE } from '#core/recipe/recipe.ts';
import { asFloats } from '#core/format/numberFormat.ts';
import { readTask } from '#core/world/tiny/families.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { reviseAnswer } from '#core/world/tiny/revise.ts';
import { answerFor } from '#core/world/tiny/training.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Split } from '#core/prompt/split.ts';
import type { HostTensor } from '#model/fuse.ts';
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { learningRateAt } from '#train/schedule.ts';
import { seededOrder } from '#train/session.ts';
import type { Workload } from './workload.ts';

/** Number of different batches, trained on in turn. */
const BATCHES = 4;

/** @param count batches, trained on in turn */
export async function recipeWorkload(files: ModelFiles, count = BATCHES): Promise<Workload> {
	const { config } = files;
	const tensors = new Map<string, HostTensor>();
	await files.eachWeight(
		(name, tensor) => void tensors.set(name, { shape: tensor.shape, data: asFloats(tensor).slice() }),
	);
	const tools = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);
	const { pairs } = tokenizePairs(worldPairs(), tools, RECIPE.training.maxLength);
	const order = seededOrder(RECIPE, pairs.length);
	const { rank, alpha, targetModules, seed } = RECIPE.lora;
	const lora = { rank, alpha, targetModules };
	const layout = loraLayout(config, lora);
	const { epsilon: eps, beta1, beta2, weightDecay, maxGradNorm } = RECIPE.optimiser;
	const schedule = { ...RECIPE.optimiser, totalSteps: RECIPE.training.steps };
	return {
		config,
		tensors,
		adapter: toAdapter(initLora(layout, seed), layout, { id: 'bench', step: 0, config: lora }),
		batches: Array.from({ length: count }, (_, n) => order(n).map((i) => at(pairs, i))),
		beta: RECIPE.objective.beta,
		optimiser: { beta1, beta2, eps, weightDecay, maxGradNorm },
		learningRate: (step) => learningRateAt(step, schedule),
	};
}

/** The prompts of a whole cell as token ids, for peers that sample and evaluate as a run does. */
export function cellPrompts(files: ModelFiles): CellPrompts {
	const tools = loadTokenizer(files.tokenizerJson, files.tokenizerConfig);
	const idsOf = (split: Split, { count, seed }: { count: number; seed: number }): (readonly number[])[] => {
		// A pair's prompt has the same ids with any answers.
		const pairs = worldPrompts({ count, seed, split }).map((prompt) => pairOf(prompt, 'a', 'b'));
		return tokenizePairs(pairs, tools, RECIPE.training.maxLength).pairs.map(({ promptIds }) => promptIds);
	};
	return {
		sampled: idsOf('train', RECIPE.prompts),
		heldOut: idsOf('heldOut', RECIPE.evaluation),
		stop: tools.eosTokenId,
		maxTokens: RECIPE.evaluation.maxTokens,
		evaluateEvery: RECIPE.training.evaluateEvery,
		steps: RECIPE.training.steps,
	};
}

export interface CellPrompts {
	readonly sampled: readonly (readonly number[])[];
	readonly heldOut: readonly (readonly number[])[];
	/** Id of the token that ends an answer. */
	readonly stop: number;
	readonly maxTokens: number;
	readonly evaluateEvery: number;
	readonly steps: number;
}

function worldPairs(): PreferencePair[] {
	const { count, seed } = RECIPE.prompts;
	return worldPrompts({ count, seed, split: 'train' }).flatMap((prompt): PreferencePair[] => {
		const task = readTask(prompt.text);
		if (task === null) return [];
		const rejected = answerFor(task, rng(seed).fork(prompt.id)).answer;
		const revision = reviseAnswer(prompt.text, rejected, seed);
		return revision?.changed === true ? [pairOf(prompt, revision.revised, rejected)] : [];
	});
}

function pairOf(prompt: Prompt, chosen: string, rejected: string): PreferencePair {
	return { id: prompt.id, prompt, chosen, rejected, method: 'clair', from: null, edited: false };
}
