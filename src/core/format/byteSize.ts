/** Sizes in words. MB is 10⁶ bytes everywhere, as on hubs and in file managers of most systems. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 812 B · 41 kB · 3.2 MB · 269 MB · 41 GB */
export function byteSize(bytes: number): string {
	let rest = bytes;
	let unit = 0;
	// 999.6 MB rounds to 1000 MB, which is 1.0 GB.
	while (rest >= 999.5 && unit < UNITS.length - 1) {
		rest /= 1000;
		unit++;
	}
	return `${rest.toFixed(rest < 10 && unit > 0 ? 1 : 0)} ${UNITS[unit] ?? ''}`;
}
