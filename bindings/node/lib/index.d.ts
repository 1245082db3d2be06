// Types of the package; those of the commands are in commands.d.ts.
/// <reference types="node" />
import type {
  BufferCommands,
  BufferDataCommands,
  BufferStreamReads,
  Commands,
  DataCommands,
  StreamReads,
} from './commands.js';

/** What a command takes: text, bytes, or a number as its text. */
export type Word = string | Uint8Array | number | bigint;
/** Words; a list stands for its elements. */
export type Words = Word | readonly Words[];
export type Integer = number | bigint | string;
/** Fields and values. */
export type Fields = { readonly [field: string]: Word } | ReadonlyMap<Word, Word>;

/** How a handle answers: `text` is string or Buffer, `int` number or bigint, `maps` whether maps are Maps. */
export interface Shape {
  text: string | Buffer;
  int: number | bigint;
  maps: boolean;
}
/** Strings, numbers and plain objects. */
export interface Plain extends Shape {
  text: string;
  int: number;
  maps: false;
}
/** A map of fields and values. */
export type MapOf<S extends Shape> = S['maps'] extends true ? Map<S['text'], S['text']> : Record<string, S['text']>;
/** Any reply. Integers beyond 2^53 are BigInts, also where a number is usual. */
export type Reply<S extends Shape = Plain> =
  | S['text']
  | S['int']
  | bigint
  | number
  | string
  | boolean
  | null
  | TenonError
  | Reply<S>[]
  | { [name: string]: Reply<S> }
  | Map<Reply<S>, Reply<S>>;

/** The shape that options ask for, over another one. */
export type ShapeOf<O, S extends Shape = Plain> = {
  text: O extends { buffers: true } ? Buffer : O extends { buffers: false } ? string : S['text'];
  int: O extends { bigints: true } ? bigint : O extends { bigints: false } ? number : S['int'];
  maps: O extends { maps: true } ? true : O extends { maps: false } ? false : S['maps'];
};
/** The same shape with Buffers. */
export type Buffered<S extends Shape> = { text: Buffer; int: S['int']; maps: S['maps'] };

/** How a handle answers, and of what it speaks. */
export interface ViewOptions {
  /** The logical database, from 0 to 15; 0. */
  database?: number;
  /** Writes wait for the disk, whatever `fsync` is; false. They block this thread meanwhile. */
  durable?: boolean;
  /** Byte strings are Buffers; false: they are strings, and what is no UTF-8 becomes U+FFFD. */
  buffers?: boolean;
  /** All integers are BigInts; false: only those beyond 2^53. */
  bigints?: boolean;
  /** Maps are Maps; false: they are objects. */
  maps?: boolean;
}

interface EngineOptions extends ViewOptions {
  /** The number of locks that the keys are spread over; 64. */
  stripes?: number;
  /** Background threads: 1, or 0 when the program calls `tick` itself. */
  threads?: 0 | 1;
  /** Where time comes from: the system, or a time in milliseconds (or a Date) at which it stands until it is set. */
  clock?: 'system' | number | Date;
  /** Seeds chance (SPOP, RANDOMKEY …), so that a run can be repeated. */
  seed?: number;
  /** What connections must say (AUTH) before anything else. It does not guard the methods. */
  requirepass?: string;
}

/** Options of `memory`. Those of an engine count when it is made: one that is open already by this name stays as it is. */
export interface MemoryOptions extends EngineOptions {
  /** All workers of this process that say this name share the database. */
  name?: string;
}

/** Options of `open`. Those of an engine count when it is made: one that this process has open already stays as it is. */
export interface DirectoryOptions extends EngineOptions {
  /** When what was written is on the disk for good; 'everysec'. The death of the process loses nothing, whatever it is. */
  fsync?: 'always' | 'everysec' | 'no';
  /** Opens a damaged store with what is left of it; false: it is refused. */
  salvage?: boolean;
  /** The size in bytes at which a new segment of the log is begun; 64 MiB. */
  segmentBytes?: number;
}

