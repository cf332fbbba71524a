/** The session, passed down from App to all components. */
import type { Session } from '#app/session.svelte.ts';
import { createContext } from 'svelte';

export const [useSession, provideSession] = createContext<Session>();
