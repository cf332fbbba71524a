/** The tokenizer and chat template of the embedded model, from the page's own files. */
import { readFileSync } from 'node:fs';
import { loadTokenizer, type TextTools } from '#runtime/tokenizer/tokenizer.ts';

function json(name: string): unknown {
	return JSON.parse(readFileSync(new URL(`../../public/models/anchor-1m/${name}`, import.meta.url), 'utf8'));
}

export function anchorTokenizer(): TextTools {
	return loadTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
}
