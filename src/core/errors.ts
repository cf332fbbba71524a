/**
 * The error classes of the project. The cause decides the class; the hint gives the repair.
 *
 * A message states the failure with its values; the hint states the next action. Expected alternatives (a
 * reply that cannot be parsed, a row that is set aside) are values, never exceptions.
 */
import * as v from 'valibot';

const contextSchema = v.pipe(
	v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
	v.readonly(),
);
/** Plain facts about a failure, safe to show and to report: never a key, never model weights. */
export type ErrorContext = v.InferOutput<typeof contextSchema>;

const ERROR_KINDS = ['app', 'shape', 'device', 'format', 'remote', 'storage', 'cancelled'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** The fields of an error that a run's record stores. */
export const errorFactsSchema = v.object({
	kind: v.picklist(ERROR_KINDS),
	code: v.string(),
	message: v.string(),
	hint: v.string(),
	context: contextSchema,
});

export interface ErrorOptions {
	/** Stable, kebab-case, for tests and reports: `webgpu-missing`, `shard-hash-mismatch`. */
	code: string;
	hint?: string;
	context?: ErrorContext;
	cause?: unknown;
}

export class AppError extends Error {
	readonly kind: ErrorKind = 'app';
	readonly code: string;
	readonly hint: string;
	readonly context: ErrorContext;

	constructor(message: string, options: ErrorOptions) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = new.target.name;
		this.code = options.code;
		this.hint = options.hint ?? '';
		this.context = options.context ?? {};
	}
}

/** A programmer's mistake. Names the argument, the expected and the actual shape. */
export class ShapeError extends AppError {
	override readonly kind = 'shape';
}
/** No WebGPU, a limit too low (with required and actual value), device lost, or out of memory. */
export class DeviceError extends AppError {
	override readonly kind = 'device';
}
/** A file or reply in the wrong form. Names the source, the offset or line, and the expected form. */
export class FormatError extends AppError {
	override readonly kind = 'format';
}
/** An endpoint's failure. Names the status, the address without secrets, and retry-after. */
export class RemoteError extends AppError {
	override readonly kind = 'remote';
}
/** Storage is full, blocked, or of another version. */
export class StorageError extends AppError {
	override readonly kind = 'storage';
}
/** The user stopped a call; never shown as a failure. */
export class Cancelled extends AppError {
	override readonly kind = 'cancelled';

	constructor(message = 'Stopped by you.', options: ErrorOptions = { code: 'cancelled' }) {
		super(message, options);
	}
}

/** An error in serialisable form, for worker messages and stores. */
export interface WireError extends v.InferOutput<typeof errorFactsSchema> {
	stack?: string;
	cause?: WireError;
}

const CLASSES = {
	app: AppError,
	shape: ShapeError,
	device: DeviceError,
	format: FormatError,
	remote: RemoteError,
	storage: StorageError,
	cancelled: Cancelled,
} as const satisfies Record<ErrorKind, new (message: string, options: ErrorOptions) => AppError>;

/** Converts anything thrown to an AppError; a foreign error becomes `unexpected` and keeps its stack. */
export function asAppError(thrown: unknown): AppError {
	if (thrown instanceof AppError) return thrown;
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return new AppError(message, {
		code: 'unexpected',
		hint: 'This is a fault of the workbench. Copy the report and tell us what you did before.',
		cause: thrown,
	});
}

export function toWire(thrown: unknown): WireError {
	const error = asAppError(thrown);
	const { kind, code, message, hint, context } = error;
	// asAppError wraps a foreign error; the wire error needs the foreign error's own stack and cause.
	const source = error !== thrown && thrown instanceof Error ? thrown : error;
	const cause = source === error && error !== thrown ? undefined : source.cause;
	return {
		kind,
		code,
		message,
		hint,
		context,
		...(source.stack === undefined ? {} : { stack: source.stack }),
		...(cause === undefined ? {} : { cause: toWire(cause) }),
	};
}

export function fromWire(wire: WireError): AppError {
	const error = new CLASSES[wire.kind](wire.message, {
		code: wire.code,
		hint: wire.hint,
		context: wire.context,
		cause: wire.cause === undefined ? undefined : fromWire(wire.cause),
	});
	if (wire.stack !== undefined) error.stack = wire.stack;
	return error;
}
