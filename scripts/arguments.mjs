// Reads the options of a script. A wrong one is named, with the known ones, and the script ends with exit code 2.
import { parseArgs } from 'node:util';

/** @typedef {Readonly<Record<string, { type: 'string' | 'boolean', default?: string | boolean }>>} Options */

/** A command line that the script cannot run. */
export class UsageError extends Error {
	exitCode = 2;

	/** @param {string} message @param {string} hint what to write instead */
	constructor(message, hint) {
		super(message);
		this.hint = hint;
	}
}

/** @param {Options} options @returns {string} "--out VALUE, --resume" */
function known(options) {
	const names = Object.entries(options).map(([name, { type }]) =>
		type === 'string' ? `--${name} VALUE` : `--${name}`,
	);
	return names.join(', ');
}

/**
 * @template {Options} T
 * @param {string} script for the messages: `loop`
 * @param {T} options
 * @param {{ args?: string[], most?: number }} [how] `most` arguments that are no options
 * @throws {UsageError}
 */
export function readArguments(script, options, { args = process.argv.slice(2), most = 1 } = {}) {
	const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
	const command = `npm run ${script}`;
	const hint = `Its options: ${known(options)}. The beginning of scripts/${script}.mjs says what each one does.`;
	let others = 0;
	for (const token of tokens) {
		if (token.kind === 'positional') others++;
		if (token.kind !== 'option') continue;
		const { name, rawName, value, inlineValue } = token;
		if (!Object.hasOwn(options, name)) throw new UsageError(`${command} has no option ${rawName}.`, hint);
		if (options[name]?.type === 'boolean' && value !== undefined)
			throw new UsageError(`${rawName} takes no value, but has “${value}”.`, `Write ${rawName} alone.`);
		if (options[name]?.type === 'string' && (value === undefined || (value.startsWith('-') && !inlineValue)))
			throw new UsageError(`${rawName} needs a value.`, hint);
	}
	if (others > most)
		throw new UsageError(
			`${command} takes ${most} argument besides its options, and has ${others}.`,
			'Put an argument that has spaces in quotes.',
		);
	return parseArgs({ args, options, allowPositionals: true });
}
