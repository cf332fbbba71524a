/** True if a key event is text input or belongs to the focused control, so that it is no command. */
export function typing(event: KeyboardEvent): boolean {
	if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
	const { target } = event;
	if (!(target instanceof HTMLElement)) return false;
	if (target.closest('dialog[open]') !== null) return true;
	if (target.matches('input:not([type=radio], [type=checkbox], [type=range]), textarea, select')) return true;
	// Space and Enter press the focused button; Enter also submits a form.
	return (event.key === ' ' || event.key === 'Enter') && target.matches('button, summary, a, input');
}
