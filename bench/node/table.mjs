// Tables in Markdown, and formatted numbers.

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @returns {string}
 */
export function table(head, rows) {
	const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {number} seconds */
export const inSeconds = (seconds) => (Number.isNaN(seconds) ? '–' : seconds.toFixed(seconds < 10 ? 3 : 2));

/** @param {{ least: number, most: number }} spread */
export const inSpread = ({ least, most }) => `${inSeconds(least)}–${inSeconds(most)}`;

/** @param {number} ratio */
export const times = (ratio) => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`);

/** @param {number} bytes */
export const inMegabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * One row of a table of aims.
 *
 * @param {string} what
 * @param {string} aim
 * @param {string} measured
 * @param {boolean | null} reached null if the value is only reported
 */
export const aimRow = (what, aim, measured, reached) => [
	what,
	aim,
	measured,
	reached === null ? 'reported' : reached ? 'yes' : 'no',
];
export const AIM_HEAD = ['what', 'aim', 'measured', 'reached'];
