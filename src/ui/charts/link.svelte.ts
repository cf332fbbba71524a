/**
 * What linked charts share: the step under the cursor and the part of the course in view. One instance for a group of
 * charts, passed to each as a prop.
 */
export class ChartLink {
	/** The step that the pointer or the arrow keys chose; null follows the newest. */
	cursor = $state<number | null>(null);
	/** First and last step in view; null shows the whole course. */
	view = $state.raw<readonly [number, number] | null>(null);
}
