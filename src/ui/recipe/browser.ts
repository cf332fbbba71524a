/** A browser's name and version in words. Display only; no code depends on it. */
export function browserName(userAgent: string): string {
	const system = userAgent.includes('Windows')
		? ' on Windows'
		: userAgent.includes('Android')
			? ' on Android'
			: /iPhone|iPad/.test(userAgent)
				? ' on iOS'
				: userAgent.includes('Mac OS')
					? ' on a Mac'
					: userAgent.includes('Linux')
						? ' on Linux'
						: '';
	const found = /(Edg|Firefox|Chrome|Version)\/(\d+)/.exec(userAgent);
	const names: Readonly<Record<string, string>> = { Edg: 'Edge', Version: 'Safari' };
	return found === null
		? `This browser${system}`
		: `${names[found[1] ?? ''] ?? found[1] ?? ''} ${found[2] ?? ''}${system}`;
}