/** Options of `set`. */
export interface SetOptions {
  /** Seconds to live. */
  ex?: Integer;
  /** Milliseconds to live. */
  px?: Integer;
  /** Unix time in seconds at which it expires. */
  exat?: Integer;
  /** Unix time in milliseconds at which it expires. */
  pxat?: Integer;
  /** Only when the key holds this value. */
  ifeq?: Word;
  /** Only when there is no such key. */
  nx?: boolean;
  /** Only when there is such a key. */
  xx?: boolean;
  /** Returns what was there. */
  get?: boolean;
  /** Its time to live stays. */
  keepttl?: boolean;
}

/** Options of a command that may wait, behind its words. */
export interface Waiting {
  /** Ends the wait: the promise is rejected with its reason, and what the command was served meanwhile is given back. */
  signal?: AbortSignal;
}

/** Bounds of a subscription. */
export interface SubscribeOptions {
  /** The most messages that wait to be read; 65,536. */
  capacity?: number;
  /** The most bytes that wait; 32 MiB. */
  bytesMax?: number;
  /** What happens to a message without room: the subscription ends with an error ('cut', the default), or one is dropped. */
  overflow?: 'cut' | 'drop-oldest' | 'drop-newest';
  /** Waiting for it keeps the process alive; true. */
  ref?: boolean;
}
/** Bounds of a watch. What has no room becomes one `null`. */
export interface WatchOptions {
  capacity?: number;
  bytesMax?: number;
  ref?: boolean;
}

/** A message of a channel; `pattern` is the one by which it came, if it came by one. */
export interface Message<T = string> {
  channel: T;
  message: T;
  pattern?: T;
}

/** What the database refuses. */
export class TenonError extends Error {
  constructor(message: string, kind: TenonError['kind'], code: string);
  /** What to do next. */
  readonly kind:
    | 'command'
    | 'wrong-type'
    | 'conflict'
    | 'limit'
    | 'busy'
    | 'io'
    | 'corrupt'
    | 'closed'
    | 'misuse'
    | 'internal';
  /** Redis's first word: `ERR`, `WRONGTYPE`, … */
  readonly code: string;
}

