/** Composition root of loop.html: the whole loop and grids of runs without a page, driven by scripts/loop.mjs and scripts/ablate.mjs. */
import { fileOf } from '#app/run/exportSource.ts';
import { AppError, asAppError, fromWire, toWire, type WireError } from '#core/errors.ts';
import { fromBase64, toBase64 } from '#core/format/base64.ts';
import { percent } from '#core/text/numbers.ts';
import { setOfFile } from '#core/pair/set/fromFile.ts';
import type { Begin } from '#core/recipe/begin.ts';
import { forecastSeconds } from '#core/grid/estimate.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import type { PlannedRun } from '#core/grid/runs.ts';
import { sharesOf } from '#core/loss/creditShare.ts';
import { askedJudge } from '#core/recipe/askedModel.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from '#core/recipe/recipe.ts';
import { GridRuns, type GridJob, type StoredJob } from '#app/grid/gridRuns.ts';
import type { Run } from '#app/run/run.svelte.ts';
import type { RunPhase } from '#core/run/run.ts';
import { judgeReport, type JudgeReport, judgeSentence } from '#app/run/judgeReport.ts';
import { fileSentences, ownSplit } from '#app/recipe/ownSplit.ts';
import { chooseFile } from '#app/recipe/useSet.ts';
import { runReport, type CreditReport, type RunReport } from '#app/run/runReport.ts';
import type { AppPorts } from '#app/ports.ts';
import { Session } from '#app/session.svelte.ts';
import { plain } from '#app/steps/stepSummary.ts';
import { modelFit, type ModelFit } from '#app/text/modelMemory.ts';
import { sideEffectSentence } from '#app/text/sideEffects.ts';
import { chosenFiles } from '#runtime/models/disk/diskModel.ts';
import { composePorts } from './compose.ts';

type LoopResult = { report: RunReport } | { error: { message: string; hint: string; code: string } };

interface LoopJob {
	/** Null: the default, or another round of the run in `begin`. */
	recipe: unknown;
	/** The model that takes the place of the recipe's: the name of a repository, an address, or the selector of a file input; null keeps the recipe's. */
	place: string | null;
	/** A run file in base64, from whose adapter the run begins; null keeps the recipe's beginning. */
	begin?: { name: string; bytes: string } | null;
	/** A file of pairs in base64, which the run trains on; null keeps the recipe's pairs. */
	set?: { name: string; bytes: string } | null;
	/** True measures token credit over all pairs at the end. */
	credit?: boolean;
	/** True asks the recipe’s judge about the held-out answers at the end. */
	judge?: boolean;
}

/** A page that plays the runs of a grid. Its calls reject only if the tab or a file is broken; a failed run is an outcome. */
interface GridPage {
	/** About how long the runs take here, and the bytes of the largest training; null for a model that cannot be loaded. */
	forecast: (planned: readonly PlannedRun[]) => Promise<GridForecast | null>;
	held: () => readonly string[];
	open: (key: string, file: string) => Promise<void>;
	play: (job: GridJob) => Promise<RunOutcome>;
	/** The run's file in base64, also while it is played. */
	file: (key: string) => Promise<string | null>;
	keepOnly: (keys: readonly string[]) => Promise<void>;
}

interface GridForecast {
	seconds: number;
	bytes: number;
}

declare global {
	/**
	 * Starts the page for a grid, and gives the id of the model that was added.
	 *
	 * `place` of a model to add: see `LoopJob`. `threads`: see `composePorts`.
	 */
	var startGrid: (given: {
		place: string | null;
		threads: number | null;
	}) => Promise<{ error: WireError } | { error: null; model: string | null }>;
	/** Null before `startGrid`. */
	var gridPage: GridPage | null;
	/** Runs a recipe to its end. Never rejects. */
	var runLoop: (job: LoopJob) => Promise<LoopResult>;
	/** The finished run of `runLoop` as a file in base64; null before the first. */
	var packRun: () => Promise<string | null>;
	/** Set by the script; receives each line of progress. */
	var sayProgress: ((line: string) => void) | undefined;
	/** Set by the script; a run of a grid entered a phase. `stored` continues it in another page of this browser. */
	var enteredPhase: ((key: string, phase: RunPhase, stored: StoredJob | null) => void) | undefined;
}

/** Milliseconds between two lines of progress. */
const PROGRESS_EVERY = 2000;

/** The session whose run `packRun` writes. */
let last: Session | null = null;

