/**
 * Verbs and their sentence endings. The past-tense family reads any sentence with exactly one third person of
 * this list.
 */
export interface Verb {
	/** Third person singular of the present. */
	third: string;
	past: string;
	/** Ways to end the sentence. */
	rests: readonly string[];
}

function verb(third: string, past: string, ...rests: string[]): Verb {
	return { third, past, rests };
}

export const VERBS: readonly Verb[] = [
	verb('walks', 'walked', 'to school', 'in the park', 'to the market'),
	verb('plays', 'played', 'a game', 'in the garden', 'with the dog'),
	verb('cooks', 'cooked', 'the soup', 'a meal', 'in the kitchen'),
	verb('opens', 'opened', 'the door', 'the window', 'a box'),
	verb('closes', 'closed', 'the door', 'the window', 'the book'),
	verb('paints', 'painted', 'the wall', 'a house', 'the boat'),
	verb('cleans', 'cleaned', 'the kitchen', 'the car', 'the table'),
	verb('helps', 'helped', 'a friend', 'in the garden', 'the teacher'),
	verb('calls', 'called', 'a friend', 'the dog', 'a doctor'),
	verb('washes', 'washed', 'the car', 'the cup', 'the dog'),
	verb('visits', 'visited', 'the market', 'a friend', 'the museum'),
	verb('jumps', 'jumped', 'over the wall', 'in the garden', 'on the bed'),
	verb('looks', 'looked', 'at the bird', 'at the map', 'out of the window'),
	verb('works', 'worked', 'in the garden', 'at the market', 'in a bank'),
	verb('waits', 'waited', 'at the door', 'for the bus', 'for a friend'),
	verb('sings', 'sang', 'a song', 'in the park', 'at school'),
	verb('runs', 'ran', 'to school', 'in the park', 'to the bus'),
	verb('eats', 'ate', 'an apple', 'the soup', 'in the kitchen'),
	verb('drinks', 'drank', 'the milk', 'a cup of tea', 'the water'),
	verb('writes', 'wrote', 'a letter', 'the report', 'a song'),
	verb('reads', 'read', 'a letter', 'the report', 'the book'),
	verb('goes', 'went', 'to school', 'to the market', 'to the museum'),
	verb('sees', 'saw', 'a bird', 'the boat', 'a friend'),
	verb('takes', 'took', 'the bus', 'a cup', 'the map'),
	verb('gives', 'gave', 'the dog a bone', 'a friend the map', 'the teacher an apple'),
	verb('finds', 'found', 'a box', 'the map', 'the letter'),
	verb('makes', 'made', 'a cake', 'the soup', 'a cup of tea'),
	verb('buys', 'bought', 'a book', 'the milk', 'a car'),
	verb('sells', 'sold', 'the car', 'a boat', 'the house'),
	verb('drives', 'drove', 'the car', 'to the market', 'the bus'),
	verb('swims', 'swam', 'in the lake', 'to the boat', 'in the sea'),
	verb('sleeps', 'slept', 'in the car', 'on the boat', 'at school'),
	verb('builds', 'built', 'a house', 'a boat', 'the wall'),
	verb('breaks', 'broke', 'the window', 'a cup', 'the box'),
	verb('brings', 'brought', 'a cake', 'the letter', 'the milk'),
	verb('wears', 'wore', 'a hat', 'a coat', 'a ring'),
];

/** `Can you {verb} the {noun}?` of the polite family; any verb goes with any noun of its row. */
export const FAVOURS: readonly { verb: string; nouns: readonly string[] }[] = [
	{ verb: 'send', nouns: ['report', 'letter', 'map', 'book', 'list', 'photo'] },
	{ verb: 'open', nouns: ['door', 'window', 'box', 'letter', 'shop', 'gate'] },
	{ verb: 'close', nouns: ['door', 'window', 'box', 'book', 'shop', 'gate'] },
	{ verb: 'clean', nouns: ['kitchen', 'car', 'table', 'window', 'boat', 'room'] },
	{ verb: 'read', nouns: ['report', 'letter', 'map', 'book', 'list', 'song'] },
	{ verb: 'bring', nouns: ['cake', 'milk', 'map', 'book', 'coat', 'photo'] },
	{ verb: 'find', nouns: ['dog', 'map', 'list', 'hat', 'ring', 'photo'] },
	{ verb: 'paint', nouns: ['wall', 'door', 'boat', 'table', 'room', 'gate'] },
	{ verb: 'check', nouns: ['report', 'list', 'map', 'car', 'room', 'door'] },
	{ verb: 'move', nouns: ['table', 'car', 'boat', 'box', 'bed', 'lamp'] },
];
