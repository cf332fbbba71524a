/**
 * Functions that read text from outside take time in proportion to its length. The tests compare the growth of the
 * time to ten times the length, never the time itself: linear work grows tenfold, quadratic work a hundredfold.
 */
import { describe, expect, test } from 'vitest';
import { compiledFor } from '#tests/support/compiledLibrary.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { SIGNS } from '#tests/support/signs.ts';
import { growth, MOST_GROWTH } from '#tests/support/growth.ts';
import { parseBaseUrl, shown } from '#runtime/endpoint/address.ts';
import { webLlmFolder } from '#runtime/models/fileCache.ts';
import { openDiskModel } from '#runtime/models/disk/diskModel.ts';
import { readHub, readHubAddress } from '#runtime/models/hub/address.ts';
import { weightsOf } from '#runtime/models/libraries/libraryView.ts';
import { isServerAddress } from '#runtime/models/places/serverPlace.ts';
import { nextPage, readTree } from '#runtime/models/hub/listing.ts';
import { startOf, versionOf } from '#runtime/models/transfer/answer.ts';
import { ReplyReader } from '#runtime/endpoint/streamReader.ts';
import { chatRenderer } from '#runtime/tokenizer/chatTemplate.ts';
import { strftime } from '#runtime/tokenizer/strftime.ts';
import { readServerError } from '#runtime/endpoint/words.ts';
import { handleChatCompletions } from '#runtime/endpoint/embedded.ts';
import { explainWebLlm } from '#runtime/webllm/webGpu.ts';
import { huggingFaceName } from '#core/checkpoint/gguf/tensorNames.ts';
import { fileStem } from '#core/exchange/export.ts';
import { readLibraries } from '#core/model/compiledLibrary.ts';
import { wantedModel } from '#core/model/keptId.ts';
import { modelForms, quantizationOf } from '#core/checkpoint/modelForms.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { setOfFile } from '#core/pair/set/fromFile.ts';
import { cleanName } from '#core/text/name.ts';
import { readSetFacts } from '#core/pair/set/setColumns.ts';
import { expectNoPage } from '#core/format/expectRows.ts';
import { parseJson } from '#core/format/json.ts';
import { readGridLink } from '#core/grid/link.ts';
import { isRangeText } from '#core/grid/range.ts';
import { latexText } from '#core/grid/table/latexText.ts';
import { markdownText } from '#core/grid/table/markdown.ts';
import { withSetting } from '#core/grid/setting.ts';
import { markdownTable } from '#core/format/markdownTable.ts';
import { yamlRows } from '#core/format/yamlRows.ts';
import { tokenize } from '#core/loss/expression/parse/tokens.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';
import { questionKey } from '#core/prompt/overlap.ts';
import { readTurns } from '#core/prompt/turns.ts';
import { publicAddress } from '#core/recipe/endpoint.ts';
import { readModelName } from '#core/recipe/endpointModel.ts';
import { readRecipeLink } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { startOfKeyCutter } from '#core/text/keyStart.ts';
import { redactor, withoutKeyForms } from '#core/text/redact.ts';
import { diffWords, levenshtein, tokenJaccard } from '#core/revision/measures.ts';
import { castMember } from '#core/cast/registry.ts';
import { judgeRequest, readJudgeRequest } from '#core/judgement/request.ts';
import { parseVerdict } from '#core/judgement/verdict.ts';
import { parseReply } from '#core/revision/replyParser.ts';
import { revisionRequest } from '#core/revision/request.ts';
import { instructions } from '#core/world/instructions/instructions.ts';
import { reviseAnswer, scoreAnswer } from '#core/world/registry.ts';
import { excerpt } from '#core/text/wording.ts';
import { isItemList, itemsOf, wordsOf } from '#core/world/tiny/text.ts';
import { markReasoning } from '#ui/views/revision/marks.ts';
import { inPageWords } from '#ui/grid/pageWords.ts';

