/** Operations counted since the start, for the benchmark and the leak test. */
export interface Counters {
	dispatches: number;
	submits: number;
	pipelines: number;
	uniformBuffers: number;
	bindGroups: number;
}
