/** Change of the score by cell with its interval, as a figure of vectors. */
import type { Estimate } from '../../evaluation/evaluation.ts';
import { signed } from '../../text/numbers.ts';
import { escapeHtml } from './html.ts';
import { linearScale } from './scale.ts';

export interface ForestRow {
	readonly name: string;
	readonly estimate: Estimate;
	/** Drawn filled; others are hollow. */
	readonly strong: boolean;
}

const ROW = 24;
const WIDTH = 760;
const LABELS = 250;
const RIGHT = 20;
const AXIS = 28;
const LONGEST_NAME = 40;

export function forestFigure(title: string, rows: readonly ForestRow[]): string {
	const height = rows.length * ROW + AXIS;
	const { ticks, at } = linearScale(
		rows.flatMap(({ estimate }) => [estimate.low, estimate.high, estimate.score]),
		LABELS,
		WIDTH - RIGHT,
	);
	const bottom = rows.length * ROW;
	const grid = ticks.map((tick) => {
		const x = at(tick).toFixed(1);
		const label = signed(tick, 2);
		return `<line x1="${x}" x2="${x}" y1="0" y2="${bottom}" class="${tick === 0 ? 'zero' : 'grid'}"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
	});
	const marks = rows.map((row, i) => rowMarks(row, i * ROW + ROW / 2, at));
	return `<figure><svg class="forest" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(title)}">${grid.join('')}${marks.join('')}</svg><figcaption>${escapeHtml(title)}</figcaption></figure>`;
}

function rowMarks({ name, estimate, strong }: ForestRow, y: number, at: (value: number) => number): string {
	const { score, low, high } = estimate;
	const short = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
	const [x, from, to] = [score, low, high].map((value) => at(value).toFixed(1));
	return (
		`<text x="0" y="${y + 4}">${escapeHtml(short)}</text>` +
		`<line x1="${from}" x2="${to}" y1="${y}" y2="${y}" class="bar"/>` +
		`<circle cx="${x}" cy="${y}" r="4.5" class="${strong ? 'dot' : 'ring'}"/>`
	);
}
