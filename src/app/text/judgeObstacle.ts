/** Why a judge cannot compare answers, in one sentence. Pure. */
import type { Comparison } from '#core/judgement/decide.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { modelProblem } from '#core/recipe/askedSections.ts';
import { isHttpAddress } from '#core/recipe/endpoint.ts';
import { reviserKind } from '#core/recipe/reviserKind.ts';
import { scoreAnswer } from '#core/world/registry.ts';

/** Null if the judge can be asked about the comparisons. */
export function judgeObstacle(judge: AskedModel, comparisons: readonly Comparison[]): string | null {
	const problem = modelProblem(judge);
	if (problem !== null) return `The judge has no model: ${problem}.`;
	const kind = reviserKind(judge);
	if (kind === 'endpoint' && !isHttpAddress(judge.endpoint))
		return 'The judge has no address: write the whole base URL, for example http://localhost:8080/v1.';
	const hasRubric = comparisons.some(({ prompt, first }) => scoreAnswer(prompt.text, first.text) !== null);
	if (kind !== 'embedded' || hasRubric) return null;
	return 'The built-in judge knows only the tasks of the built-in worlds. For your own prompts choose a judge at an endpoint, or a second model here.';
}
