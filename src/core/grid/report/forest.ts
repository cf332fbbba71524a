/** Change of the score by cell with its interval, as a figure of vectors. */
import { escapeMarkup } from '../../format/markup.ts';
import type { Estimate } from '../../evaluation/evaluation.ts';
import { signed } from '../../text/numbers.ts';
import { excerpt } from '../../text/wording.ts';
import { linearScale } from '../../math/linearScale.ts';

export interface ForestRow {
	readonly name: string;
	readonly estimate: Estimate;
	/** Drawn filled; others are hollow. */
	readonly strong: boolean;
}

/** A row without an estimate, above the rows that belong to it. */
export interface ForestHeading {
	readonly name: string;
	/** Quiet text beside the name. */
	readonly note: string;
}

const isRow = (row: ForestRow | ForestHeading): row is ForestRow => 'estimate' in row;

const ROW = 24;
const WIDTH = 760;
const LABELS = 250;
const RIGHT = 20;
const AXIS = 28;
const LONGEST_NAME = 40;
/** Of names below a heading, which begin with a space. */
const INDENT = 14;

export function forestFigure(title: string, rows: readonly (ForestRow | ForestHeading)[]): string {
	const height = rows.length * ROW + AXIS;
	const { ticks, at } = linearScale(
		[0, ...rows.filter(isRow).flatMap(({ estimate }) => [estimate.low, estimate.high, estimate.score])],
		LABELS,
		WIDTH - RIGHT,
	);
	const bottom = rows.length * ROW;
	const grid = ticks.map((tick) => {
		const x = at(tick).toFixed(1);
		const label = signed(tick, 2);
		return `<line x1="${x}" x2="${x}" y1="0" y2="${bottom}" class="${tick === 0 ? 'zero' : 'grid'}"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
	});
	const marks = rows.map((row, i) => {
		const y = i * ROW + ROW / 2;
		return isRow(row) ? rowMarks(row, y, at) : heading(row, y);
	});
	return `<figure><svg class="forest" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeMarkup(title)}">${grid.join('')}${marks.join('')}</svg><figcaption>${escapeMarkup(title)}</figcaption></figure>`;
}

/** The background behind the words hides the lines of the axis. */
function heading({ name, note }: ForestHeading, y: number): string {
	return (
		`<rect x="0" y="${y - ROW / 2}" width="${WIDTH}" height="${ROW}" class="cover"/>` +
		`<text x="0" y="${y + 4}" class="title">${escapeMarkup(name)} <tspan class="note">${escapeMarkup(note)}</tspan></text>`
	);
}

function rowMarks({ name, estimate, strong }: ForestRow, y: number, at: (value: number) => number): string {
	const { score, low, high } = estimate;
	const indent = name.startsWith(' ') ? INDENT : 0;
	const short = excerpt(name, LONGEST_NAME);
	const [x, from, to] = [score, low, high].map((value) => at(value).toFixed(1));
	return (
		`<text x="${indent}" y="${y + 4}">${escapeMarkup(short)}</text>` +
		`<line x1="${from}" x2="${to}" y1="${y}" y2="${y}" class="bar"/>` +
		`<circle cx="${x}" cy="${y}" r="4.5" class="${strong ? 'dot' : 'ring'}"/>`
	);
}
