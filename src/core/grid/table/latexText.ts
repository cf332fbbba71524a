/** Text for LaTeX, as pdflatex sets it without any package. */

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
	'–': '--',
	'—': '---',
	'…': '\\ldots{}',
	'’': "'",
	'‘': '`',
	'“': '``',
	'”': "''",
	'²': '$^2$',
	'³': '$^3$',
	// Greek letters that look like Latin ones have no command.
	ο: 'o',
};

/** Signs by the command of mathematics that draws them. */
const MATHS: Readonly<Record<string, string>> = {
	'−': '-',
	'±': '\\pm',
	'×': '\\times',
	'÷': '\\div',
	'·': '\\cdot',
	'≈': '\\approx',
	'≠': '\\neq',
	'≤': '\\leq',
	'≥': '\\geq',
	'→': '\\rightarrow',
	'⇒': '\\Rightarrow',
	'∞': '\\infty',
	'√': '\\surd',
	'∂': '\\partial',
	'‖': '\\|',
	'′': "'",
	µ: '\\mu',
	α: '\\alpha',
	β: '\\beta',
	γ: '\\gamma',
	δ: '\\delta',
	ε: '\\epsilon',
	ζ: '\\zeta',
	η: '\\eta',
	θ: '\\theta',
	ι: '\\iota',
	κ: '\\kappa',
	λ: '\\lambda',
	μ: '\\mu',
	ν: '\\nu',
	ξ: '\\xi',
	π: '\\pi',
	ρ: '\\rho',
	σ: '\\sigma',
	τ: '\\tau',
	υ: '\\upsilon',
	φ: '\\phi',
	χ: '\\chi',
	ψ: '\\psi',
	ω: '\\omega',
	Γ: '\\Gamma',
	Δ: '\\Delta',
	Θ: '\\Theta',
	Λ: '\\Lambda',
	Ξ: '\\Xi',
	Π: '\\Pi',
	Σ: '\\Sigma',
	Φ: '\\Phi',
	Ψ: '\\Psi',
	Ω: '\\Omega',
};

/** Letters of Latin-1 and Latin Extended-A that LaTeX's default encoding, OT1, lacks. */
const NOT_IN_OT1 = 'ÐÞðþĄąĐđĘęĦħĮįĸĿŀŉŊŋŦŧŲųſ';

/** A sign that pdflatex does not know becomes its code point, "(U+4E00)". */
export function latexText(text: string): string {
	return Array.from(text.replace(/\s/g, ' '), (sign) => {
		if (Object.hasOwn(SIGNS, sign)) return SIGNS[sign];
		if (Object.hasOwn(MATHS, sign)) return `$${MATHS[sign]}$`;
		return isLetter(sign) ? sign : codePoint(sign);
	}).join('');
}

function isLetter(sign: string): boolean {
	const code = sign.codePointAt(0) ?? 0;
	if (code < 0x7f) return code >= 0x20;
	return code >= 0xc0 && code < 0x180 && !NOT_IN_OT1.includes(sign);
}

function codePoint(sign: string): string {
	const code = sign.codePointAt(0) ?? 0;
	return `(U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}