interface Inbox<Item> {
  next(): Promise<IteratorResult<Item, undefined>>;
  return(value?: unknown): Promise<IteratorResult<Item, unknown>>;
  [Symbol.asyncIterator](): this;
  /** Everything that has come and was not read yet, at most `most`. It does not wait. */
  take(most?: number): Item[];
  /** Ends it; readers that wait are told so. */
  close(): void;
  ref(): this;
  unref(): this;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A subscription. Leaving a `for await` over it ends it. */
export interface Subscription<T = string> extends Inbox<Message<T>> {
  subscribe(...channels: Words[]): this;
  psubscribe(...patterns: Words[]): this;
  ssubscribe(...channels: Words[]): this;
  unsubscribe(...channels: Words[]): this;
  punsubscribe(...patterns: Words[]): this;
  sunsubscribe(...channels: Words[]): this;
  /** How many messages were dropped because they had no room. */
  readonly dropped: number;
}
export const Subscription: { readonly prototype: Subscription };

/** The keys of a prefix that have changed; null: any key may have. */
export interface PrefixWatch<T = string> extends Inbox<T | null> {}
export const PrefixWatch: { readonly prototype: PrefixWatch };

/** A database's clock. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  set(time: number | Date): void;
  advance(milliseconds: number): void;
}

/** Commands by their words. */
interface Callable<S extends Shape> {
  call(...words: Words[]): Reply<S>;
  callBuffer(...words: Words[]): Reply<Buffered<S>>;
}

/** Commands that are collected: each method returns the batch. Those that may wait are none of them. */
export type Batch<S extends Shape = Plain> = {
  [Name in keyof (DataCommands<S> & StreamReads<S>)]: (...words: (Words | Fields | SetOptions)[]) => Batch<S>;
} & {
  call(...words: Words[]): Batch<S>;
  readonly length: number;
  /** Carries them out; a command that fails has its error in its place. */
  run(): Reply<S>[];
};
export const Batch: { readonly prototype: Batch };

/** An open transaction: the commands about keys that do not wait. */
export interface Transaction<S extends Shape = Plain>
  extends Callable<S>,
    DataCommands<S>,
    StreamReads<S>,
    BufferDataCommands<Buffered<S>>,
    BufferStreamReads<Buffered<S>> {}
export const Transaction: { readonly prototype: Transaction };

/** What a store was found to be when it was opened. */
export interface OpenReport {
  /** Keys that were loaded from the snapshot. */
  keys: number;
  snapshotBytes: number;
  /** Records of the log that were run again. */
  records: number;
  logBytes: number;
  /** How many of these bytes came from the staging ring: the process before had been killed. */
  ringBytes: number;
  tookUs: number;
  /** Records and frames that salvage had to leave out. */
  leftOut: number;
  /** What was cut off and put aside, in words. */
  cut: string[];
}

/** A database. Calls are synchronous; only commands that may wait are promises. */
export interface Db<S extends Shape = Plain> extends Callable<S>, Commands<S>, BufferCommands<Buffered<S>> {
  /** A command that may wait, by its words. */
  callAsync(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  callAsyncBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<Buffered<S>>>;
  /** Runs `body` as one step; it may be run several times, and returns no promise. */
  transaction<R>(body: (tx: Transaction<S>) => R extends PromiseLike<unknown> ? never : R): R;
  /** Commands that become one step. */
  batch(): Batch<S>;
  /** Commands that are carried out one after the other, in one crossing. */
  pipeline(): Batch<S>;
  subscribe(...args: [...Words[], SubscribeOptions] | Words[]): Subscription<S['text']>;
  psubscribe(...args: [...Words[], SubscribeOptions] | Words[]): Subscription<S['text']>;
  ssubscribe(...args: [...Words[], SubscribeOptions] | Words[]): Subscription<S['text']>;
  watchPrefix(prefix: Word, options?: WatchOptions): PrefixWatch<S['text']>;
  scanIterator(options?: { match?: Word; count?: number; type?: Word }): Generator<S['text'], void>;
  sscanIterator(key: Word, options?: { match?: Word; count?: number }): Generator<S['text'], void>;
  hscanIterator(key: Word, options?: { match?: Word; count?: number }): Generator<[S['text'], S['text']], void>;
  zscanIterator(key: Word, options?: { match?: Word; count?: number }): Generator<[S['text'], number], void>;
  /** Another handle of the same database. */
  with<const O extends ViewOptions>(options: O): Db<ShapeOf<O, S>>;
  select(database: number): Db<S>;
  durable(): Db<S>;
  /** Makes everything durable that was written before. It blocks this thread meanwhile. */
  sync(): void;
  /** Does a share of the upkeep; true: there is more to do. */
  tick(microseconds?: number): boolean;
  readonly clock: Clock;
  readonly report: OpenReport | null;
  /** What `attach` finds this database by. */
  readonly token: string;
  readonly isOpen: boolean;
  /** Closes this handle and all that were made from it. */
  close(): void;
  /** Where Node has the symbols. */
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}
export const Db: { readonly prototype: Db };

/** Opens the store in a directory, and makes it when there is none. */
export function open<const O extends DirectoryOptions = {}>(directory: string, options?: O): Db<ShapeOf<O>>;
/** Opens a database in memory. */
export function memory<const O extends MemoryOptions = {}>(options?: O): Db<ShapeOf<O>>;
/** Opens a database that another worker of this process has open, by its token. */
export function attach<const O extends ViewOptions = {}>(token: string, options?: O): Db<ShapeOf<O>>;
