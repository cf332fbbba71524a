/** A recipe as a file of JSON. */
import { FormatError } from '../errors.ts';
import { isGzip } from '../format/fileSignature.ts';
import { parseJson } from '../format/parseJson.ts';
import { decodeText } from '../format/decode.ts';
import { completeRecipe, type CompletedRecipe } from './complete.ts';

/** A recipe has about 2,000 characters. */
const RECIPE_FILE_LIMIT = 1024 * 1024;

/**
 * Reads a recipe; a short one leaves out the fields that are as in the default recipe.
 *
 * @param name of the file, for the message
 * @throws FormatError `recipe-file-too-large` · `not-utf8` or of another encoding · `recipe-file-not-json` with line and column ·
 *   `recipe-invalid` naming the field
 */
export function readRecipeFile(name: string, bytes: Uint8Array): CompletedRecipe {
	if (bytes.length > RECIPE_FILE_LIMIT)
		throw new FormatError(`${name} has ${bytes.length} bytes; a recipe has about 2,000.`, {
			code: 'recipe-file-too-large',
			hint: HINT,
			context: { name, bytes: bytes.length },
		});
	if (isGzip(bytes)) throw notJson(name, 'it is a compressed file', {});
	return completeRecipe(parsed(name, decodeText(bytes, name)));
}

function parsed(name: string, text: string): unknown {
	if (text.trim() === '') throw notJson(name, 'it is empty', {});
	return parseJson(text, ({ line, column }, cause) =>
		notJson(name, `the fault is in line ${line}, column ${column}`, { line, column }, cause),
	);
}

const HINT =
	'Choose a recipe that “save this one” wrote. A saved run is another kind of file: open it under Saved runs.';

function notJson(name: string, why: string, place: Record<string, number>, cause?: unknown): FormatError {
	return new FormatError(`${name} is not JSON: ${why}.`, {
		code: 'recipe-file-not-json',
		hint: HINT,
		context: { name, ...place },
		...(cause === undefined ? {} : { cause }),
	});
}
