/** Composition root of the page: knows the concrete adapters, creates the session, mounts the page. */
import { mount } from 'svelte';
import { Session } from '#app/session.svelte.ts';
import App from '#ui/App.svelte';
import { composePorts } from './compose.ts';

const session = new Session(composePorts(location.href));
const target = document.getElementById('app');
if (target !== null) mount(App, { target, props: { session } });
void session.openLink(location.hash);
addEventListener('hashchange', () => void session.openLink(location.hash));
// tfjs starts with the first question to the device: after the page has painted, never before.
requestAnimationFrame(() => setTimeout(() => void session.start()));
