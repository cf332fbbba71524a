/** The page's icons. */
/** Shapes on a 16 × 16 grid; `stroke` and `fill` both use the text's colour. */
export const SHAPES = {
	anchor: {
		stroke:
			'M8 5v10M4.7 7.6h6.6M1.8 9.6c.3 3.3 2.9 5.4 6.2 5.4s5.9-2.1 6.2-5.4M1 11l.8-1.6 1.6.9M15 11l-.8-1.6-1.6.9M10 3a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z',
	},
	play: { fill: 'M4 2.5v11l9-5.5z' },
	pause: { fill: 'M4 3h3v10H4zM9.5 3h3v10h-3z' },
	step: { fill: 'M2.5 2.5v11l7-5.5zM11 3h2.6v10H11z' },
	stop: { fill: 'M3 3h10v10H3z' },
	check: { stroke: 'M2.5 8.5 6.2 12.3 13.5 3.8', width: 2.2 },
	cross: { stroke: 'M3.5 3.5l9 9M12.5 3.5l-9 9', width: 2.2 },
	about: { stroke: 'M2 9c2-3.4 4-3.4 6-1s4 2.4 6-1', width: 2.2 },
	arrow: { stroke: 'M1.5 8h12M9.5 4l4 4-4 4', width: 1.8 },
	chevron: { stroke: 'M3.5 6l4.5 4.5L12.5 6', width: 1.8 },
	pencil: { stroke: 'M2.5 13.5l.8-3.3 7.7-7.7 2.5 2.5-7.7 7.7z', width: 1.5 },
	minus: { stroke: 'M3 8h10', width: 1.8 },
	slash: { stroke: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM3.8 12.2l8.4-8.4', width: 1.5 },
	ring: { stroke: 'M13.5 8a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0Z', width: 1.7 },
	dot: { fill: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z' },
	alert: {
		fill: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1ZM7.1 3.8v5h1.8v-5zM7.1 10.3v1.9h1.8v-1.9z',
		rule: 'evenodd',
	},
	theme: { stroke: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z', fill: 'M8 2a6 6 0 0 1 0 12z' },
	share: { stroke: 'M8 10V1.8M4.8 4.9 8 1.7l3.2 3.2M2.5 7.5V14h11V7.5', width: 1.4 },
	present: { stroke: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4', width: 1.5 },
	size: { stroke: 'M1.5 13 5.2 3.5 9 13M2.8 10h4.8M10 13l2.4-6 2.4 6M10.8 11.2h3.2', width: 1.4 },
} as const satisfies Record<string, { stroke?: string; fill?: string; width?: number; rule?: 'evenodd' }>;
export type IconName = keyof typeof SHAPES;
