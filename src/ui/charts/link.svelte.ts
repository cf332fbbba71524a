/**
 * State that linked charts share: the step under the cursor and the visible range of steps. One instance per
 * group of charts, passed to each as a prop.
 */
export class ChartLink {
	/** Step chosen with the pointer or the arrow keys; null follows the newest. */
	cursor = $state<number | null>(null);
	/** First and last visible step; null shows all steps. */
	view = $state.raw<readonly [number, number] | null>(null);
}
