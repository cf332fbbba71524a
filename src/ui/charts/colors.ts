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

/** Forces one style pass: call it when the theme or the element changes, not in a frame. */
export function resolveColors<T extends Token>(
	element: HTMLElement,
	tokens: readonly T[],
): Record<T, string> {
	const probes = tokens.map((token) => {
		const probe = document.createElement('span');
		probe.hidden = true;
		probe.style.color = `var(--color-${token})`;
		return [token, probe] as const;
	});
	// All are there before the first is read: colours read one by one would style the page once each.
	element.append(...probes.map(([, probe]) => probe));
	const resolved = probes.map(([token, probe]) => [token, getComputedStyle(probe).color]);
	for (const [, probe] of probes) probe.remove();
	return Object.fromEntries(resolved) as Record<T, string>;
}