/** Characters. */
const SIZES = { small: 2000, large: 20_000 };

const times = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length));

type Reader = (text: string) => unknown;

/** Null for a template that is refused. */
function renderedTemplate(text: string): string | null {
	try {
		return chatRenderer(text, { tokens: {}, file: 'x' })([], true);
	} catch {
		return null;
	}
}

const MARKER = '{corrected_student_solution}: ';
const ANSWER = 'A spider has eight legs and it lives in a web.';
const SUM = 'Add: 17 + 26.';
const LIST = 'List three fruits. Start with plum.';

const TARGET = { baseUrl: new URL('http://x/v1'), model: 'm', hasKey: false, redact: (text: string) => text };

/** A prompt of each family of instructions. */
const INSTRUCTIONS = [
	...instructions.prompts({ count: instructions.families.length, seed: 1, split: 'train' }),
	...instructions.prompts({ count: instructions.untouched.length, seed: 1, split: 'untouched' }),
].map(({ text }) => text);

const LIBRARY = compiledFor(SMALL_MODEL);
const recordOf = (name: string) => ({
	...{ name, shape: [2], dtype: 'float16', format: 'raw', nbytes: 4, byteOffset: 0 },
});

/** A reader of any text, or one of texts that these signs make up. */
const READERS: Readonly<Record<string, Reader | { read: Reader; signs: readonly string[] }>> = {
	'a judge’s reply': parseVerdict,
	'a judge’s reply after a label': (text) => parseVerdict(`Verdict: ${text}`),
	'a judge’s request': (text) => readJudgeRequest(judgeRequest({ prompt: text, a: text, b: text })),
	'a name of the cast': castMember,
	'a reply': (text) => parseReply(text, ANSWER),
	'the answer in a reply': (text) => parseReply(`${MARKER}${text}`, ANSWER),
	'words after the answer': (text) => parseReply(`${MARKER}${ANSWER}\n\n${text}`, ANSWER),
	'a marker that does not end': (text) => parseReply(`{corrected_student_solution${text}`, ANSWER),
	'an original answer': (text) => parseReply(`${MARKER}${ANSWER}`, text),
	'the question of a prompt': questionKey,
	'words of a text': wordsOf,
	'items of a text': (text) => [itemsOf(text), isItemList(text), excerpt(text)],
	'the score of a sum': (text) => scoreAnswer(SUM, text),
	'the score of a list': (text) => scoreAnswer(LIST, text),
	'the repair of a list': (text) => reviseAnswer(LIST, text, 1),
	'a prompt of the world': (text) => scoreAnswer(text, 'x'),
	'the scores of instructions': (text) => INSTRUCTIONS.map((prompt) => scoreAnswer(prompt, text)),
	'words in common': (text) => tokenJaccard(text, `${text}x`),
	'the edit distance': (text) => levenshtein(text, `x${text.slice(9)}x`),
	'the word diff': (text) => diffWords(text, `x${text.slice(9)}x`),
	'quotations in the reasoning': (text) =>
		markReasoning(text, [
			{ kind: 'removed', text },
			{ kind: 'added', text: `b ${text}` },
		]),
	'a request to the embedded reviser': (text) =>
		handleChatCompletions(
			new Request('http://x/v1/chat/completions', {
				method: 'POST',
				body: JSON.stringify({ model: 'embedded-reviser', messages: revisionRequest(SUM, text) }),
			}),
		),
	'a server’s message': (text) => [shown(text), readServerError(text)],
	'a reply of lines of JSON': (text) => {
		const reader = new ReplyReader(TARGET, 1);
		reader.push(`{}${text}`);
		return reader.end();
	},
	'keys in a text': withoutKeyForms,
	'the key in a text': {
		signs: ['amber-falcon-9021 ', 'YW1iZXI', '%25', 'amber-', ' '],
		read: redactor('amber-falcon-90210'),
	},
	'an error of WebLLM': (text) => explainWebLlm(new Error(`requested ${text}`), 'm'),
	'a file of pairs': (text) => readPairs('pairs.jsonl', text),
	'a row of pairs': (text) =>
		readPairs(
			'pairs.jsonl',
			`{"chosen": ${JSON.stringify(text)}, "rejected": ${JSON.stringify(`${text}x`)}}`,
		),
	'the name of a set': (text) => [
		cleanName(text),
		setOfFile({ source: text, pairs: [] }),
		readSetFacts({ set: { name: text, origins: [{ name: text }] } }),
	],
	'a prompt list': (text) => readPrompts('prompts.txt', text),
	'a table of prompts': (text) => readPrompts('prompts.csv', `id,prompt\n1,${text}`),
	'the name of a file': (text) => [readPrompts(text, 'x'), fileStem(text)],
	'a tensor’s name': (text) => [huggingFaceName(text), huggingFaceName(`blk.${text}`)],
	'a loss expression': tokenize,
	'a base URL': (text) => [parseBaseUrl(text), parseBaseUrl(`https://x/${text}`)],
	'a pasted setting of an endpoint': {
		signs: [
			'base_url',
			'base_url="',
			'base_url=',
			'baseurl: ',
			'a',
			'/',
			' ',
			'.',
			'model=',
			'https://huggingface.co/',
		],
		read: (text) => [publicAddress(text), publicAddress(`base_url="${text}`), readModelName(text)],
	},
	'the folder of a model': webLlmFolder,
	'the file of a compiled library': (text) =>
		readLibraries({
			schema: 1,
			libraries: [
				{ ...LIBRARY, file: text },
				{ ...LIBRARY, sha256: text },
			],
		}),
	'the names of a folder’s records': (text) =>
		weightsOf(
			{ quantization: 'q0f16' },
			{ records: [{ dataPath: 'a', nbytes: 0, records: [recordOf(text)] }] },
		),
	'the id of a kept model, from a recipe': (text) => [
		wantedModel(`disk:${text}@0123456789abcdef:${text}`),
		wantedModel(`${text}@${'0'.repeat(40)}:${text}`),
		wantedModel(`https://x.test/${text}`),
	],
	'an address on a server': (text) => [isServerAddress(`https://x.test/${text}/`), isServerAddress(text)],
	'the name of a repository': (text) => [readHubAddress(`owner/name${text}`), readHubAddress(text)],
	'the address of a hub': (text) => [readHub(`https://x/${text}`), readHub(text)],
	'a page of a repository’s files': (text) => [
		nextPage(text),
		nextPage(`<${text}>; rel="next"`),
		readTree([{ type: 'file', path: text, size: 1 }], 'x'),
	],
	'the names of a model’s files': (text) => [
		modelForms([{ path: `${text}.gguf`, size: 1 }]),
		quantizationOf(text),
		openDiskModel([{ path: text, file: new Blob() }]).catch(() => null),
	],
	'the headers of a part': (text) => {
		const headers = { get: () => text };
		const response = { status: 206, headers } as unknown as Response;
		return [startOf(response, 1, 2), versionOf(response)];
	},
	'a recipe link': (text) => readRecipeLink(`#recipe=${text}`),
	'a link with a grid': (text) => readGridLink(`#grid=${text}`),
	'a fault of a grid': (text) => inPageWords(text, new Map([[text, 'a']])),
	'a results table as text': (text) => [latexText(text), markdownText(text)],
	'objects on one line': {
		signs: ['{"prompt": "a", "chosen": "b"}', '{"a": 1}\n{"a":', '[{"a": "', '[\\"\n'],
		read: (text) => [readPairs('pairs.jsonl', text), readPrompts('prompts.jsonl', text)],
	},
	'lists under keys': {
		signs: ['"a": [{"b": 1}], ', '"a": {"b": [{"c": 1}], "d": []}, ', '"a": [\n'],
		read: (text) => readPairs('pairs.json', `{${text}"z": []}`),
	},
	'a page in place of a file': {
		signs: ['<!---->', '<!-- -->\n', '<html><title>', '<title', '\n', '<?xml '],
		read: (text) => {
			expectNoPage(text, 'x');
			expectNoPage(`<html><title>${text}`, 'x');
		},
	},
	'a chat template': {
		signs: ['{{ x }}', ' ', ' \n', '{% if x %}', '{{ "', '{#', 'a{'],
		read: renderedTemplate,
	},
	'the date of a chat template': (text) => strftime(new Date(0), text),
	'turns of a conversation': (text) => readTurns(`Human: a${text}b\n\nAssistant: ${text}`),
	'comments of JSON': {
		signs: ['// a\n', '/* ', '/* a */', ', ', '",', '/', '[,'],
		read: (text) => [parseJson(`{"a": 1, ${text}`), readPrompts('x.json', `[{"a": ${text}}, //\n`)],
	},
	'a list of YAML': {
		signs: ['- a\n', '- "a', "- 'a''", '- a: b\n', '- |\n', '- >\n', '  a\n', '\n', '# ', '- "\\', 'a:'],
		read: (text) => yamlRows(`- a\n${text}`),
	},
	'a file of code': {
		signs: ['# a\n', 'a = ', '["a", ', "['a', ", '// ', ']', ';', '"nbformat"', ' '],
		read: (text) => [readPrompts('x.py', `a = [${text}]`), readPrompts('x.js', text)],
	},
	'a table of Markdown': {
		signs: ['| a ', '|', '|-', '-', ':', '| a | b |\n', '|---|---|\n', '\\|'],
		read: (text) => [markdownTable(`| a |\n|---|\n${text}`), markdownTable(`a | b\n${text}`)],
	},
	'a value of a grid': {
		signs: ['1', '1..', '.', 'e', '_', '"', '('],
		read: (text) => [isRangeText(text), withSetting(DEFAULT_RECIPE, { path: 'objective', value: text })],
	},
	'the start of a key': (text) => startOfKeyCutter('Zq7-amber/falcon-90210')(text),
	'the end of a turn': {
		signs: ['</s>', '</s> <|im_end|>\n', '<s', ' '],
		read: (text) => readTurns(`Human: a\n\nAssistant: a${text}`),
	},
	'parts in parts of a message': {
		signs: ['{"parts":['],
		read: (text) => {
			const deep = `${text}"a"${']}'.repeat(text.length / 10)}`;
			return [readPairs('x.jsonl', `{"chosen":${deep},"rejected":"a"}`), readPrompts('x.jsonl', deep)];
		},
	},
};

describe.each(Object.entries(READERS))('%s', (_name, reader) => {
	const { read, signs } = typeof reader === 'function' ? { read: reader, signs: SIGNS } : reader;
	test('takes linear time', { timeout: 120_000 }, async () => {
		const steep: string[] = [];
		for (const sign of signs) {
			const shapes: readonly ((length: number) => string)[] = [
				(length) => times(sign, length),
				(length) => `a${times(sign, length)}a`,
			];
			for (const make of shapes) {
				const factor = await growth(read, make, SIZES);
				if (factor > MOST_GROWTH) steep.push(`${JSON.stringify(sign)}: ${factor.toFixed(0)}-fold`);
			}
		}
		expect(steep).toEqual([]);
	});
});

test('the measurement sees quadratic work', async () => {
	const trimmed: Reader = (text) => text.replace(/!+$/, '');
	// A pause in the small measurement lowers the factor, so the sizes differ more here: by a factor of four.
	const sizes = { small: SIZES.small / 2, large: SIZES.large * 2 };
	expect(await growth(trimmed, (length) => `${times('!', length / 2)}a`, sizes)).toBeGreaterThan(MOST_GROWTH);
});
