/** Categories with their members for the list family, and the words of the sorting family. */
export interface Category {
	/** Spelled as in a prompt: `List three fruits.` */
	plural: string;
	members: readonly string[];
}

export const CATEGORIES: readonly Category[] = [
	{ plural: 'fruits', members: ['apple', 'grape', 'lemon', 'mango', 'melon', 'peach', 'pear', 'plum'] },
	{ plural: 'animals', members: ['bear', 'cow', 'goat', 'horse', 'lion', 'rabbit', 'tiger', 'zebra'] },
	{ plural: 'colors', members: ['black', 'blue', 'brown', 'green', 'orange', 'pink', 'red', 'yellow'] },
	{ plural: 'birds', members: ['crow', 'duck', 'eagle', 'goose', 'hawk', 'owl', 'robin', 'swan'] },
	{ plural: 'trees', members: ['ash', 'birch', 'cedar', 'elm', 'fir', 'maple', 'oak', 'pine'] },
	{ plural: 'tools', members: ['axe', 'drill', 'file', 'hammer', 'knife', 'rake', 'saw', 'spade'] },
	{ plural: 'drinks', members: ['cider', 'cocoa', 'coffee', 'juice', 'milk', 'soda', 'tea', 'water'] },
	{ plural: 'metals', members: ['copper', 'gold', 'iron', 'lead', 'nickel', 'silver', 'tin', 'zinc'] },
	{ plural: 'clothes', members: ['belt', 'coat', 'dress', 'hat', 'jacket', 'scarf', 'shirt', 'shoe'] },
	{ plural: 'sports', members: ['boxing', 'chess', 'golf', 'hockey', 'judo', 'rugby', 'skiing', 'tennis'] },
];

/** Words to sort: fruits, animals, trees, tools and birds, every one distinct. */
export const SORTABLE: readonly string[] = CATEGORIES.filter((c) =>
	['fruits', 'animals', 'trees', 'tools', 'birds'].includes(c.plural),
).flatMap((c) => c.members);

/** Regular nouns grouped by ending, then irregular ones. */
export const PLURALS: readonly (readonly [singular: string, plural: string])[] = [
	['apple', 'apples'],
	['boat', 'boats'],
	['book', 'books'],
	['car', 'cars'],
	['chair', 'chairs'],
	['coat', 'coats'],
	['cow', 'cows'],
	['cup', 'cups'],
	['dog', 'dogs'],
	['door', 'doors'],
	['duck', 'ducks'],
	['goat', 'goats'],
	['horse', 'horses'],
	['house', 'houses'],
	['lamp', 'lamps'],
	['lion', 'lions'],
	['map', 'maps'],
	['plum', 'plums'],
	['song', 'songs'],
	['table', 'tables'],
	['tree', 'trees'],
	['tray', 'trays'],
	['box', 'boxes'],
	['bus', 'buses'],
	['dish', 'dishes'],
	['dress', 'dresses'],
	['fox', 'foxes'],
	['glass', 'glasses'],
	['peach', 'peaches'],
	['watch', 'watches'],
	['baby', 'babies'],
	['berry', 'berries'],
	['city', 'cities'],
	['lady', 'ladies'],
	['party', 'parties'],
	['story', 'stories'],
	['knife', 'knives'],
	['leaf', 'leaves'],
	['shelf', 'shelves'],
	['wife', 'wives'],
	['wolf', 'wolves'],
	['child', 'children'],
	['foot', 'feet'],
	['goose', 'geese'],
	['man', 'men'],
	['mouse', 'mice'],
	['ox', 'oxen'],
	['person', 'people'],
	['tooth', 'teeth'],
	['woman', 'women'],
];
