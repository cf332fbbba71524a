/** True where a letter is typed and not a command, or another control wants the key for itself. */
export function typing(event: KeyboardEvent): boolean {
	if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
	const { target } = event;
	if (!(target instanceof HTMLElement)) return false;
	if (target.closest('dialog[open]') !== null) return true;
	if (target.matches('input:not([type=radio], [type=checkbox], [type=range]), textarea, select')) return true;
	// Space and Enter press the button that has the focus, and Enter sends a form.
	return (event.key === ' ' || event.key === 'Enter') && target.matches('button, summary, a, input');
}
