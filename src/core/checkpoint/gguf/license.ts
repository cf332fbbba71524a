/** The licence that a GGUF file states. @source https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
import { visible } from '../../format/visible.ts';
import type { ModelLicense } from '../../model/license.ts';
import type { Metadata } from './metadata.ts';

const LONGEST_NAME = 80;
const LONGEST_ADDRESS = 500;

/** Null if it states none. Fields of another type count as absent: a licence is no reason to refuse a model. */
export function licenseOf(metadata: Metadata): ModelLicense | null {
	const id = textOf(metadata, 'general.license', LONGEST_NAME);
	const name = textOf(metadata, 'general.license.name', LONGEST_NAME);
	if (id === null && name === null) return null;
	const link = textOf(metadata, 'general.license.link', LONGEST_ADDRESS);
	const isAddress = link !== null && /^https?:\/\//i.test(link) && URL.canParse(link);
	// "other" is the hub's word for a licence that only its name tells.
	return { name: id === null || id === 'other' ? (name ?? 'other') : id, address: isAddress ? link : null };
}

function textOf(metadata: Metadata, key: string, longest: number): string | null {
	const value = metadata.textIfAny(key);
	const cleaned = value === null ? '' : visible(value.slice(0, longest)).trim();
	return cleaned === '' ? null : cleaned;
}
