/** A browser's name and version in words, for pages that say what it lacks. Display only; nothing is decided by it. */
export function browserName(userAgent: string): string {
	const system = /Windows/.test(userAgent)
		? ' on Windows'
		: /Android/.test(userAgent)
			? ' on Android'
			: /iPhone|iPad/.test(userAgent)
				? ' on iOS'
				: /Mac OS/.test(userAgent)
					? ' on a Mac'
					: /Linux/.test(userAgent)
						? ' on Linux'
						: '';
	const found = /(Edg|Firefox|Chrome|Version)\/(\d+)/.exec(userAgent);
	const names: Readonly<Record<string, string>> = { Edg: 'Edge', Version: 'Safari' };
	return found === null
		? `This browser${system}`
		: `${names[found[1] ?? ''] ?? found[1] ?? ''} ${found[2] ?? ''}${system}`;
}