/** Adds a model, as a person does under Models, with progress. */
async function addModel({ models }: Session, place: string): Promise<string> {
	const files = place.startsWith('#') ? document.querySelector<HTMLInputElement>(place)?.files : null;
	await models.look(files ? { kind: 'disk', files: chosenFiles(files) } : { kind: 'address', text: place });
	const refusal = models.looked?.inspection.refusal ?? null;
	if (refusal !== null) throw fromWire(refusal);
	const timer = setInterval(() => {
		const { adding } = models;
		if (adding?.event) globalThis.sayProgress?.(`${adding.event.phase} ${adding.title}`);
	}, PROGRESS_EVERY);
	try {
		const kept = await models.add();
		if (models.error !== null) throw fromWire(models.error);
		if (kept === null) throw new AppError('The model was not added.', { code: 'model-not-added' });
		return kept.source.id;
	} finally {
		clearInterval(timer);
	}
}

/** Opens the run of a file, and names its adapter. */
async function beginFrom(session: Session, { name, bytes }: { name: string; bytes: string }): Promise<Begin> {
	await session.openFile(name, fromBase64(bytes, name));
	if (session.files.error !== null) throw fromWire(session.files.error);
	await session.anotherRound();
	const { begin } = session.draft.recipe;
	if (session.begin.error !== null) throw fromWire(session.begin.error);
	if (begin === undefined) throw new AppError(`${name} has no adapter.`, { code: 'begin-missing' });
	return begin;
}

/** Sets the draft to the pairs of a file, and says what of it trains. @throws AppError `set-other` if the recipe names a set with other pairs */
async function trainOnFile(
	session: Session,
	{ name: file, bytes }: { name: string; bytes: string },
): Promise<void> {
	const { set, skipped } = await session.rowReader.pairs({
		name: file,
		bytes: fromBase64(bytes, file),
		layout: null,
	});
	const { name, pairs } = setOfFile(set);
	const wanted = session.draft.recipe.pairs.set;
	const reference = await chooseFile(session, name, pairs);
	if (wanted === undefined || wanted.sha256 === reference.sha256) {
		const split = ownSplit(session.draft.recipe, session.imported);
		if (split !== null)
			for (const line of fileSentences(file, split, skipped)) globalThis.sayProgress?.(line);
		return;
	}
	throw new AppError(`The recipe trains on the set “${wanted.name}”, and ${file} has other pairs.`, {
		code: 'set-other',
		hint: 'Give the file of that set, or a recipe that names no set.',
	});
}

/** Loads the job's recipe into the draft. */
async function loadRecipe(session: Session, job: LoopJob): Promise<void> {
	const { recipe: json, place, begin = null, set = null } = job;
	const given = json === null ? null : readRecipe(json);
	await session.start();
	const beginning = begin === null ? {} : { begin: await beginFrom(session, begin) };
	const recipe = given ?? (begin === null ? DEFAULT_RECIPE : session.draft.recipe);
	const model = place === null ? recipe.model : await addModel(session, place);
	session.draft.load({ ...recipe, model, ...beginning });
	if (set !== null) await trainOnFile(session, set);
}

async function runRecipe(job: LoopJob): Promise<RunReport> {
	const session = new Session(composePorts(location.href));
	last = session;
	await loadRecipe(session, job);
	const { engines } = session;
	let said = '';
	let planned = false;
	const timer = setInterval(() => {
		const { plan } = session.steps.loss;
		if (!planned && plan?.memory !== undefined) {
			planned = true;
			const megabytes = Math.round(plan.estimatedBytes / 1e6);
			globalThis.sayProgress?.(`training will take ${megabytes} MB, activations: ${plan.memory.activations}`);
		}
		const { phase, status } = session.run;
		const line = [phase, ...status.clock.map(plain)].join(' · ');
		if (line !== said) globalThis.sayProgress?.(line);
		said = line;
	}, PROGRESS_EVERY);
	try {
		await session.startRun();
	} finally {
		clearInterval(timer);
	}
	if (session.begin.error !== null) throw fromWire(session.begin.error);
	const { run } = session;
	const { failure } = run;
	if (failure !== null)
		throw new AppError(`${failure.title} ${failure.happened}`, {
			code: failure.error.code,
			hint: failure.todo,
		});
	const record = run.record();
	if (record === null || run.player.transport !== 'done')
		throw new AppError(`The run ended in phase ${run.phase}.`, { code: 'loop-unfinished' });
	globalThis.sayProgress?.(`${engines.deviceText} · ${run.status.sentence}`);
	const report = runReport(record, run.reused);
	if (report.world !== undefined) globalThis.sayProgress?.(sideEffectSentence(report.world));
	return {
		...report,
		...(job.credit === true ? { credit: await creditReport(session) } : {}),
		...(job.judge === true ? { judge: await judgedReport(session) } : {}),
	};
}

