/** Composition root of the page: knows the concrete adapters, creates the session, mounts the page. */
import { mount } from 'svelte';
import { asAppError } from '#core/errors.ts';
import { Session } from '#app/session.svelte.ts';
import App from '#ui/App.svelte';
import { keepAddress } from '#ui/frame/keepAddress.svelte.ts';
import { keepWork } from '#ui/frame/keepWork.ts';
import { composePorts } from './compose.ts';

const target = document.getElementById('app');

/** The last net: nothing of the page exists that could show the failure. */
function showFailedStart(thrown: unknown): void {
	const note = document.createElement('p');
	note.setAttribute('role', 'alert');
	note.textContent = `The page could not start: ${asAppError(thrown).message} Reload it; your saved runs are kept.`;
	target?.replaceChildren(note);
}

try {
	const session = new Session(composePorts(location.href));
	if (target !== null) mount(App, { target, props: { session } });
	keepAddress(session, window);
	keepWork(session, window, document);
	// The session's start loads tfjs, so it waits until the page has painted.
	requestAnimationFrame(() => setTimeout(() => void session.start()));
} catch (thrown) {
	showFailedStart(thrown);
}
