/**
 * Python's `strip`, `lstrip` and `rstrip` for chat templates. The Jinja library ignores their argument, so Qwen 3's
 * `content.lstrip('\n')` would also lose spaces, and it takes other characters for space than Python does.
 */
import { isStep } from './step.ts';

/** Names that no template can write. */
export const STRIP_FUNCTIONS = {
	' strip': (text: unknown, characters?: unknown) => stripText(text, characters, true, true),
	' lstrip': (text: unknown, characters?: unknown) => stripText(text, characters, true, false),
	' rstrip': (text: unknown, characters?: unknown) => stripText(text, characters, false, true),
	' trim': (value: unknown, characters?: unknown) => stripText(printed(value), characters, true, true),
} as const;

/** Numbers and the like as the filter prints them; a missing value is empty. */
function printed(value: unknown): string {
	if (value === undefined) return '';
	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Characters of Python's `str.isspace`. */
const SPACES =
	'\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

function stripText(text: unknown, characters: unknown, left: boolean, right: boolean): string {
	if (typeof text !== 'string') throw new Error('strip() needs a text');
	const set = new Set(typeof characters === 'string' ? characters : SPACES);
	const list = Array.from(text);
	let [start, end] = [0, list.length];
	while (left && start < end && set.has(list[start] ?? '')) start++;
	while (right && end > start && set.has(list[end - 1] ?? '')) end--;
	return list.slice(start, end).join('');
}

/** Replaces `x.strip(…)` and `x | trim` in a parsed template by calls of {@link STRIP_FUNCTIONS}, in place. */
export function withPythonStrip<T>(node: T): T {
	return walk(node) as T;
}

function walk(node: unknown): unknown {
	if (Array.isArray(node)) return node.map(walk);
	if (node instanceof Map) return new Map(Array.from(node, ([key, value]) => [walk(key), walk(value)]));
	if (!isStep(node)) return node;
	Object.assign(node, Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)])));
	return methodCall(node) ?? trimFilter(node) ?? node;
}

type Node = Readonly<Record<string, unknown>>;

const call = (name: string, args: readonly unknown[]): Node => ({
	type: 'CallExpression',
	callee: { type: 'Identifier', value: name },
	args,
});

function methodCall({ type, callee, args }: Node): Node | null {
	if (type !== 'CallExpression' || !isStep(callee) || callee['type'] !== 'MemberExpression') return null;
	const name = nameOf(callee['property']);
	const isStrip = callee['computed'] !== true && Object.hasOwn(STRIP_FUNCTIONS, name) && name !== ' trim';
	return isStrip ? call(name, [callee['object'], ...listOf(args)]) : null;
}

function trimFilter({ type, filter, operand }: Node): Node | null {
	if (type !== 'FilterExpression' || !isStep(filter)) return null;
	if (nameOf(filter) === ' trim') return call(' trim', [operand]);
	const isCall = filter['type'] === 'CallExpression' && nameOf(filter['callee']) === ' trim';
	return isCall ? call(' trim', [operand, ...listOf(filter['args'])]) : null;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function nameOf(node: unknown): string {
	return isStep(node) && node['type'] === 'Identifier' ? ` ${String(node['value'])}` : '';
}
