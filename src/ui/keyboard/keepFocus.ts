/**
 * Keeps the keyboard's place. Where the control that has the focus vanishes or is switched off, browsers let the focus fall to the
 * page's body, and the next Tab begins anywhere. Here it goes to what is left of that place: to the control that came next, to the
 * first of the nearest part that still stands, or to the page's main part where the whole view changed.
 */
const FOCUSABLE =
	':is(a[href], summary, button, select, textarea, input, [tabindex="0"]):not(:disabled, [tabindex="-1"])';

/** An element, and what came after it beside it. */
interface Ring {
	element: HTMLElement;
	after: Element | null;
}

/** An attachment for the element that holds the whole page. */
export function keepFocus(page: HTMLElement): () => void {
	/** The control that has the focus, and all that holds it, from the inside out; empty while none has it. */
	let place: Ring[] = [];
	/** Whether the focus was drawn: who points with a mouse does not want a ring. */
	let drawn = false;
	const observer = new MutationObserver(() => {
		const control = place[0]?.element;
		if (control === undefined || !isLost(control)) return;
		const { activeElement } = document;
		// What put the focus somewhere itself knows better.
		if (activeElement !== document.body && activeElement !== control) return;
		next(place, page)?.focus({ preventScroll: true, focusVisible: drawn });
	});

	function onFocus({ target }: FocusEvent): void {
		place = [];
		drawn = target instanceof HTMLElement && target.matches(':focus-visible');
		for (let one = target; one instanceof HTMLElement && one !== page; one = one.parentElement)
			place.push({ element: one, after: one.nextElementSibling });
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
			if (place[0]?.element !== target || (target instanceof HTMLElement && isLost(target))) return;
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

function next(place: readonly Ring[], page: HTMLElement): HTMLElement | null {
	const main = page.querySelector('main');
	for (const { element, after } of place) {
		if (element === main || element.contains(main)) break;
		const control = firstControl(element, main) ?? firstControl(after, main);
		if (control !== null) return control;
	}
	return main;
}

/** The first control in an element, or the element itself where it is one; null where it is gone or holds the whole view. */
function firstControl(element: Element | null, main: HTMLElement | null): HTMLElement | null {
	if (element?.isConnected !== true || element.contains(main)) return null;
	const all = [element, ...element.querySelectorAll(FOCUSABLE)];
	return (
		all.find(
			(one): one is HTMLElement =>
				one instanceof HTMLElement && one.matches(FOCUSABLE) && one.checkVisibility(),
		) ?? null
	);
}
