/** Resolves a colour token in the current theme, because a canvas cannot read custom properties. */
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

/** Forces one style pass, so call it when the theme or the element changes, not in every frame. */
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
	// Adds all probes before reading the first: reading them one by one would restyle the page for each.
	element.append(...probes.map(([, probe]) => probe));
	const resolved = probes.map(([token, probe]) => [token, getComputedStyle(probe).color]);
	for (const [, probe] of probes) probe.remove();
	return Object.fromEntries(resolved) as Record<T, string>;
}
