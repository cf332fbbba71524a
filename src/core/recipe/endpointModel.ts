/** The name of an endpoint's model as users paste it. */
import { httpUrl } from './endpoint.ts';

/** `model="…"`, `"model": "…"`, `--model …` */
const SETTING = /^(?:--model[\s=]{1,9}|["']?model["']?\s{0,4}[:=]\s{0,4})+/i;

const HUB = /^(?:www\.)?(?:huggingface\.co|hf\.co)$/;

/**
 * The name alone: without outer spaces, quotes, a comma at the end, and the word `model` of pasted code. The page of a
 * repository on Hugging Face becomes `owner/name`, which vLLM and llama.cpp take.
 */
export function readModelName(text: string): string {
	let value = text;
	for (let before = ''; before !== value;) {
		before = value;
		value = unwrapped(value);
	}
	const url = httpUrl(value);
	if (url === null || !HUB.test(url.hostname)) return value;
	const [owner = '', name = ''] = url.pathname.split('/').filter((segment) => segment !== '');
	return name === '' || isList(owner) ? value : `${owner}/${name}`;
}

function unwrapped(text: string): string {
	return text
		.trim()
		.replace(SETTING, '')
		.replace(/(?<!,),+$/, '')
		.replace(/^(["'`])([^"'`]*)\1$/, '$2');
}

const isList = (segment: string): boolean =>
	['models', 'datasets', 'spaces', 'collections', 'search', 'docs', 'blog', 'papers'].includes(segment);

/** Why no endpoint can have a model of this name; null for a name. */
export function modelNameProblem(name: string): string | null {
	const url = httpUrl(name);
	if (url === null) return null;
	return HUB.test(url.hostname)
		? 'This is a page of Hugging Face that shows no single model. Open the page of one model and copy its name, owner/name.'
		: 'This is an address, not the name of a model. An address belongs into “Base URL”; “Test” lists the names that the server offers.';
}
