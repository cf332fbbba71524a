/**
 * Keeps the keyboard's place. Where the control that has the focus vanishes or is switched off, browsers let the focus fall to the
 * page's body, and the next Tab begins anywhere. Here it goes to what is left around that place: the first control of the nearest
 * part that still stands, or the page's main part where the whole view changed.
 */
const FOCUSABLE =
	':is(a[href], summary, button, select, textarea, input, [tabindex="0"]):not(:disabled, [tabindex="-1"])';

/** An attachment for the element that holds the whole page. */
export function keepFocus(page: HTMLElement): () => void {
	/** The control that has the focus, and all that holds it, from the inside out; empty while none has it. */
	let place: HTMLElement[] = [];
	const observer = new MutationObserver(() => {
		const [control] = place;
		if (control === undefined || !isLost(control)) return;
		const { activeElement } = document;
		// What put the focus somewhere itself knows better.
		if (activeElement !== document.body && activeElement !== control) return;
		next(place.slice(1), page)?.focus({ preventScroll: true });
	});

	function onFocus({ target }: FocusEvent): void {
		place = [];
		for (let one = target; one instanceof HTMLElement && one !== page; one = one.parentElement)
			place.push(one);
		observer.observe(page, {
			childList: true,
			subtree: true,
			attributes: true,
			attributeFilter: ['disabled'],
		});
	}
	function onBlur({ target }: FocusEvent): void {
		// Left by the person, or gone? The difference shows when the change of the page is through.
		queueMicrotask(() => {
			if (place[0] !== target || (target instanceof HTMLElement && isLost(target))) return;
			if (document.activeElement === target) return;
			place = [];
			observer.disconnect();
		});
	}
	page.addEventListener('focusin', onFocus);
	page.addEventListener('focusout', onBlur);
	return () => {
		page.removeEventListener('focusin', onFocus);
		page.removeEventListener('focusout', onBlur);
		observer.disconnect();
	};
}

function isLost(control: HTMLElement): boolean {
	return !control.isConnected || control.matches(':disabled');
}

function next(around: readonly HTMLElement[], page: HTMLElement): HTMLElement | null {
	const main = page.querySelector('main');
	for (const one of around) {
		if (!one.isConnected) continue;
		if (one === main || one.contains(main)) break;
		const control = [...one.querySelectorAll<HTMLElement>(FOCUSABLE)].find((each) => each.checkVisibility());
		if (control !== undefined) return control;
	}
	return main;
}
