/** Writes settings as YAML that people read: one entry a line, with comments. Parsers of YAML 1.1 and 1.2 read the same values. */

export type YamlValue = string | number | boolean | null | readonly string[] | readonly number[];

/** An entry with a comment after it, or a mapping below its name. */
export interface YamlEntry {
	name: string;
	value: YamlValue | readonly YamlEntry[];
	comment?: string;
}

export function writeYaml(entries: readonly YamlEntry[], indent = ''): string {
	return entries
		.map(({ name, value, comment }) => {
			const after = comment === undefined ? '' : `  # ${comment}`;
			if (isMapping(value)) return `${indent}${name}:${after}\n${writeYaml(value, `${indent}  `)}`;
			return `${indent}${name}: ${text(value)}${after}\n`;
		})
		.join('');
}

function isMapping(value: YamlEntry['value']): value is readonly YamlEntry[] {
	return Array.isArray(value) && typeof value[0] === 'object';
}

function text(value: YamlValue | readonly YamlEntry[]): string {
	if (Array.isArray(value)) return `[${value.map((one: string | number) => text(one)).join(', ')}]`;
	if (typeof value === 'number') return numberText(value);
	// JSON's texts are YAML's quoted texts.
	return JSON.stringify(value);
}

/** YAML 1.1 reads a number with an exponent as a text if it has no point: `1e-8`. */
function numberText(value: number): string {
	const written = String(value);
	return /^-?\d+e/.test(written) ? written.replace('e', '.0e') : written;
}
