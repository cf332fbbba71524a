/**
 * Chat templates (Jinja) as transformers renders them: the same options, variables and functions. A template is a
 * program from outside, so it runs within limits.
 *
 * @source transformers 5, utils/chat_template_utils.py
 */
import { Environment, parse, tokenize } from '@huggingface/jinja';
import type { Message } from '#core/output/output.ts';
import { LimitedInterpreter, MOST_ENTRIES } from './limitedInterpreter.ts';
import { STRIP_FUNCTIONS, withPythonStrip } from './pythonStrip.ts';
import { strftime } from './strftime.ts';
import { chatTemplateFailed, tokenizerInvalid } from './faults.ts';

/** Messages to text; `addGenerationPrompt` opens the assistant's turn. */
export type RenderChat = (messages: readonly Message[], addGenerationPrompt: boolean) => string;

export interface ChatTemplateOptions {
	/** `bos_token`, `eos_token` and the like, without those that the tokenizer lacks. */
	tokens: Readonly<Record<string, string>>;
	/** Date that the template sees; null for {@link FIXED_DATE}. */
	date?: Date | null;
	/** Name of the file in error messages. */
	file: string;
}

/** Characters; the longest published templates have 30,000. */
const MOST_TEMPLATE = 200_000;

/** Spaces and line ends in a row, for which the Jinja library takes quadratic time; published templates have below 50. */
const MOST_SPACES = 1000;

/** Llama's own date for programs without a clock. */
const FIXED_DATE = new Date(Date.UTC(2024, 6, 26));

/** Constants of Jinja, which Python also writes with a capital. */
const CONSTANTS = { true: true, false: false, none: null, True: true, False: false, None: null };

/** @throws FormatError `tokenizer-invalid` if the template is not Jinja or too long */
export function chatRenderer(source: string, options: ChatTemplateOptions): RenderChat {
	const program = parseTemplate(source, options.file);
	const clock = clockFor(source, options.date ?? null);
	return (messages, addGenerationPrompt) => {
		const environment = new Environment();
		const variables = {
			...CONSTANTS,
			...STRIP_FUNCTIONS,
			...options.tokens,
			...(clock === null ? {} : { strftime_now: (format: string) => strftime(clock, format) }),
			range,
			raise_exception: (message: unknown) => {
				throw new Error(String(message));
			},
			messages: messages.map(({ role, content }) => ({ role, content })),
			tools: null,
			documents: null,
			add_generation_prompt: addGenerationPrompt,
		};
		for (const [name, value] of Object.entries(variables)) environment.set(name, value);
		try {
			return new LimitedInterpreter(environment).render(program);
		} catch (thrown) {
			throw chatTemplateFailed(thrown);
		}
	};
}

function parseTemplate(source: string, file: string): ReturnType<typeof parse> {
	if (source.length > MOST_TEMPLATE) {
		throw tokenizerInvalid(`chat_template has more than ${MOST_TEMPLATE} characters`, file);
	}
	if (source.split(/\S+/).some((spaces) => spaces.length > MOST_SPACES)) {
		throw tokenizerInvalid(`chat_template has more than ${MOST_SPACES} spaces in a row`, file);
	}
	try {
		return withPythonStrip(parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
	} catch (cause) {
		throw tokenizerInvalid('chat_template cannot be parsed', file, cause);
	}
}

/**
 * A run must be reproducible, so without a given date the template sees no clock and takes its own date (Llama 3.2:
 * “26 Jul 2024”). A template that calls `strftime_now` without asking for it gets that date too. transformers gives
 * the day of the call.
 */
function clockFor(source: string, date: Date | null): Date | null {
	if (date !== null) return date;
	return /strftime_now\s+is\s+(?:not\s+)?defined/.test(source) ? null : FIXED_DATE;
}

/** Python's `range`, with a limit; the lengths of real chats are far below. */
function range(first: number, second?: unknown, third?: unknown): number[] {
	const [start, stop] = typeof second === 'number' ? [first, second] : [0, first];
	const step = typeof third === 'number' ? third : 1;
	if (step === 0) throw new Error('range() has a step of 0');
	const length = Math.max(0, Math.ceil((stop - start) / step));
	if (length > MOST_ENTRIES) throw new Error(`it makes a list of more than ${MOST_ENTRIES} entries`);
	return Array.from({ length }, (_, i) => start + i * step);
}
