/** Output: the target model's answers as they stream in, with pace and failures by row. A cancel keeps finished answers. */
import {
	emptyText,
	expectText,
	faultOf,
	isRowFault,
	rowFault,
	type RowFault,
} from '#core/batch/rowFaults.ts';
import { fromWire, toWire, type WireError } from '#core/errors.ts';
import { type Message, type Output, outputId, type Sampling } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { ChatModel, ChatReply, PromptReply } from '#core/ports.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { isBatchModel, type BatchModel } from '../engines/computeTarget.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import { Pace } from '../async/pace.ts';
import type { AppPorts } from '../ports.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

export interface OutputRow {
	/** The id that its output has, or will have. */
	id: string;
	prompt: Prompt;
	state: 'waiting' | 'asking' | 'done' | 'failed';
	/** The text so far; the whole answer when done. */
	text: string;
	output: Output | null;
	error: WireError | null;
}

/** Rows of one call, if the model answers many at once. */
const BATCH = 32;

export function messagesFor(prompt: Prompt): readonly Message[] {
	return [{ role: 'user', content: prompt.text }];
}

export class OutputStep implements StepSummary {
	readonly noun = 'output';
	readonly #recipe: () => Recipe;
	readonly #fold: FrameBatcher;
	readonly #pace: Pace;
	readonly #tokenPace: Pace;
	/** The rows as they change; `rows` is their last published state. */
	#working: OutputRow[] = [];

	/** The first answers of all prompts in the prompts' order, then the second ones if the method needs two. Replaced at most once per frame. */
	rows: readonly OutputRow[] = $state.raw([]);
	/** True while the model samples answers. */
	sampling: boolean = $state(false);
	answersPerSecond: number | null = $state(null);
	tokensPerSecond: number | null = $state(null);
	secondsLeft: number | null = $state(null);

	readonly outputs: readonly Output[] = $derived(this.rows.flatMap((row) => row.output ?? []));
	readonly done: number = $derived(this.outputs.length);
	readonly failed: number = $derived(this.rows.filter((row) => row.state === 'failed').length);
	/** Rows that the model cannot answer, by output id, each with its reason. They are not asked again. */
	readonly faults: readonly RowFault[] = $derived(faultsOf(this.rows));
	/** Rows that `sample` would ask about. */
	readonly open: number = $derived(this.rows.length - this.done - this.faults.length);
	/** The row whose answer streams in now. */
	readonly current: OutputRow | null = $derived(this.rows.find((row) => row.state === 'asking') ?? null);
	readonly progress: number = $derived(this.rows.length === 0 ? 0 : 1 - this.open / this.rows.length);
	readonly state: StepState = $derived.by(() => {
		if (this.sampling) return 'running';
		if (this.done === 0) return this.failed > 0 ? 'failed' : 'empty';
		return this.done + this.failed < this.rows.length ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const { pairs, sampling } = this.#recipe();
		const { temperature } = sampling;
		const { stages, texts } = methodOf(pairs.method);
		if (!stages.includes('outputs')) return figure(texts.skipped);
		if (this.state === 'empty') return figure(`temperature ${temperature.toFixed(1)}`);
		const leftOut = this.faults.length > 0 ? `, ${this.faults.length} left out` : '';
		const failing = this.failed - this.faults.length;
		const failed = (failing > 0 ? `, ${failing} failed` : '') + leftOut;
		if (this.done < this.rows.length) return figure(`**${this.done}** of ${this.rows.length}${failed}`);
		return figure(`**${this.done}** at temperature ${temperature}`);
	});

