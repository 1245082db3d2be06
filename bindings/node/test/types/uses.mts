// How the types are used: this file must compile, and each marked line must not.
import { Redis } from 'ioredis5';
import { createClient } from 'redis5';
import tenondb, { type Db, type Message, type Reply, TenonError, memory, open } from '../../lib/index.mjs';
import { connector } from '../../lib/ioredis.mjs';
import { socket } from '../../lib/node-redis.mjs';

const db = memory({ clock: new Date(), name: 'x', seed: 7 });
const text: string | null = db.get('k');
const bytes: Buffer | null = db.getBuffer('k');
const count: number = db.del('a', ['b', 'c']);
const grown: number | bigint = db.incr('n');
const set: string | null = db.set('k', 'v', { ex: 10, nx: true });
const hash: Record<string, string> = db.hgetall('h');
const scores: [string, number][] = db.zrange('z', 0, -1, 'WITHSCORES');
const job: [string, string] | null = await db.blpop('q', 'r', 5, { signal: AbortSignal.timeout(10) });
const result: number = db.transaction((tx) => tx.llen('l') + 1);
const entries: Reply = db.transaction((tx) => tx.xread('BLOCK', 0, 'STREAMS', 's', '0'));
const entry = await db.xread('STREAMS', 's', '0', { signal: AbortSignal.timeout(10) });
const replies = db.batch().set('k', 1).hset('h', { a: 1 }).call('PING').run();
for await (const { channel, message, pattern } of db.subscribe('ch', { capacity: 5 })) {
  const all: string[] = [channel, message, pattern ?? ''];
  if (all.length > 5) break;
}
const changed: (string | null)[] = db.watchPrefix('p').take();

const raw = open('dir', { buffers: true, bigints: true, maps: true, fsync: 'always' });
const rawText: Buffer | null = raw.get('k');
const rawCount: bigint = raw.llen('l');
const rawHash: Map<Buffer, Buffer> = raw.hgetall('h');
const rawMessage: Message<Buffer> | undefined = raw.subscribe('a').take(1)[0];
const again: string | null = raw.with({ buffers: false }).select(2).get('k');
const passed = (handle: Db) => handle.clock.advance(5);
passed(db);

try {
  tenondb.attach(db.token, { database: 1 }).close();
} catch (error) {
  if (error instanceof TenonError && error.kind === 'closed') console.log(error.code);
}

const redis = new Redis({ Connector: connector(db), db: 1 });
const client = createClient({ socket: socket('dir') });

// @ts-expect-error: an option that is not known
memory({ nope: 1 });
// @ts-expect-error: of a wrong type
open('dir', { fsync: 'often' });
// @ts-expect-error: no argument of a command
db.set('k', true);
// @ts-expect-error: a transaction is synchronous
const late: string = db.transaction(async (tx) => tx.get('k'));
// @ts-expect-error: nobody waits in a transaction
db.transaction((tx) => tx.blpop('q', 0));
// @ts-expect-error: nor in a batch
db.batch().blpop('q', 0);
// @ts-expect-error: only a wait has a signal
db.get('k', { signal: AbortSignal.timeout(10) });
// @ts-expect-error: no command
db.nope('k');

export const used = { text, bytes, count, grown, set, hash, scores, job, result, entries, entry, replies, changed, rawText, rawCount, rawHash, rawMessage, again, redis, client, late };
