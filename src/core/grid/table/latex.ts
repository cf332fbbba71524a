/** A results table in LaTeX, for a document that loads the packages booktabs and graphicx. */
import { latexText } from './latexText.ts';
import type { GridTable, TableEntry, TableRow } from './table.ts';
import { belowTexts, changeText, exportedCaption, progressText } from './words.ts';

/** A table that is wider than the text is scaled down to it. */
const SCALED = '\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%';

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
		'% \\usepackage{booktabs,graphicx}',
		'\\begin{table}',
		'\\centering',
		`\\caption{${latexText(exportedCaption(table))}}`,
		// The classes of LaTeX leave no space below a caption.
		'\\smallskip',
		SCALED,
		`\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
		'\\toprule',
		...span,
		line([rowTitle, ...columns].map(latexText)),
		'\\midrule',
		rows.map(rowText).join('\n\\addlinespace\n'),
		'\\bottomrule',
		'\\end{tabular}}',
		'\\end{table}',
		'',
	].join('\n');
}

/** The changes, and in a second line the interval of each. */
function rowText({ label, entries }: TableRow): string {
	const first = line([latexText(label), ...entries.map(valueText)]);
	const below = entries.map(belowText);
	return below.every((text) => text === '') ? first : `${first}\n${line(['', ...below])}`;
}

/** The braces keep a label in brackets from being read as an option of the line before it. */
function line([first = '', ...cells]: readonly string[]): string {
	return `{}${first} & ${cells.join(' & ')} \\\\`;
}

function valueText(entry: TableEntry): string {
	const { change, rank } = entry;
	if (change === null) return latexText(progressText(entry) || '–');
	const value = latexText(changeText(change));
	const mark = rank === 'equal' ? '$\\approx$ ' : '';
	return rank === 'best' ? `\\textbf{${value}}` : `${mark}${value}`;
}

function belowText(entry: TableEntry): string {
	if (entry.change === null) return '';
	return `{\\scriptsize ${latexText(belowTexts(entry).join('; '))}}`;
}
