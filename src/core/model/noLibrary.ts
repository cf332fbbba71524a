/** The reason why a model is answered by the compute engine and not by WebLLM. */
import { AppError } from '../errors.ts';

/** @param title of the model */
export function noLibrary(title: string): AppError {
	return new AppError(`WebLLM has no compiled library for ${title}.`, {
		code: 'webllm-no-library',
		hint: 'Nothing is missing for a run: answers, chat, scores and training use one engine and the same weights.',
	});
}