/** Asks the judge about the greedy held-out answers. A run keeps no judge that its data method does not ask, so the job's recipe names it. */
async function judgedReport({ draft, run: { winRate } }: Session): Promise<JudgeReport> {
	winRate.choose(askedJudge(draft.recipe));
	if (winRate.obstacle !== null) throw new AppError(winRate.obstacle, { code: 'judge-unusable' });
	await winRate.ask();
	if (winRate.error !== null) throw fromWire(winRate.error);
	const report = judgeReport(winRate);
	globalThis.sayProgress?.(judgeSentence(report));
	return report;
}

/** Measures the share of the credit that is on edited tokens, with the last adapter. */
async function creditReport({ measurements }: Session): Promise<CreditReport> {
	await measurements.measureCredit();
	const { result, error } = measurements.credit;
	if (error !== null) throw fromWire(error);
	if (result === null) throw new AppError('Token credit was not measured.', { code: 'credit-missing' });
	const shares = sharesOf(result.share);
	globalThis.sayProgress?.(
		`${percent(shares.credit)} of the credit is on edited tokens, which are ${percent(shares.tokens)} of the tokens`,
	);
	return { editedCredit: shares.credit, editedTokens: shares.tokens, pairs: result.share.pairs };
}

globalThis.runLoop = async (job) => {
	try {
		return { report: await runRecipe(job) };
	} catch (thrown) {
		const { message, hint, code } = asAppError(thrown);
		return { error: { message, hint, code } };
	}
};

globalThis.packRun = async () => {
	if (last === null) return null;
	const { pair, batch } = last.run.steps;
	// A recording shows its batches before a model is loaded.
	for (const one of pair.pairs) await batch.tokens(one);
	const file = await fileOf(last.run);
	return file === null ? null : toBase64(file);
};

globalThis.gridPage = null;

globalThis.startGrid = async ({ place, threads }) => {
	try {
		const ports = composePorts(location.href, threads);
		const session = new Session(ports);
		await session.start();
		const model = place === null ? null : await addModel(session, place);
		globalThis.gridPage = gridPageOf(session, ports);
		return { error: null, model };
	} catch (thrown) {
		return { error: toWire(thrown) };
	}
};

function gridPageOf(session: Session, ports: AppPorts): GridPage {
	const { engines, reviser, imported, begin } = session;
	const runs = new GridRuns({ ports, engines, reviser, imported }, begin);
	return {
		forecast: (planned) => forecastOf(session, planned),
		held: () => runs.held,
		open: (key, file) => runs.open(key, fromBase64(file, key)),
		play: (job) => followed(job, runs),
		async file(key) {
			const file = await runs.file(key);
			return file === null ? null : toBase64(file);
		},
		keepOnly: (keys) => runs.keepOnly(new Set(keys)),
	};
}

async function forecastOf(
	{ engines }: Session,
	planned: readonly PlannedRun[],
): Promise<GridForecast | null> {
	const forecast = { seconds: 0, bytes: 0 };
	for (const model of new Set(planned.map(({ run }) => run.recipe.model))) {
		await engines.tryLoad(model);
		const { config, device } = engines;
		if (config === null || engines.loadedModel !== model) return null;
		const fit = (recipe: Recipe): ModelFit => modelFit({ config, weights: 'f32' }, recipe, device);
		const own = planned.filter(({ run }) => run.recipe.model === model);
		forecast.seconds += forecastSeconds(own, (recipe) => fit(recipe).seconds);
		forecast.bytes = Math.max(forecast.bytes, ...own.map(({ run }) => fit(run.recipe).training));
	}
	return forecast;
}

/** A run that is continued does not know any more which work it took over. */
function storedJob({ id, reused }: Run, { stored }: GridJob): StoredJob | null {
	return id === null ? null : { id, reused: reused.length > 0 ? reused : (stored?.reused ?? []) };
}

/** Plays a run and reports its progress. */
async function followed(job: GridJob, runs: GridRuns): Promise<RunOutcome> {
	let run: Run | null = null;
	let said = '';
	const timer = setInterval(() => {
		if (run === null) return;
		const line = [run.name, run.phase, ...run.status.clock.map(plain)].join(' · ');
		if (line !== said) globalThis.sayProgress?.(line);
		said = line;
	}, PROGRESS_EVERY);
	try {
		return await runs.play(job, (started) => {
			run = started;
			started.onEnter = (phase) => globalThis.enteredPhase?.(job.run.key, phase, storedJob(started, job));
		});
	} finally {
		clearInterval(timer);
	}
}
