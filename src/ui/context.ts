/** The session, handed down from App to whatever needs it. */
import type { Session } from '#app/session.svelte.ts';
import { createContext } from 'svelte';

export const [useSession, provideSession] = createContext<Session>();
