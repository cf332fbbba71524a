/** Reads a prompt's text back into its instruction: family, topic, phrasing and rule. */
import { hash32 } from '../../math/hash.ts';
import { HELD_OUT_PHRASINGS, type InstructionFamily, type Rule } from './family.ts';
import { trained, untouched } from './families.ts';
import { phrasing, type Phrasing, type Slots } from './phrasing.ts';
import type { Topic } from './topics/pools.ts';

export interface Instruction {
	family: InstructionFamily;
	topic: Topic;
	/** Index in the family's list. */
	phrasing: number;
	rule: Rule;
}

/** One topic in five is held out, in all families and requests. */
const HELD_OUT_SHARE = 5;

export function isHeldOutTopic({ subject }: Topic): boolean {
	return hash32(`topic:${subject}`) % HELD_OUT_SHARE === 0;
}

export function isHeldOutPhrasing(family: InstructionFamily, index: number): boolean {
	return index >= family.phrasings.length - HELD_OUT_PHRASINGS;
}

/** A family with its phrasings compiled and its topics by request. */
export interface IndexedFamily {
	family: InstructionFamily;
	phrasings: readonly Phrasing[];
	topics: ReadonlyMap<string, Topic>;
}

function indexed(family: InstructionFamily): IndexedFamily {
	return {
		family,
		phrasings: family.phrasings.map((template) => phrasing(template, choicesOf(family))),
		topics: new Map(family.topics.flatMap((topic) => topic.requests.map((request) => [request, topic]))),
	};
}

/** The texts of each of the family's own slots. */
function choicesOf({ values }: InstructionFamily): Record<string, string[]> {
	const names = Object.keys(values[0] ?? {});
	return Object.fromEntries(
		names.map((name) => [name, [...new Set(values.flatMap((each) => each[name] ?? []))]]),
	);
}

export const indexedFamilies: readonly IndexedFamily[] = [...trained, ...untouched].map(indexed);

/** No prompt is longer; the bound limits the cost of the patterns. */
const LONGEST_PROMPT = 400;

/** Null if the text is not a prompt of a family. Tolerates space around it, nothing else. */
export function readInstruction(promptText: string): Instruction | null {
	const text = promptText.trim();
	if (text.length > LONGEST_PROMPT) return null;
	for (const each of indexedFamilies) {
		for (const [index, form] of each.phrasings.entries()) {
			const found = instructionOf(each, form.read(text));
			if (found && form.write(found.slots) === text) {
				const { topic, slots } = found;
				return { family: each.family, topic, phrasing: index, rule: each.family.rule(slots, topic) };
			}
		}
	}
	return null;
}

function instructionOf(
	{ family, topics }: IndexedFamily,
	read: Slots | null,
): { topic: Topic; slots: Slots } | null {
	const topic = topics.get(read?.['request'] ?? '');
	if (read === null || topic === undefined) return null;
	const values = family.values.find((each) =>
		Object.entries(each).every(([name, text]) => isOrAbsent(read, name, text)),
	);
	return values ? { topic, slots: slotsOf(family, topic, read['request'] ?? '', values) } : null;
}

/** A template may leave a slot out. */
const isOrAbsent = (read: Slots, name: string, text: string): boolean => (read[name] ?? text) === text;

export function slotsOf(family: InstructionFamily, topic: Topic, request: string, values: Slots): Slots {
	return { request, ...values, ...family.topicSlots?.(topic) };
}
