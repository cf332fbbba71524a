/** The result of an endpoint's test in lines: what works, and what is missing. Pure. */
import type { SentRequest } from '#core/endpoint/sentRequest.ts';
import type { WireError } from '#core/errors.ts';
import type { OfferedModel } from '#core/ports.ts';
import { counted, listed } from './format.ts';

export interface EndpointTrial {
	/** listed: only the models were asked for, because the recipe names none. */
	state: 'asking' | 'answered' | 'listed' | 'failed';
	/** The model that was asked. */
	model: string;
	/** The reply's text. */
	text: string;
	error: WireError | null;
	/** Null if the endpoint gave no list. */
	models: readonly OfferedModel[] | null;
	/** The request that was answered; null if none was. */
	sent: SentRequest | null;
}

export interface TestLine {
	good: boolean;
	text: string;
}

const SIMILAR = 3;

/** The lines about a finished test; a failure is its error's own text. */
export function testLines(trial: EndpointTrial): readonly TestLine[] {
	const { state, models, text } = trial;
	if (state === 'asking') return [];
	const answer = text.slice(0, 80);
	return [
		...(models === null ? [] : [modelsLine(models, trial.model)]),
		...(state === 'answered' ? [{ good: true, text: `It answered: “${answer}”` }, countLine(trial)] : []),
		...(models === null && state !== 'failed'
			? [{ good: false, text: 'It has no list of models, so their names are not checked.' }]
			: []),
	];
}

function modelsLine(models: readonly OfferedModel[], model: string): TestLine {
	const ids = models.map(({ id }) => id);
	const offers = `It offers ${counted(ids.length, 'model')}`;
	if (ids.length === 0)
		return { good: false, text: 'It runs, but it offers no model yet: load or download one there.' };
	if (model === '') return { good: true, text: `${offers}: choose one in the field “Model”.` };
	if (ids.includes(model)) return { good: true, text: `${offers}, ${model} among them.` };
	const near = similar(ids, model);
	const such = near.length > 0 ? near : ids.slice(0, SIMILAR);
	return { good: false, text: `${offers}, but none of the name ${model}; there is ${listed(such)}.` };
}

function similar(ids: readonly string[], model: string): readonly string[] {
	const wanted = plain(model);
	return ids
		.filter((id) => plain(id).includes(wanted) || wanted.includes(plain(id)))
		.toSorted((a, b) => a.length - b.length)
		.slice(0, SIMILAR);
}

/** Without vendor, tag and signs: `meta/Llama-3.1:8b` is like `llama3.1`. */
function plain(name: string): string {
	const [bare = ''] = (name.split('/').at(-1) ?? '').split(':');
	return bare.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function countLine({ sent }: EndpointTrial): TestLine {
	const { promptTokens = null, completionTokens = null } = sent?.usage ?? {};
	if (promptTokens === null || completionTokens === null)
		return { good: true, text: 'It does not count tokens, so the page estimates them.' };
	return {
		good: true,
		text: `It counts tokens: ${promptTokens} for this prompt, ${completionTokens} for the reply.`,
	};
}
