/**
 * The optional settings of a request that an endpoint accepts. If a server refuses a request and names a setting
 * that was sent, the setting is left out; the change is kept after a request without it succeeded.
 */
import type { ChatRequest } from '#core/ports.ts';
import { Refusal } from './failure.ts';

export interface Dialect {
	/** Settings that are left out. */
	without: readonly Setting[];
	maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

export type Setting = 'top_p' | 'temperature' | 'seed' | 'stream' | 'stream_options' | 'max_tokens';

export const FULL: Dialect = { without: [], maxTokensField: 'max_tokens' };

/** How servers write the names of settings: `top_p`, `topP`, `generation_config.top_p`, "top p". */
const NAMED: Readonly<Record<Setting, RegExp>> = {
	top_p: /top[\s_-]?p(?![a-z])/i,
	temperature: /temperature/i,
	seed: /(?<![a-z])seed(?![a-z])/i,
	stream: /(?<![a-z])stream(?:ing)?(?![a-z]|[\s_-]?options)/i,
	stream_options: /stream[\s_-]?options|include[\s_-]?usage/i,
	max_tokens: /max[\s_-]?(?:[a-z]{1,12}[\s_-]?)?tokens/i,
};
const NEWER_LIMIT = /max[\s_-]?completion[\s_-]?tokens/i;

/** Without the option, a streamed reply has no count of tokens. */
const STREAMED: readonly (readonly [Setting, string, unknown])[] = [
	['stream', 'stream', true],
	['stream_options', 'stream_options', { include_usage: true }],
];

/** The body of a request, as this dialect has it. `top_p` 1 is every server's default and is left out. */
export function bodyOf(
	model: string,
	{ messages, sampling }: ChatRequest,
	dialect: Dialect,
	stream: boolean,
): Readonly<Record<string, unknown>> {
	const { temperature, topP, maxTokens, seed } = sampling;
	const optional: readonly (readonly [Setting, string, unknown])[] = [
		['temperature', 'temperature', temperature],
		...(topP === 1 ? [] : [['top_p', 'top_p', topP] as const]),
		['seed', 'seed', seed],
		['max_tokens', dialect.maxTokensField, maxTokens],
		...(stream && !dialect.without.includes('stream') ? STREAMED : []),
	];
	const sent = optional.filter(([setting]) => !dialect.without.includes(setting));
	return {
		model,
		messages: messages.map(({ role, content }) => ({ role, content })),
		...Object.fromEntries(sent.map(([, field, value]) => [field, value])),
	};
}

/**
 * The dialect to try after an error, or null if the error names no setting that was sent.
 *
 * @param body the request that was refused
 */
export function adapted(
	dialect: Dialect,
	body: Readonly<Record<string, unknown>>,
	error: unknown,
): Dialect | null {
	// 200: an error without a code in the place of a reply.
	if (!(error instanceof Refusal) || ![200, 400, 422].includes(error.status)) return null;
	const sent = (Object.keys(NAMED) as Setting[]).filter(
		(setting) => setting in body || (setting === 'max_tokens' && dialect.maxTokensField in body),
	);
	const fields = fieldsNamedIn(error.body);
	const about = sent.some((setting) => NAMED[setting].test(fields)) ? fields : error.body;
	const named = sent.filter((setting) => NAMED[setting].test(about));
	// A model that takes one of the two keeps the temperature, which the recipe sets.
	const refused =
		named.includes('top_p') && named.includes('temperature')
			? named.filter((setting) => setting !== 'temperature')
			: named;
	if (refused.length === 0) return null;
	const renames = refused.includes('max_tokens') && dialect.maxTokensField === 'max_tokens';
	// The newer name first: the limit itself is worth keeping.
	if (renames && (refused.length === 1 || NEWER_LIMIT.test(error.body)))
		return { ...dialect, maxTokensField: 'max_completion_tokens' };
	return { ...dialect, without: [...dialect.without, ...refused] };
}

/** The fields that the error is about, if it has a place for them; other names can be an echo of the request. */
function fieldsNamedIn(body: string): string {
	const places = body.matchAll(
		/"(?:param|parameter|parameters|field|loc|property)"\s*:\s*("[^"]*"|\[[^\]]*\])/gi,
	);
	return [...places].map(([, place = '']) => place).join(' ');
}

const WORDS: Readonly<Record<Setting, string>> = {
	top_p: 'top-p',
	temperature: 'a temperature',
	seed: 'a seed',
	stream: 'streaming',
	stream_options: 'a count of tokens in streamed replies',
	max_tokens: 'a limit of tokens per reply',
};

/** The changes in words for the page. */
export function describeDialect(model: string, { without }: Dialect): readonly string[] {
	return without.map(
		(setting) => `The model ${model} does not accept ${WORDS[setting]}, so requests go without it.`,
	);
}
