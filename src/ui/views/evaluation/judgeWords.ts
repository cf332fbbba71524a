/** A judge in words: its name, and what is known of its bias. */
import { castMember } from '#core/cast/registry.ts';
import { numberOf } from '#core/cast/castModel.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { reviserKind } from '#core/recipe/reviserKind.ts';
import { secondModelTitle } from '#app/text/secondModels.ts';
import { fixed } from '../../format.ts';

export interface JudgeWords {
	/** Within a sentence: "the built-in judge". */
	name: string;
	/** A sentence. */
	bias: string;
}

/** @param models of the catalogue */
export function judgeWords({ endpoint, model }: AskedModel, models: readonly ModelSource[]): JudgeWords {
	switch (reviserKind({ endpoint })) {
		case 'embedded':
			return { name: 'the built-in judge', bias: castBias(model) };
		case 'local':
			return { name: secondModelTitle(model, models), bias: UNKNOWN };
		case 'endpoint':
			return { name: model, bias: `It was asked at ${hostOf(endpoint)}. ${UNKNOWN}` };
	}
}

const UNKNOWN = 'Its own bias is not known; these counts are the evidence.';

function castBias(name: string): string {
	const member = castMember(name);
	if (member === null || 'problem' in member) return UNKNOWN;
	const [length, noise] = [numberOf(member.values, 'lengthBias'), numberOf(member.values, 'noise')];
	const bias =
		length === 0
			? 'It scores by the rubric, without a length bias'
			: `It scores by the rubric and adds ${fixed(length)} for each word: a length bias`;
	return `${bias}${noise === 0 ? '' : `; its noise is ${fixed(noise)}`}.`;
}

function hostOf(endpoint: string): string {
	return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
}
