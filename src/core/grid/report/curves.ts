/** Curves over seeds in small multiples, as vectors: one panel per value of a setting. */
import { escapeMarkup } from '../../format/markup.ts';
import { linearScale, type LinearScale } from '../../math/linearScale.ts';
import { fixed } from '../../text/numbers.ts';
import { excerpt } from '../../text/wording.ts';
import type { Band } from '../bands.ts';
import { extremesOfPanel, needOwnScales } from '../panelScale.ts';
import { dashOf, type CurvePanel, type PanelLine } from '../panels.ts';

const WIDTH = 240;
const HEIGHT = 132;
const LEFT = 34;
const BOTTOM = 18;
const TOP = 18;
const LONGEST_NAME = 34;

export function curveFigure(caption: string, panels: readonly CurvePanel[]): string {
	const bands = panels.flatMap(({ lines }) => lines.map(({ band }) => band));
	const across = linearScale([0, ...bands.flatMap(({ steps }) => steps)], LEFT, WIDTH - 6);
	const extremes = panels.map(extremesOfPanel);
	const own = needOwnScales(extremes);
	const figures = panels.map((panel, i) => {
		const reach = own ? extremes.slice(i, i + 1) : extremes;
		return panelSvg(panel, across, linearScale([0, ...reach.flat()], HEIGHT - BOTTOM, TOP));
	});
	const scales = own ? 'Each panel has a scale of its own.' : 'All panels have one scale.';
	return `<figure><div class="multiples">${figures.join('')}</div><figcaption>${escapeMarkup(`${caption} ${scales}`)}</figcaption></figure>`;
}

function panelSvg({ title, lines }: CurvePanel, across: LinearScale, up: LinearScale): string {
	const levels = up.ticks.map((tick) => {
		const y = up.at(tick).toFixed(1);
		return `<line x1="${LEFT}" x2="${WIDTH - 6}" y1="${y}" y2="${y}" class="grid"/><text x="${LEFT - 4}" y="${Number(y) + 4}" text-anchor="end">${fixed(tick, tickDecimals(up))}</text>`;
	});
	const last = across.ticks.at(-1) ?? 0;
	const drawn = lines.map((line, i) => lineSvg(line, i, across, up));
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + legendHeight(lines)}" role="img" aria-label="${escapeMarkup(title)}"><text x="${LEFT}" y="11" class="title">${escapeMarkup(excerpt(title, LONGEST_NAME))}</text>${levels.join('')}<text x="${across.at(0).toFixed(1)}" y="${HEIGHT - 4}">0</text><text x="${across.at(last).toFixed(1)}" y="${HEIGHT - 4}" text-anchor="end">step ${last}</text>${drawn.join('')}${legend(lines)}</svg>`;
}

function tickDecimals({ ticks }: LinearScale): number {
	const [first = 0, second = 1] = ticks;
	return second - first < 0.1 ? 2 : second - first < 1 ? 1 : 0;
}

function lineSvg({ band }: PanelLine, index: number, across: LinearScale, up: LinearScale): string {
	const points = (steps: readonly number[], values: readonly number[]): string =>
		steps.map((step, i) => `${across.at(step).toFixed(1)},${up.at(values[i] ?? 0).toFixed(1)}`).join(' ');
	const area = (one: Band): string =>
		`${points(one.steps, one.high)} ${points(one.steps.toReversed(), one.low.toReversed())}`;
	const hasSeeds = band.seeds.some((count) => count > 1);
	const shade = hasSeeds ? `<polygon points="${area(band)}" class="band"/>` : '';
	return `${shade}<polyline points="${points(band.steps, band.mean)}" class="curve"${dashAttribute(index)}/>`;
}

function dashAttribute(index: number): string {
	const dash = dashOf(index);
	return dash === '' ? '' : ` stroke-dasharray="${dash}"`;
}

const LEGEND_ROW = 14;

function legendHeight(lines: readonly PanelLine[]): number {
	return lines.length < 2 ? 0 : lines.length * LEGEND_ROW;
}

/** Lines end close to each other in a small panel, so that their names are below it. */
function legend(lines: readonly PanelLine[]): string {
	if (lines.length < 2) return '';
	return lines
		.map(({ label, band }, i) => {
			const y = HEIGHT + i * LEGEND_ROW + 6;
			const text = `${excerpt(label, LONGEST_NAME - 8)} ${fixed(band.mean.at(-1), 2)}`;
			return `<line x1="${LEFT}" x2="${LEFT + 26}" y1="${y}" y2="${y}" class="curve"${dashAttribute(i)}/><text x="${LEFT + 32}" y="${y + 4}">${escapeMarkup(text)}</text>`;
		})
		.join('');
}
