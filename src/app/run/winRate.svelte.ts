/**
 * The win rate of the tuned model by a judge: it compares both models' held-out answers, asked twice with their positions swapped.
 * The judgements are kept with the run, so that the same comparison is never asked for twice.
 */
import { toWire, type WireError } from '#core/errors.ts';
import { forecastRequests, meanBytes, type TokenForecast } from '#core/endpoint/forecast.ts';
import { meanReplyTokens } from '#core/endpoint/meanReply.ts';
import { heldOutComparisons, verdictsOf } from '#core/evaluation/judgedAnswers.ts';
import { winRate, type WinRate } from '#core/evaluation/headToHead.ts';
import type { Comparison } from '#core/judgement/decide.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import { judgeRequest } from '#core/judgement/request.ts';
import { judgeAccuracy, longerPreferred, positionBias } from '#core/judgement/summary.ts';
import { withoutVerdict } from '#core/judgement/unread.ts';
import { askedJudge, type AskedModel, replyKey } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { reviserKind } from '#core/recipe/reviserKind.ts';
import { PauseGate } from '../async/pauseGate.ts';
import { affordableRows, judgePair, REQUESTS_PER_JUDGEMENT } from '../engines/judgePair.ts';
import { engineHeld } from '../engines/secondModelErrors.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import type { AppPorts } from '../ports.ts';
import { AskedRows } from '../steps/askedRows.svelte.ts';
import type { HeadToHeads } from '../steps/headToHead.svelte.ts';
import { judgeObstacle } from '../text/judgeObstacle.ts';
import { JudgeMemory } from './judgeMemory.ts';
import { earlierResult, judgedResult, withKeptVerdicts } from './keptVerdicts.ts';
import type { TrafficLog } from './trafficLog.svelte.ts';

export interface WinRateSources {
	recipe: () => Recipe;
	headToHead: HeadToHeads;
	reviser: ReviserConnection;
	traffic: TrafficLog;
	/** True while the run works: its engines are then needed. */
	active: () => boolean;
	/** True while other work of the page holds the engines, whose place a second model would take. */
	held: () => boolean;
	save: () => Promise<void>;
	/** The same, but not again within a short time. */
	saveSometimes: () => void;
	runId: () => string | null;
	ports: Pick<AppPorts, 'clock' | 'frame' | 'tabMemory'>;
}

export class JudgedWinRate {
	readonly #sources: WinRateSources;
	readonly #asked: AskedRows<Judgement>;
	#abort: AbortController | null = null;
	/** The comparisons that are asked about now; null if none are. */
	#working: string | null = $state(null);
	#chosen: AskedModel | null = $state.raw(null);
	readonly #choice: JudgeMemory;

	/** Why the judge was not asked further; null if nothing stopped it. */
	error: WireError | null = $state.raw(null);

