/** A results table in LaTeX, for a document that loads the package booktabs. */
import { changeText, intervalText, progressText, tableCaption } from './words.ts';
import type { GridTable, TableEntry } from './table.ts';

export function tableLatex(table: GridTable): string {
	const { rowTitle, columnTitle, columns, rows } = table;
	const span =
		columnTitle === null
			? []
			: [
					` & \\multicolumn{${columns.length}}{c}{${latexText(columnTitle)}} \\\\`,
					`\\cmidrule(lr){2-${columns.length + 1}}`,
				];
	return [
		'% \\usepackage{booktabs}',
		'\\begin{table}',
		'\\centering',
		`\\caption{${latexText(tableCaption(table))}}`,
		`\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
		'\\toprule',
		...span,
		line([rowTitle, ...columns].map(latexText)),
		'\\midrule',
		...rows.map(({ label, entries }) => line([latexText(label), ...entries.map(entryText)])),
		'\\bottomrule',
		'\\end{tabular}',
		'\\end{table}',
		'',
	].join('\n');
}

/** The braces keep a label in brackets from being read as an option of the line before it. */
function line([first = '', ...cells]: readonly string[]): string {
	return `{}${first} & ${cells.join(' & ')} \\\\`;
}

function entryText(entry: TableEntry): string {
	const { change, rank } = entry;
	const progress = progressText(entry);
	if (change === null) return latexText(progress || '–');
	const value = latexText(changeText(change));
	const strong = rank === 'best' ? `\\textbf{${value}}` : value;
	const mark = rank === 'equal' ? '$\\approx$ ' : '';
	const beside = [intervalText(change), progress].filter(Boolean).join('; ');
	return `${mark}${strong} {\\scriptsize (${latexText(beside)})}`;
}

const SIGNS: Readonly<Record<string, string>> = {
	'\\': '\\textbackslash{}',
	'{': '\\{',
	'}': '\\}',
	'#': '\\#',
	$: '\\$',
	'%': '\\%',
	'&': '\\&',
	_: '\\_',
	'~': '\\textasciitilde{}',
	'^': '\\textasciicircum{}',
	'<': '\\textless{}',
	'>': '\\textgreater{}',
	'|': '\\textbar{}',
	'"': "''",
	'−': '$-$',
	'–': '--',
	'—': '---',
	'…': '\\ldots{}',
	'’': "'",
	'‘': '`',
	'“': '``',
	'”': "''",
	'≈': '$\\approx$',
	'≤': '$\\leq$',
	'≥': '$\\geq$',
	'×': '$\\times$',
	α: '$\\alpha$',
	β: '$\\beta$',
	γ: '$\\gamma$',
	ε: '$\\epsilon$',
	λ: '$\\lambda$',
	π: '$\\pi$',
	σ: '$\\sigma$',
	τ: '$\\tau$',
};

/** Text that every LaTeX engine sets as it is; a sign that some of them do not know becomes its code point, "(U+4E00)". */
export function latexText(text: string): string {
	return Array.from(text.replace(/\s/g, ' '), (sign) => {
		const known = Object.hasOwn(SIGNS, sign) ? SIGNS[sign] : undefined;
		if (known !== undefined) return known;
		const code = sign.codePointAt(0) ?? 0;
		// ASCII and the letters of Latin-1 and Latin Extended-A.
		const isLetter = code >= 0x20 && code < 0x7f;
		if (isLetter || (code >= 0xc0 && code < 0x180 && code !== 0xd7 && code !== 0xf7)) return sign;
		return `(U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
	}).join('');
}
