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
// The session's start loads tfjs, so it waits until the page has painted.
requestAnimationFrame(() => setTimeout(() => void session.start()));