	constructor(recipe: () => Recipe, ports: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#recipe = recipe;
		this.#fold = new FrameBatcher(ports.frame, () => this.#publish(), {
			clock: ports.clock,
			milliseconds: 100,
		});
		this.#pace = new Pace(ports.clock);
		this.#tokenPace = new Pace(ports.clock);
	}

	/** Prepares a waiting row for each answer that the recipe's method needs; existing outputs and faults are kept. */
	prepare(prompts: readonly Prompt[], kept: readonly Output[] = [], faults: readonly RowFault[] = []): void {
		const byId = new Map(kept.map((output) => [output.id, output]));
		const faultOf = new Map(faults.map(({ id, error }) => [id, error]));
		const { answersPerPrompt } = methodOf(this.#recipe().pairs.method);
		const rounds = Array.from({ length: answersPerPrompt }, (_, round) => round + 1);
		this.#working = rounds.flatMap((n) =>
			prompts.map((prompt) => {
				const id = outputId(prompt.id, n);
				return rowOf(id, prompt, byId.get(id) ?? null, faultOf.get(id) ?? null);
			}),
		);
		this.#publish();
	}

	/**
	 * Answers every row that waits or failed, except those that the model cannot answer. Row i draws from seed + i, so a run that resumes gets the answers that it would have
	 * got without the stop.
	 *
	 * @throws Cancelled when the signal fires · the engine's AppError if it is lost. Finished answers are kept
	 */
	async sample(
		model: ChatModel,
		gate: PauseGate,
		signal: AbortSignal,
		onSettled?: () => void,
	): Promise<void> {
		this.sampling = true;
		this.#pace.restart();
		this.#tokenPace.restart();
		try {
			const open = this.#working.flatMap((row, i) => (isOpen(row) ? [i] : []));
			if (isBatchModel(model)) {
				for (const run of contiguous(open, BATCH)) {
					await gate.pass(signal);
					await this.#answerMany(model, run, signal);
					onSettled?.();
				}
				return;
			}
			for (const i of open) {
				await gate.pass(signal);
				await this.#answer(model, i, signal);
				onSettled?.();
			}
		} finally {
			this.sampling = false;
			this.#settleAsking();
			this.#publish();
		}
	}

	/** Asks for one output again, with its own seed. */
	async retry(id: string, model: ChatModel, signal: AbortSignal): Promise<void> {
		const i = this.#working.findIndex((row) => row.id === id);
		const before = this.#working[i];
		if (before === undefined) return;
		try {
			await this.#answer(model, i, signal);
		} catch (error) {
			this.#write(i, { ...before, state: 'failed', error: toWire(error) });
		} finally {
			this.#publish();
		}
	}

	#samplingOf(row: number): Sampling {
		const { temperature, topP, maxTokens, seed } = this.#recipe().sampling;
		return { temperature, topP, maxTokens, seed: seed + row };
	}

	async #answer(model: ChatModel, i: number, signal: AbortSignal): Promise<void> {
		const row = this.#working[i];
		if (row === undefined) return;
		const sampling = this.#samplingOf(i);
		this.#write(i, { ...row, state: 'asking', text: '', error: null });
		try {
			expectText(row.prompt.text);
			const request = { messages: messagesFor(row.prompt), sampling };
			const reply = await model.complete(request, signal, (text) =>
				this.#write(i, { ...row, state: 'asking', text, error: null }),
			);
			this.#answered(i, model.id, sampling, reply);
		} catch (error) {
			if (signal.aborted || isEngineLoss(error)) throw error;
			this.#write(i, { ...row, state: 'failed', text: '', error: toWire(error) });
		}
	}

	/** Answers neighbouring rows in one batched call; the model draws row k from seed + k. */
	async #answerMany(model: BatchModel, rows: readonly number[], signal: AbortSignal): Promise<void> {
		const first = rows[0];
		if (first === undefined) return;
		const prompts = rows.flatMap((i) => this.#working[i]?.prompt ?? []);
		for (const i of rows) this.#patch(i, { state: 'asking', text: '', error: null });
		try {
			await model.completeMany(
				prompts.map(messagesFor),
				this.#samplingOf(first),
				(k, reply) => this.#replied(first + k, model.id, this.#samplingOf(first + k), reply),
				signal,
			);
		} catch (error) {
			if (signal.aborted || isEngineLoss(error)) throw error;
			// One row may have failed the whole call: each of the others still gets its answer.
			for (const i of rows) if (this.#working[i]?.state === 'asking') await this.#answer(model, i, signal);
		}
	}

	#replied(i: number, model: string, sampling: Sampling, reply: PromptReply): void {
		if ('refused' in reply) this.#patch(i, { state: 'failed', error: reply.refused });
		else this.#answered(i, model, sampling, reply);
	}

	#answered(i: number, model: string, sampling: Sampling, reply: ChatReply): void {
		const row = this.#working[i];
		if (row === undefined || reply.finishReason === 'cancelled') return;
		const { text, finishReason, tokens } = reply;
		// Nothing is left to revise, and the rejected side of its pair would have no token.
		if (text.trim() === '') {
			this.#write(i, {
				...row,
				state: 'failed',
				text: '',
				error: faultOf(emptyText('answer')),
			});
			return;
		}
		const { id, prompt } = row;
		const output: Output = { id, prompt, text, finishReason, model, sampling, tokens };
		this.#pace.mark();
		this.#tokenPace.mark(tokens);
		this.#write(i, { ...row, state: 'done', text, output, error: null });
	}

	#patch(i: number, change: Partial<OutputRow>): void {
		const row = this.#working[i];
		if (row !== undefined) this.#write(i, { ...row, ...change });
	}

	#write(i: number, row: OutputRow): void {
		this.#working[i] = row;
		this.#fold.touch();
	}

	/** Resets rows that were still being asked when sampling ended. */
	#settleAsking(): void {
		this.#working = this.#working.map((row) =>
			row.state === 'asking' ? { ...row, state: 'waiting', text: '' } : row,
		);
	}

	/** Publishes before the next frame: a record must include rows that a hidden tab has not painted. */
	flush(): void {
		this.#publish();
	}

	#publish(): void {
		this.rows = this.#working.slice();
		this.answersPerSecond = this.#pace.perSecond;
		this.tokensPerSecond = this.#tokenPace.perSecond;
		const open = this.rows.length - this.done - this.failed;
		this.secondsLeft = this.sampling ? this.#pace.secondsFor(open) : null;
	}
}

function rowOf(
	id: string,
	prompt: Prompt,
	output: Output | null,
	error: RowFault['error'] | null,
): OutputRow {
	if (output !== null) return { id, prompt, state: 'done', text: output.text, output, error: null };
	return { id, prompt, state: error === null ? 'waiting' : 'failed', text: '', output, error };
}

function isOpen({ state, error }: OutputRow): boolean {
	return state !== 'done' && !(state === 'failed' && error !== null && isRowFault(error));
}

function faultsOf(rows: readonly OutputRow[]): readonly RowFault[] {
	return rows.flatMap(({ id, state, error }) =>
		state === 'failed' && error !== null && isRowFault(error) ? [rowFault(id, fromWire(error))] : [],
	);
}

/** Indices cut into runs of neighbours, none longer than `longest`: a batch draws row k from its first seed + k. */
function contiguous(indices: readonly number[], longest: number): number[][] {
	const runs: number[][] = [];
	for (const i of indices) {
		const run = runs.at(-1);
		if (run !== undefined && run.length < longest && run.at(-1) === i - 1) run.push(i);
		else runs.push([i]);
	}
	return runs;
}
