/**
 * Names in the world's prompts. Short common words, so that a vocabulary of 1,024 tokens holds each in one or
 * two tokens.
 */
export const NAMES = [
	'Ada',
	'Ana',
	'Ben',
	'Cleo',
	'Dan',
	'Eli',
	'Emma',
	'Finn',
	'Ida',
	'Jack',
	'Leo',
	'Lily',
	'Max',
	'Mia',
	'Nina',
	'Noah',
	'Omar',
	'Rosa',
	'Sam',
	'Tom',
] as const;

/** Subjects of the past-tense family: all take the verb's third person. */
export const SUBJECTS = ['She', 'He', 'My sister', 'The teacher', 'Our friend', ...NAMES] as const;

export const CITIES = [
	'Oslo',
	'Rome',
	'Paris',
	'Cairo',
	'Lima',
	'Delhi',
	'Berlin',
	'Madrid',
	'Tokyo',
	'Quito',
] as const;
