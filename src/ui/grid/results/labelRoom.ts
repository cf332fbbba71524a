/** Room for the labels at the ends of the lines of a panel, in pixels. */

/** Mean width of a character, and of the value after the label. */
const [CHARACTER, VALUE] = [6.6, 44];
/** Room that lines need besides their labels, the axis included. */
const PLOT = 200;
/** Largest share of a panel for its labels. */
export const MOST_ROOM = 0.6;

/** @param longest characters of the longest label */
export function labelRoom(longest: number): number {
	return VALUE + CHARACTER * longest;
}

/** Characters of a label that fit beside its value. */
export function charactersIn(room: number): number {
	return Math.max(3, Math.floor((room - VALUE) / CHARACTER + 1e-9));
}

/** Least width of a panel for a whole label beside its plot. */
export function panelWidth(longest: number): number {
	return PLOT + labelRoom(longest);
}
