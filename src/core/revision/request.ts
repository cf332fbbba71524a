/**
 * CLAIR's request: one user message that makes the reviser a teacher who improves a student's answer as
 * little as possible. The wording follows arXiv 2408.06266, section 3 and appendix; the markers in braces
 * structure the reply for replyParser.ts.
 */
import type { Message } from '../output/output.ts';

const HEAD =
	'You are a teacher and your task is to minimally improve a student’s answer. I will give you a {task} and a ' +
	'{student_solution}. Your job is to revise the {student_solution} such that it is clearer, more correct, and more ' +
	'engaging. Copy all parts of the student’s answer that need no correction. Do not mention that the ' +
	'{corrected_student_solution} is a revision or a correction in your final solution.';
const TASK = '\n\n{task}: ';
const SOLUTION = '\n\n{student_solution}: ';
const TAIL =
	'\n\n-----------------\n\nLet’s first think step by step with a {teacher_reasoning} to decide how to improve the ' +
	'{student_solution}, then give the {corrected_student_solution}. Mention the {teacher_reasoning} and ' +
	'{corrected_student_solution} identifiers to structure your answer.';

/** Builds the request for one output, as the messages of a chat. */
export function revisionRequest(prompt: string, output: string): Message[] {
	return [{ role: 'user', content: HEAD + TASK + prompt + SOLUTION + output + TAIL }];
}

export interface RevisionTask {
	prompt: string;
	output: string;
}

/**
 * For the embedded reviser: extracts the prompt and output from a request of {@link revisionRequest}; null
 * for any other text. Cuts a prompt short if it contains the solution's marker on a line of its own.
 */
export function readRevisionRequest(messages: readonly Message[]): RevisionTask | null {
	const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
	if (!content.startsWith(HEAD + TASK) || !content.endsWith(TAIL)) return null;
	const middle = content.slice(HEAD.length + TASK.length, content.length - TAIL.length);
	const border = middle.indexOf(SOLUTION);
	if (border < 0) return null;
	return { prompt: middle.slice(0, border), output: middle.slice(border + SOLUTION.length) };
}

/** For the embedded reviser: writes a reply in the requested form. */
export function revisionReply(reasoning: string, revised: string): string {
	return `{teacher_reasoning}: ${reasoning}\n\n{corrected_student_solution}: ${revised}`;
}
