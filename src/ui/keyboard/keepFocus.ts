/**
 * Keeps the keyboard focus in place. If the focused control disappears or is disabled, browsers move the
 * focus to the page's body, and the next Tab starts from an arbitrary place. `keepFocus` moves it to the
 * nearest remaining control: the next one in the same part, else the first one of the nearest remaining part,
 * else the page's main part. It never moves into a field for text outside a form, such as a number of a
 * setting: the next key, meant as a command, would be typed there.
 */
const FOCUSABLE =
	':is(a[href], summary, button, select, textarea, input, [tabindex="0"]):not(:disabled, [tabindex="-1"])';
const TYPED = 'textarea, input:not([type=radio], [type=checkbox], [type=range])';

/** An element, and its next sibling when it got the focus. */
interface Ring {
	element: HTMLElement;
	after: Element | null;
}

/** An attachment for the element that contains the whole page. */
export function keepFocus(page: HTMLElement): () => void {
	/** The focused control and its ancestors, innermost first; empty if no control has the focus. */
	let place: Ring[] = [];
	/** True if the focus ring was visible: mouse users do not want it. */
	let drawn = false;
	const observer = new MutationObserver(() => {
		const control = place[0]?.element;
		if (control === undefined || !isLost(control)) return;
		const { activeElement } = document;
		// If other code already moved the focus, leave it there.
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
		// Either the user left the control or it disappeared; only the page's update
		// shows which.
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

function isNext(control: HTMLElement): boolean {
	return control.matches(FOCUSABLE) && (!control.matches(TYPED) || control.closest('form') !== null);
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

/** The first control in an element or the element itself; null if it is gone or contains the whole view. */
function firstControl(element: Element | null, main: HTMLElement | null): HTMLElement | null {
	if (element?.isConnected !== true || element.contains(main)) return null;
	const all = [element, ...element.querySelectorAll(FOCUSABLE)];
	return (
		all.find(
			(one): one is HTMLElement => one instanceof HTMLElement && isNext(one) && one.checkVisibility(),
		) ?? null
	);
}
