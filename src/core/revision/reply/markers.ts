/** The markers that request.ts asks for, as patterns of all the ways in which models write them. */

/** `_`, space, hyphen or Markdown's escaped `\_` between the words of a marker; nothing in camelCase. */
export const GAP = String.raw`(?:\\?_|[ \t-]){0,3}`;
const OWNER = String.raw`(?:['’]?s)?`;

/** Sources of patterns without flags; all ignore case. */
export const SOLUTION = ['corrected', `student${OWNER}`, 'solution'].join(GAP);
export const REASONING = [`teacher${OWNER}`, 'reasoning'].join(GAP);
/** The request's marker of the answer that is to be revised. */
export const ORIGINAL = [`(?:original${GAP})?student${OWNER}`, 'solution'].join(GAP);

/** A marker that is left in a text. */
export const LEFT_OVER_MARKER = /(?:corrected[_ ]student[_ ]solution|student_solution|teacher_reasoning)/i;

/** The solution's marker as a key of JSON, without signs and in lower case. */
export const SOLUTION_KEY = 'correctedstudentsolution';
