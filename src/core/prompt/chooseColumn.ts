/** Chooses the column of a table that holds the prompts, by its name and its content. */
import { columnKey } from '../format/columnKey.ts';
import { isNumber } from '../format/table.ts';

/** Words in names of columns that hold requests. */
const REQUEST_WORDS: ReadonlySet<string> = new Set([
	...[
		'prompt',
		'prompts',
		'instruction',
		'instructions',
		'question',
		'questions',
		'query',
		'request',
		'task',
	],
	...['text', 'input', 'user', 'human', 'message', 'problem', 'ask'],
	...[
		'aufgabe',
		'frage',
		'anweisung',
		'eingabe',
		'anfrage',
		'consigne',
		'tâche',
		'pregunta',
		'tarea',
		'domanda',
	],
	...[
		'compito',
		'pergunta',
		'tarefa',
		'vraag',
		'opdracht',
		'fråga',
		'pytanie',
		'zadanie',
		'вопрос',
		'задание',
	],
	...['问题', '指令', '提示', '質問', '指示', '질문', '지시'],
]);

/** Words in names of columns that hold anything else. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
	...['id', 'nr', 'no', 'num', 'number', 'index', 'idx', 'key', 'uuid', 'hash', 'date', 'time', 'timestamp'],
	...['answer', 'answers', 'response', 'output', 'completion', 'reply', 'solution', 'reference', 'target'],
	...[
		'chosen',
		'rejected',
		'label',
		'score',
		'rating',
		'rank',
		'category',
		'topic',
		'kind',
		'type',
		'tag',
		'tags',
	],
	...[
		'source',
		'url',
		'link',
		'model',
		'language',
		'lang',
		'split',
		'author',
		'title',
		'comment',
		'note',
		'system',
	],
	...[
		'antwort',
		'lösung',
		'réponse',
		'respuesta',
		'risposta',
		'resposta',
		'thema',
		'kategorie',
		'quelle',
		'ответ',
	],
]);

/** Texts of one column. */
export interface Candidate {
	/** Empty if the table names no columns. */
	name: string;
	texts: readonly string[];
}

const share = (texts: readonly string[], test: (text: string) => boolean): number =>
	texts.length === 0 ? 0 : texts.filter(test).length / texts.length;

const isCode = (text: string): boolean =>
	/^\s*(?:https?:\/\/\S+|[\da-f]{8,}(?:-[\da-f]+)*|[\w-]*\d[\w-]*)\s*$/i.test(text) || isDate(text);

/** A date with its time, as forms write it: “2024/01/05 3:14:15 PM GMT+1”. */
const isDate = (text: string): boolean =>
	/^\s*\d/.test(text) && /^(?:[\d\s.,:/+-]|[AP]M|GMT|UTC|[TZ])+$/i.test(text);

/** A longer name is a question of a form, in which any word may be. */
const MOST_WORDS = 4;

function nameScore(name: string): number {
	const words = columnKey(name).split('_');
	if (words.length > MOST_WORDS) return 0;
	if (words.some((word) => OTHER_WORDS.has(word))) return -4;
	return words.some((word) => REQUEST_WORDS.has(word)) ? 4 : 0;
}

/** True for names such as “task text” or “Aufgabe”, and not for “answer to the question”. */
export const isRequestName = (name: string): boolean => nameScore(name) > 0;

/** Prompts are sentences, each another one. */
function contentScore(texts: readonly string[]): number {
	const filled = texts.filter((text) => text.trim() !== '');
	if (filled.length === 0) return -10;
	const words = filled.reduce((sum, text) => sum + Math.min(20, text.trim().split(/\s+/).length), 0);
	const distinct = new Set(filled).size / filled.length;
	const codes = share(filled, (text) => isNumber(text) || isCode(text));
	return Math.min(4, words / filled.length) + distinct + (filled.length / texts.length) * 2 - 8 * codes;
}

/** The index of the column with the prompts; null if no column can hold them. */
export function chooseColumn(columns: readonly Candidate[]): number | null {
	const scores = columns.map(({ name, texts }) => nameScore(name) + contentScore(texts));
	const best = Math.max(...scores);
	return columns.length > 0 && best > -2 ? scores.indexOf(best) : null;
}
