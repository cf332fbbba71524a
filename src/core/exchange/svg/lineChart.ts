/** A line chart as an SVG file for papers and slides: vector lines, text as text, readable without the page. Pure. */
import { escapeMarkup } from '../../format/markup.ts';
import { linearScale, type LinearScale } from '../../math/linearScale.ts';

export interface ChartLine {
	label: string;
	/** Any SVG colour. */
	color: string;
	/** Lengths of dashes and gaps; absent for a solid line. */
	dash?: string;
	points: readonly (readonly [x: number, y: number])[];
	/** Interval of each point, by index; absent if there is none. */
	intervals?: readonly (readonly [low: number, high: number])[];
}

export interface LineChart {
	title: string;
	xLabel: string;
	lines: readonly ChartLine[];
	/** Values that the y axis always includes. */
	reach: readonly number[];
}

/** Units of the SVG's own coordinates. */
const WIDTH = 640;
const HEIGHT = 360;
const PLOT = { left: 56, right: 500, top: 40, bottom: 312 } as const;
/** Units between the labels at the lines' ends. */
const LABEL_GAP = 16;
const INK = '#1a1b1e';
const QUIET = '#63656a';
const HAIR = '#dfdcd3';

export function lineChartSvg({ title, xLabel, lines, reach }: LineChart): string {
	const drawn = lines.map(finite).filter(({ points }) => points.length > 0);
	const xs = drawn.flatMap(({ points }) => points.map(([x]) => x));
	const ys = drawn.flatMap(({ points, intervals = [] }) => [
		...points.map(([, y]) => y),
		...intervals.flat(),
	]);
	const { ticks: xTicks, at: x } = linearScale([0, ...xs], PLOT.left, PLOT.right);
	const { ticks: yTicks, at: y } = linearScale([...reach, ...ys], PLOT.bottom, PLOT.top);
	const ends = endLabels(drawn, y);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
		text(PLOT.left, 24, title, { size: 14, fill: INK }),
		...yTicks.map((tick) => grid(y(tick)) + text(PLOT.left - 8, y(tick) + 4, label(tick), { anchor: 'end' })),
		...xTicks.map((tick) => text(x(tick), PLOT.bottom + 18, label(tick), { anchor: 'middle' })),
		text((PLOT.left + PLOT.right) / 2, HEIGHT - 10, xLabel, { anchor: 'middle' }),
		...drawn.map((line) => path(line, x, y)),
		...drawn.map(({ label, color }, i) => text(PLOT.right + 10, ends[i] ?? 0, label, { fill: color })),
		'</svg>',
		'',
	].join('\n');
}

/** Without the points that are not numbers, with their intervals. */
function finite(line: ChartLine): ChartLine {
	const kept = line.points.map((point, i) =>
		[...point, ...(line.intervals?.[i] ?? [])].every(Number.isFinite),
	);
	const { intervals } = line;
	return {
		...line,
		points: line.points.filter((_, i) => kept[i]),
		...(intervals === undefined ? {} : { intervals: intervals.filter((_, i) => kept[i]) }),
	};
}

type Place = LinearScale['at'];

function path({ points, color, dash, intervals = [] }: ChartLine, x: Place, y: Place): string {
	const d = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${n(x(px))} ${n(y(py))}`).join('');
	const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
	const whiskers = intervals
		.map(([low, high], i) => `M${n(x(points[i]?.[0] ?? 0))} ${n(y(low))}V${n(y(high))}`)
		.join('');
	return (
		`<path d="${d}" fill="none" stroke="${color}" stroke-width="1.8"${dashes}/>` +
		(whiskers === '' ? '' : `<path d="${whiskers}" fill="none" stroke="${color}" stroke-width="1.2"/>`)
	);
}

/** Heights of the labels, at the ends of their lines, pushed apart from the top down. */
function endLabels(lines: readonly ChartLine[], y: Place): number[] {
	const wanted = lines.map(({ points }, i) => ({ i, at: y(points.at(-1)?.[1] ?? 0) + 4 }));
	const places: number[] = [];
	let free = -Infinity;
	for (const { i, at } of wanted.toSorted((a, b) => a.at - b.at)) {
		places[i] = Math.max(at, free);
		free = places[i] + LABEL_GAP;
	}
	return places;
}

const grid = (at: number): string =>
	`<path d="M${PLOT.left} ${n(at)}H${PLOT.right}" stroke="${HAIR}" fill="none"/>`;

function text(
	x: number,
	y: number,
	content: string,
	{ anchor = 'start', size = 12, fill = QUIET }: { anchor?: string; size?: number; fill?: string },
): string {
	return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" font-size="${size}" fill="${fill}">${escaped(content)}</text>`;
}

/** Coordinates with one decimal: a tenth of a unit is less than a pixel. */
const n = (value: number): string => String(Math.round(value * 10) / 10);
/** Ticks are multiples of a round step; the sum of steps has rounding errors. */
const label = (tick: number): string => String(Number(tick.toPrecision(6))).replace('-', '−');

/** XML has no place for control characters. */
const escaped = (content: string): string => escapeMarkup(content.replace(/[^\P{Cc}\t\n]/gu, ''));
