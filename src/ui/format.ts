/** Numbers as the page prints them: a true minus sign, fixed decimals so that columns keep their width, units in words. */
import { counted } from '#app/text/format.ts';
import { byteSize } from '#core/format/byteSize.ts';
import { fixed } from '#core/text/numbers.ts';

/** Most decimals of a score. */
const MOST_DECIMALS = 4;

/** The fewest decimals, from 2 on, with which the printed difference is that of the printed scores. */
export function decimalsThatAddUp(before: number, after: number, difference: number): number {
	for (let decimals = 2; decimals < MOST_DECIMALS; decimals++) {
		const unit = 10 ** decimals;
		const printed = (value: number): number => Math.round(Number(value.toFixed(decimals)) * unit);
		if (printed(after) - printed(before) === printed(difference)) return decimals;
	}
	return MOST_DECIMALS;
}

/** 1,240 */
export function count(value: number): string {
	return Math.round(value).toLocaleString('en-US');
}

/** Learning rates: 6.6e−4 if small, else 0.0021. */
export function scientific(value: number): string {
	if (value === 0) return '0';
	return value.toExponential(1).replace('e-', 'e−').replace('e+', 'e');
}

export { byteSize as bytes } from '#core/format/byteSize.ts';
export { fixed, percent, signed } from '#core/text/numbers.ts';

/** 0.81 to 0.85 */
export function interval(estimate: { low: number; high: number }, decimals = 2): string {
	return `${fixed(estimate.low, decimals)} to ${fixed(estimate.high, decimals)}`;
}

/** An estimated time, with no more digits than the estimate supports: “30 seconds”, “2 minutes”, “3 hours”. */
export function about(seconds: number): string {
	if (seconds < 90) return counted(Math.max(10, Math.round(seconds / 10) * 10), 'second');
	if (seconds < 5400) return counted(Math.round(seconds / 60), 'minute');
	return counted(Math.round(seconds / 3600), 'hour');
}

/** “, 3.2 MB per second, about 2 minutes left”, after the bytes of a transfer; empty while its rate is unknown. */
export function transferRate(transfer: {
	bytesPerSecond: number | null;
	secondsLeft: number | null;
}): string {
	const { bytesPerSecond, secondsLeft } = transfer;
	if (bytesPerSecond === null) return '';
	const left = secondsLeft === null || secondsLeft === 0 ? '' : `, about ${about(secondsLeft)} left`;
	return `, ${byteSize(bytesPerSecond)} per second${left}`;
}
