/** Things that need a name: each kind of thing with each of its additions. */

const PLACES = [
	'',
	' in a small town',
	' by the sea',
	' near a train station',
	' in an old mill',
	' next to a park',
	' on a busy street',
	' in a mountain village',
	' close to a school',
	' run by two sisters',
	' with a garden',
];
const BUSINESSES =
	'a bakery|a bookshop|a cafe|a flower shop|a toy shop|a hotel|a pizzeria|a tea house|a cinema|a bicycle shop|an ice cream parlour|a museum|a dance school|a music school|a pottery studio|a hair salon|a restaurant|a cheese shop|a guest house|a garden centre|a pet shop|a sweet shop|a kindergarten|a gym|a soup kitchen'.split(
		'|',
	);

const CHARACTERS = [
	'',
	' that loves water',
	' that sleeps all day',
	' with one white ear',
	' that follows everyone',
];
const ANIMALS = 'a cat|a dog|a horse|a parrot|a rabbit|a donkey|a goat|a pony'.split('|');

const AUDIENCES = ['', ' for children', ' for beginners', ' for families', ' for older people'];
const PRODUCTS =
	'a board game|a podcast|a newspaper|a cooking blog|a science club|a choir|a running club|a chess club|a travel guide|a radio show|a theatre group|a summer camp|a drawing course|a walking group'.split(
		'|',
	);

const STYLES = ['', ' about winter', ' about the sea', ' about friendship', ' about a long journey'];
const WORKS =
	'a song|a novel|a detective story|a children’s book|a painting|a film|a poem|a short play'.split('|');

const combined = (heads: readonly string[], tails: readonly string[]): string[] =>
	heads.flatMap((head) => tails.map((tail) => `${head}${tail}`));

export const NAMED: readonly string[] = [
	...combined(BUSINESSES, PLACES),
	...combined(ANIMALS, CHARACTERS),
	...combined(PRODUCTS, AUDIENCES),
	...combined(WORKS, STYLES),
];
