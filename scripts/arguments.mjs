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
 * @param {{ name: string, rawName: string, value?: string | undefined, inlineValue?: boolean | undefined }} token
 * @param {{ command: string, options: Options, hint: string }} known
 * @throws {UsageError}
 */
function expectOption({ name, rawName, value, inlineValue }, { command, options, hint }) {
	if (!Object.hasOwn(options, name)) throw new UsageError(`${command} has no option ${rawName}.`, hint);
	if (options[name]?.type === 'boolean') {
		if (value === undefined) return;
		throw new UsageError(`${rawName} takes no value, but has “${value}”.`, `Write ${rawName} alone.`);
	}
	// “--out --plan”: the value was forgotten.
	if (value === undefined || (value.startsWith('-') && inlineValue !== true))
		throw new UsageError(`${rawName} needs a value.`, hint);
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
	for (const token of tokens) if (token.kind === 'option') expectOption(token, { command, options, hint });
	const others = tokens.filter(({ kind }) => kind === 'positional').length;
	if (others > most)
		throw new UsageError(
			`${command} takes ${most} argument besides its options, and has ${others}.`,
			'Put an argument that has spaces in quotes.',
		);
	return parseArgs({ args, options, allowPositionals: true });
}
