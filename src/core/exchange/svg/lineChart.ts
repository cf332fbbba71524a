/** A line chart as an SVG file for papers and slides: vector lines, text as text, readable without the page. Pure. */

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
	const [xTicks, yTicks] = [ticks([0, ...xs]), ticks([...reach, ...ys])];
	const x = axis(xTicks, PLOT.left, PLOT.right);
	const y = axis(yTicks, PLOT.bottom, PLOT.top);
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

type Place = (value: number) => number;

/** Three to seven round values that contain all the given ones. */
export function ticks(values: readonly number[]): number[] {
	const finite = values.filter(Number.isFinite);
	const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
	const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
	if (finite.length === 0) return [0, 1];
	const span = high > low ? high - low : Math.max(1, Math.abs(high));
	const rough = 10 ** Math.floor(Math.log10(span / 4));
	const step = [1, 2, 5, 10].map((factor) => factor * rough).find((size) => span / size <= 5) ?? rough * 10;
	const first = Math.floor(low / step);
	const last = Math.max(first + 1, Math.ceil(high / step));
	return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function axis(marks: readonly number[], from: number, to: number): Place {
	const [first = 0, last = 1] = [marks[0], marks.at(-1)];
	return (value) => from + ((value - first) / (last - first)) * (to - from);
}

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

/** Run names and labels are data: in a file that a browser opens they must stay text. */
const escaped = (content: string): string =>
	content
		.replace(/[^\P{Cc}\t\n]/gu, '')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');
