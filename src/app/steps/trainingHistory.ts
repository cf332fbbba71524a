/**
 * Everything measured during a training run. Lists only grow, so a step costs the same at every length of the run; a cut makes a new
 * history.
 */
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import type { TrailPoint } from '#core/run/run.ts';

export type MetricName = Exclude<keyof StepMetrics, 'step'>;

/** Rewards of one pair over time. Lists of equal length that grow. */
export interface RewardCourse {
	/** Updates before each measurement, ascending. */
	readonly updates: readonly number[];
	readonly chosen: readonly number[];
	readonly rejected: readonly number[];
}

interface GrowingCourse {
	updates: number[];
	chosen: number[];
	rejected: number[];
}

export class TrainingHistory {
	readonly #metrics: StepMetrics[] = [];
	readonly #points: TrailPoint[] = [];
	readonly #updates: number[] = [];
	readonly #columns = new Map<string, number[]>();
	readonly #courses = new Map<string, GrowingCourse>();
	readonly #positions = new Map<string, TrailPoint>();
	readonly #reaches = new Map<string, number>();
	#batch: readonly PairRewards[] = [];

	/** The history of a stored run. */
	static of(metrics: readonly StepMetrics[], trails: readonly TrailPoint[]): TrainingHistory {
		const history = new TrainingHistory();
		for (const one of metrics) history.#addMetrics(one);
		for (const point of trails) history.#addPoint(point);
		const last = metrics.at(-1)?.step;
		// The points are in the order of the steps.
		let first = trails.length;
		while (first > 0 && trails[first - 1]?.step === last) first--;
		history.#batch = trails.slice(first);
		return history;
	}

	/** A history without the measurements after a step. */
	until(step: number): TrainingHistory {
		return TrainingHistory.of(
			this.#metrics.filter((metrics) => metrics.step <= step),
			this.#points.filter((point) => point.step <= step),
		);
	}

	add(metrics: StepMetrics, batch: readonly PairRewards[]): void {
		this.#addMetrics(metrics);
		for (const rewards of batch) this.#addPoint({ ...rewards, step: metrics.step });
		this.#batch = batch;
	}

	/** One entry per step, in order. */
	get metrics(): readonly StepMetrics[] {
		return this.#metrics;
	}

	/** Rewards of each pair at each step that measured it, in step order. */
	get points(): readonly TrailPoint[] {
		return this.#points;
	}

	/** Metrics are taken before their step's update, so entry i shows the model after this many updates. */
	get updates(): readonly number[] {
		return this.#updates;
	}

	/** Rewards of each pair when last measured, by pair id. */
	get positions(): ReadonlyMap<string, TrailPoint> {
		return this.#positions;
	}

	/** Rewards of every measured pair over time, by pair id. */
	get courses(): ReadonlyMap<string, RewardCourse> {
		return this.#courses;
	}

	/** Distance from 0 of each pair's furthest reward at any step, by pair id. */
	get reaches(): ReadonlyMap<string, number> {
		return this.#reaches;
	}

	/** The pairs of the latest step. */
	get batch(): readonly PairRewards[] {
		return this.#batch;
	}

	/** One metric of all steps, in order. */
	column(name: MetricName): readonly number[] {
		return this.#columns.get(name) ?? [];
	}

	/** Rewards of one pair, from 0 updates on, where both are 0; null if no step measured it. */
	courseOf(pairId: string): RewardCourse | null {
		return this.#courses.get(pairId) ?? null;
	}

	#addMetrics(metrics: StepMetrics): void {
		this.#metrics.push(metrics);
		this.#updates.push(metrics.step - 1);
		for (const [name, value] of Object.entries(metrics)) {
			const column = this.#columns.get(name);
			if (column === undefined) this.#columns.set(name, [value]);
			else column.push(value);
		}
	}

	#addPoint(point: TrailPoint): void {
		const { pairId, chosen, rejected, step } = point;
		this.#points.push(point);
		this.#positions.set(pairId, point);
		const reach = Math.max(Math.abs(chosen), Math.abs(rejected));
		this.#reaches.set(pairId, Math.max(reach, this.#reaches.get(pairId) ?? 0));
		let course = this.#courses.get(pairId);
		if (course === undefined) {
			course = { updates: [0], chosen: [0], rejected: [0] };
			this.#courses.set(pairId, course);
		}
		// Before the first update both rewards are 0, which the course starts with.
		if (step <= 1) return;
		course.updates.push(step - 1);
		course.chosen.push(chosen);
		course.rejected.push(rejected);
	}
}
