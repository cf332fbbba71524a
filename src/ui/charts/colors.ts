/** Canvas cannot read custom properties: this resolves a token to the colour it has in the theme of now. */
export type Token =
	| 'bg-1'
	| 'bg-2'
	| 'bg-4'
	| 'fg-1'
	| 'fg-2'
	| 'fg-3'
	| 'fg-4'
	| 'chosen'
	| 'rejected'
	| 'policy'
	| 'reference'
	| 'alert';

/** Forces a style pass: call it when the theme or the element changes, not in a frame. */
export function resolveColors<T extends Token>(
	element: HTMLElement,
	tokens: readonly T[],
): Record<T, string> {
	const before = element.style.color;
	const resolved = {} as Record<T, string>;
	for (const token of tokens) {
		element.style.color = `var(--color-${token})`;
		resolved[token] = getComputedStyle(element).color;
	}
	element.style.color = before;
	return resolved;
}
