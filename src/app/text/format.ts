/** Numbers and lists as words, for sentences of the state and of the page. */

/** "1 pair", "1,240 pairs": the noun follows its number. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
	return `${Math.round(value).toLocaleString('en-US')} ${value === 1 ? singular : plural}`;
}

/** Wall time in words: "0.4 s", "15 s", "1 min 52 s", "2 h 5 min". */
export function duration(seconds: number): string {
	if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
	return joined(Math.floor(whole / 3600), 'h', Math.round((whole % 3600) / 60), 'min');
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
	return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

export { enumerate as listed } from '#core/text/wording.ts';

/** Without a capital at the start, except in names such as "JSON". */
export function withinSentence(text: string): string {
	return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
