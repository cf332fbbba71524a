/** Places the labels on the plane so that none covers another: a label without a free place is left out. */
import { pixelOf } from './plane.ts';
import type { PlaneScale } from './planeScale.ts';

type Point = readonly [x: number, y: number];

export interface PlacedLabel {
	readonly id: string;
	readonly text: string;
	/** Pixels of its centre. */
	readonly at: Point;
	/** Pixels of the box around it, also if it is turned. */
	readonly width: number;
	readonly height: number;
	readonly look: 'quiet' | 'strong' | 'diagonal';
}

export interface LabelScene {
	/** CSS pixels per side of the plane. */
	readonly size: number;
	/** CSS pixels of the labels' type. */
	readonly type: number;
	readonly scale: PlaneScale;
	/** On the picture's [−1, 1]²; null without a goal. */
	readonly goal: Point | null;
	/** Pairs in focus, with the pixels of their dots. */
	readonly names: readonly { readonly name: string; readonly place: Point }[];
	/** Pixels of marks that no label may cover. */
	readonly marks: readonly Point[];
}

interface Box {
	readonly at: Point;
	readonly width: number;
	readonly height: number;
}

interface Wish {
	readonly id: string;
	readonly text: string;
	readonly look: PlacedLabel['look'];
	/** Centres in order of preference, for a box of this size. */
	readonly places: (width: number, height: number) => readonly Point[];
}

/** Mean width of a character, and height of a line, as shares of the type's size. */
const CHARACTER = 0.54;
const STRONG_CHARACTER = 0.6;
const LINE = 1.35;
/** Pixels between a label and the border or a dot. */
const GAP = 6;
const DOT = 9;

/** In order of importance: names of pairs, the goal, the start, margin 0, the corners. */
export function placeLabels(scene: LabelScene): PlacedLabel[] {
	const taken: Box[] = scene.marks.map((at) => ({ at, width: 2 * DOT, height: 2 * DOT }));
	const placed: PlacedLabel[] = [];
	for (const { id, text, look, places } of wishes(scene)) {
		const wide = look === 'strong' ? STRONG_CHARACTER : CHARACTER;
		const [long, high] = [text.length * wide * scene.type, LINE * scene.type];
		const side = (long + high) / Math.SQRT2;
		const [width, height] = look === 'diagonal' ? [side, side] : [long, high];
		const at = places(width, height).find((centre) => {
			const box = { at: centre, width, height };
			return isInside(box, scene.size) && !taken.some((other) => overlap(box, other));
		});
		if (at === undefined) continue;
		taken.push({ at, width, height });
		placed.push({ id, text, at, width, height, look });
	}
	return placed;
}

function wishes({ size, scale, goal, names, type }: LabelScene): Wish[] {
	const middle = size / 2;
	const aside = 0.7 * type;
	return [
		...names.map(({ name, place }): Wish => ({
			id: name,
			text: name,
			look: 'strong',
			places: beside(place),
		})),
		...(goal ? [{ id: 'goal', text: 'goal', look: 'strong', places: goalPlaces(goal, size) } as const] : []),
		{ id: 'start', text: 'start', look: 'quiet', places: beside(pixelOf(START, scale, size)) },
		{
			id: 'margin',
			text: 'margin 0',
			look: 'diagonal',
			places: () =>
				[0.78, 0.22, 0.66, 0.34].map((share) => [share * size - aside, (1 - share) * size - aside]),
		},
		...CORNERS.map(({ text, right, down }): Wish => ({
			id: text,
			text,
			look: 'quiet',
			places: (width, height) => [
				[middle + right * (middle - width / 2 - GAP), middle + down * (middle - height / 2 - GAP)],
			],
		})),
	];
}

const START = { chosen: 0, rejected: 0 };

const CORNERS = [
	{ text: 'rejected preferred', right: -1, down: -1 },
	{ text: 'both up', right: 1, down: -1 },
	{ text: 'both down', right: -1, down: 1 },
	{ text: 'chosen preferred', right: 1, down: 1 },
];

/** Right of a dot, left, above, below. */
const beside =
	([x, y]: Point): Wish['places'] =>
	(width, height) => [
		[x + width / 2 + DOT + 3, y],
		[x - width / 2 - DOT - 3, y],
		[x, y - height / 2 - DOT],
		[x, y + height / 2 + DOT],
		[x + width / 2 + DOT, y - height],
		[x - width / 2 - DOT, y - height],
		[x + width / 2 + DOT, y + height],
		[x - width / 2 - DOT, y + height],
	];

/** At the goal, held inside the border; otherwise a line above or below it. */
const goalPlaces =
	([x, y]: Point, size: number): Wish['places'] =>
	(width, height) => {
		const hold = (value: number, half: number): number =>
			Math.min(Math.max(value, half + GAP), size - half - GAP);
		const at: Point = [hold(((x + 1) / 2) * size, width / 2), hold(((1 - y) / 2) * size, height / 2)];
		return [0, -1, 1, -2, 2].map((line) => [at[0], at[1] + line * (height + DOT)]);
	};

function isInside({ at: [x, y], width, height }: Box, size: number): boolean {
	return x - width / 2 >= 0 && x + width / 2 <= size && y - height / 2 >= 0 && y + height / 2 <= size;
}

function overlap(a: Box, b: Box): boolean {
	return (
		Math.abs(a.at[0] - b.at[0]) < (a.width + b.width) / 2 &&
		Math.abs(a.at[1] - b.at[1]) < (a.height + b.height) / 2
	);
}
