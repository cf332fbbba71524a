/** Reports to send about a failure: facts of the run and the error, never a key, a prompt or a text of the run. */
import type { FailureText } from '#app/text/failure.ts';
import { withoutPrivate, type PrivateData } from '#app/text/privacy.ts';
import type { Session } from '#app/session.svelte.ts';
import type { WireError } from '#core/errors.ts';
import { withoutSecrets } from '#core/recipe/link.ts';
import { ownEndpoints } from '#core/recipe/ownEndpoints.ts';

/** About the failure of a run. */
export function report({ label, phase, error }: FailureText, session: Session): string {
	return written({ label, phase, error: factsOf(error) }, session);
}

/** About an error of the page itself. */
export function faultReport(error: WireError, place: string, session: Session): string {
	return written(
		{ label: 'an error in this app', place, phase: session.run.phase, error: factsOf(error) },
		session,
	);
}

function written(about: object, session: Session): string {
	const facts = {
		...about,
		recipe: withoutSecrets(session.recipe),
		device: session.engines.device,
		step: session.steps.loss.step,
		errors: session.faults.count,
		browser: navigator.userAgent,
	};
	return JSON.stringify(withoutPrivate(facts, privateData(session)), null, '\t');
}

function factsOf({ kind, code, message, hint, context, stack }: WireError) {
	return { kind, code, message, hint, context, stack };
}

function privateData({ reviser, steps, recipe, run, draft }: Session): PrivateData {
	// A key from before a reload of the tab is known only by its endpoint.
	const endpoints = [recipe, run.recipe, draft.recipe].flatMap((one) => [
		one.reviser.endpoint,
		...ownEndpoints(one).map(({ endpoint }) => endpoint),
	]);
	const { prompt, output, answer, revision, judgement, pair, evaluation } = steps;
	const texts = [
		...[...prompt.prompts, ...prompt.heldOut].map(({ text }) => text),
		...output.outputs.map(({ text }) => text),
		...answer.rows.map(({ text }) => text),
		...judgement.rows.flatMap(({ asked }) => asked.map(({ rawReply }) => rawReply)),
		...revision.rows.flatMap(({ revised, reasoning, rawReply }) => [revised, reasoning, rawReply]),
		...[...pair.pairs, ...pair.heldOut].flatMap((one) => [one.prompt.text, one.chosen, one.rejected]),
		...[...evaluation.results, ...evaluation.sideEffects.untouched].flatMap(({ answers }) =>
			answers.flatMap((one) => [one.prompt.text, one.text]),
		),
		...evaluation.sideEffects.panel.flatMap(({ answers }) => answers.map(({ text }) => text)),
	];
	return {
		keys: [...reviser.allKeys, ...endpoints.map((one) => reviser.keyFor(one))],
		texts: texts.filter((text) => text !== null),
	};
}
