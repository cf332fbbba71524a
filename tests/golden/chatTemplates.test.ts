/** Chat templates against transformers' rendering: the same texts, and the same refusals. */
import { describe, expect } from 'vitest';
import type { Message } from '#core/output/output.ts';
import { chatRenderer } from '#runtime/tokenizer/chatTemplate.ts';
import { goldenJson, goldenOutline, goldenTest } from '#tests/support/goldens.ts';

interface Golden {
	/** Date that the templates see. */
	date: string;
	templates: { name: string; template: string; tokens: Record<string, string> }[];
	conversations: Message[][];
	/** Per template and conversation: without and with the generation prompt; null for a refusal. */
	texts: [string | null, string | null][][];
}

const FILE = 'tokenizer/chatTemplates.json';
const outline = goldenOutline<Golden>(FILE);

describe.each(outline.templates.map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
	for (const [at, messages] of outline.conversations.entries()) {
		goldenTest(`renders conversation ${at}: ${messages.map(({ role }) => role).join(', ')}`, [FILE], () => {
			const golden = goldenJson<Golden>(FILE);
			const template = golden.templates[index];
			const render = chatRenderer(template?.template ?? '', {
				tokens: template?.tokens ?? {},
				date: new Date(golden.date),
				file: FILE,
			});
			const textOf = (prompt: boolean): string | null => {
				try {
					return render(messages, prompt);
				} catch {
					return null;
				}
			};
			expect([textOf(false), textOf(true)]).toEqual(golden.texts[index]?.[at]);
		});
	}
});
