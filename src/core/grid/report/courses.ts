/** Score by step in small multiples, one per cell with a line per seed, on one scale. */
import { fixed } from '../../text/numbers.ts';
import { escapeHtml } from './html.ts';
import { linearScale, type Scale } from './scale.ts';

export interface CellCourses {
	readonly name: string;
	/** By seed. */
	readonly courses: readonly (readonly { readonly step: number; readonly score: number }[])[];
}

const WIDTH = 240;
const HEIGHT = 132;
const LEFT = 30;
const BOTTOM = 18;
const TOP = 18;
const LONGEST_NAME = 34;

export function courseFigures(caption: string, cells: readonly CellCourses[]): string {
	const points = cells.flatMap(({ courses }) => courses.flat());
	const across = linearScale(
		points.map(({ step }) => step),
		LEFT,
		WIDTH - 6,
	);
	const up = linearScale(
		points.map(({ score }) => score),
		HEIGHT - BOTTOM,
		TOP,
	);
	const figures = cells.map((cell) => courseSvg(cell, across, up));
	return `<figure><div class="multiples">${figures.join('')}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

function courseSvg({ name, courses }: CellCourses, across: Scale, up: Scale): string {
	const short = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
	const levels = up.ticks.map((tick) => {
		const y = up.at(tick).toFixed(1);
		return `<line x1="${LEFT}" x2="${WIDTH - 6}" y1="${y}" y2="${y}" class="grid"/><text x="${LEFT - 4}" y="${Number(y) + 4}" text-anchor="end">${fixed(tick, 1)}</text>`;
	});
	const last = across.ticks.at(-1) ?? 0;
	const lines = courses.map((course) => {
		const path = course.map(({ step, score }) => `${across.at(step).toFixed(1)},${up.at(score).toFixed(1)}`);
		return `<polyline points="${path.join(' ')}" class="course"/>`;
	});
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(name)}"><text x="${LEFT}" y="11" class="title">${escapeHtml(short)}</text>${levels.join('')}<text x="${across.at(0).toFixed(1)}" y="${HEIGHT - 4}">0</text><text x="${across.at(last).toFixed(1)}" y="${HEIGHT - 4}" text-anchor="end">step ${last}</text>${lines.join('')}</svg>`;
}