	/** The user's choice, also from before a reload of the tab; else the judge that was asked last, else the recipe's. */
	readonly judge: AskedModel = $derived.by(
		() => this.#chosen ?? this.#remembered() ?? this.#last() ?? this.#ofRecipe,
	);
	readonly #ofRecipe: AskedModel = $derived.by(() => askedJudge(this.#sources.recipe()));
	readonly #comparisons: readonly Comparison[] = $derived.by(() =>
		heldOutComparisons(this.#sources.headToHead.pairs),
	);
	/** One row per prompt with two different answers; judged ones have their verdict. */
	readonly rows: readonly Judgement[] = $derived.by(() =>
		this.#working !== null && this.#working === this.#key ? this.#asked.rows : this.#kept,
	);
	readonly #kept: readonly Judgement[] = $derived.by(() =>
		withKeptVerdicts(this.#comparisons, this.#sources.headToHead.results, this.judge),
	);
	/** Rows that `ask` would ask about, the ones that wait first. */
	readonly open: readonly number[] = $derived(openPlaces(this.rows));
	/** Rows with a verdict. */
	readonly judged: number = $derived(this.rows.filter(({ state }) => state === 'judged').length);
	readonly tally: WinRate = $derived.by(() => winRate(this.#sources.headToHead.pairs, verdictsOf(this.rows)));
	readonly leftOut = $derived(withoutVerdict(this.rows));
	readonly bias = $derived(positionBias(this.rows));
	readonly longer = $derived(longerPreferred(this.rows));
	/** Null if the prompts have no rubric. */
	readonly accuracy = $derived(judgeAccuracy(this.rows));
	/** Verdicts that contradict each other when the positions are swapped; they count as ties. */
	readonly contradictions: number = $derived(this.rows.filter(({ tie }) => tie === 'position').length);
	/** Why the judge cannot be asked now, in one sentence; null if it can. */
	readonly obstacle: string | null = $derived.by(() =>
		this.#sources.active()
			? 'The run is active. The judge can be asked when it is stopped or done.'
			: judgeObstacle(this.judge, this.#comparisons),
	);
	/** Rows that the recipe's limit of requests keeps from being asked. */
	readonly overBudget: number = $derived(this.open.length - this.#affordable);
	/** Requests and tokens of the open rows, if they go to an endpoint; else null. */
	readonly forecast: TokenForecast | null = $derived.by(() => this.#forecast());

	constructor(sources: WinRateSources) {
		this.#sources = sources;
		this.#asked = new AskedRows(sources.ports);
		this.#choice = new JudgeMemory(sources.ports.tabMemory);
	}

	/** True while the judge is asked. */
	get running(): boolean {
		return this.#working !== null;
	}

	get secondsLeft(): number | null {
		return this.#asked.secondsLeft;
	}

	/** Chooses another judge; its earlier judgements of this run count again. */
	choose(judge: AskedModel): void {
		if (this.running) return;
		this.#chosen = judge;
		this.#choice.write(this.#sources.runId(), judge);
		this.error = null;
	}

	/** Asks about the open rows. Never throws: why it stopped is in `error`, and a cancel keeps what was judged. */
	async ask(): Promise<void> {
		if (this.running || this.obstacle !== null) return;
		const { judge, open } = this;
		const queue = open.slice(0, this.#affordable);
		const keep = this.#keeper();
		if (keep === null || queue.length === 0) return;
		const { held, reviser, traffic, save, saveSometimes } = this.#sources;
		if (reviserKind(judge) === 'local' && held()) {
			this.error = toWire(engineHeld(judge.model));
			return;
		}
		this.#asked.fill(this.#kept);
		this.#working = this.#key;
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		this.error = null;
		let isFirst = true;
		const onSettled = (): void => {
			keep();
			// The first one also keeps the choice of the judge.
			if (isFirst) void save();
			else saveSometimes();
			isFirst = false;
		};
		try {
			this.error = await reviser.use(judge, traffic, signal, (model) =>
				this.#asked.ask(
					queue,
					{
						atOnce: Math.min(judge.concurrency, model.atOnce ?? Infinity),
						...{ gate: new PauseGate(), signal, onSettled },
					},
					(row) => ({ ...row, state: 'asking', error: null }),
					(row) => judgePair(row, model, judge, signal),
				),
			);
		} catch (error) {
			if (!signal.aborted) this.error = toWire(error);
		} finally {
			keep();
			this.#working = null;
			this.#abort = null;
			await save();
		}
	}

	cancel(): void {
		this.#abort?.abort();
	}

	/** The judge and the answers that it compares. */
	get #key(): string {
		const { shown } = this.#sources.headToHead;
		return JSON.stringify([replyKey(this.judge), shown]);
	}

	#remembered(): AskedModel | null {
		const named = this.#choice.read(this.#sources.runId());
		return named === null ? null : { ...this.#ofRecipe, ...named, budget: 0 };
	}

	/** The judge that was asked last about this run. */
	#last(): AskedModel | null {
		const asked = this.#sources.headToHead.results.findLast((one) => one.asked !== undefined)?.asked;
		if (asked === undefined) return null;
		return replyKey({ ...this.#ofRecipe, ...asked }) === replyKey(this.#ofRecipe)
			? this.#ofRecipe
			: { ...this.#ofRecipe, ...asked, budget: 0 };
	}

	/** Writes the rows into the run's results: of the judge and the answers of the moment of this call. */
	#keeper(): (() => void) | null {
		const { headToHead } = this.#sources;
		const { judge } = this;
		const { shown } = headToHead;
		if (shown === null) return null;
		return () => {
			const result = judgedResult(this.#asked.current, judge, shown);
			headToHead.replace(earlierResult(headToHead.results, judge, shown), result);
		};
	}

	/** Open rows that the recipe's limit of requests allows to ask. */
	get #affordable(): number {
		return Math.min(this.open.length, affordableRows(this.judge, this.rows));
	}

	#forecast(): TokenForecast | null {
		const { judge, rows } = this;
		if (reviserKind(judge) !== 'endpoint') return null;
		const some = this.open.slice(0, this.#affordable).flatMap((i) => rows[i] ?? []);
		const texts = some.flatMap(({ prompt, first, second }) =>
			judgeRequest({ prompt: prompt.text, a: first.text, b: second.text }).map(({ content }) => content),
		);
		return forecastRequests({
			requests: some.length * REQUESTS_PER_JUDGEMENT,
			frameBytes: meanBytes(texts),
			...{ quoted: 0, answers: [], maxAnswerTokens: 0 },
			maxReplyTokens: judge.maxTokens,
			replyTokens: meanReplyTokens(this.#sources.traffic.requests, judge),
		});
	}
}

/** Rows that wait, then those that failed; unreadable ones only if there are no others. */
function openPlaces(rows: readonly Judgement[]): readonly number[] {
	const inState = (state: Judgement['state']): number[] =>
		rows.flatMap((row, i) => (row.state === state ? [i] : []));
	const open = [...inState('waiting'), ...inState('failed')];
	return open.length > 0 ? open : inState('unread');
}
