// The methods of all commands. Made by generate.mjs from the table of commands; not to be changed by hand.
import type { Fields, Integer, MapOf, Reply, SetOptions, Shape, Waiting, Word, Words } from './index.js';

/** Commands that never wait. */
export interface DataCommands<S extends Shape> {
  /**
   * Appends a string to the value of a key. Creates the key if it doesn't exist.
   *
   * `APPEND key value` – O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by the server will double the free space available on every reallocation.
   */
  append(key: Word, value: Word): S['int'];
  /**
   * Asynchronously rewrites the append-only file to disk.
   *
   * `BGREWRITEAOF` – O(1)
   */
  bgrewriteaof(...words: Words[]): Reply<S>;
  /**
   * Asynchronously saves the database(s) to disk.
   *
   * `BGSAVE [SCHEDULE]` – O(1)
   */
  bgsave(...words: Words[]): Reply<S>;
  /**
   * A container for client connection commands.
   *
   * `CLIENT` – Depends on subcommand.
   */
  client(...words: Words[]): Reply<S>;
  /**
   * Returns detailed information about all commands.
   *
   * `COMMAND` – O(N) where N is the total number of commands
   */
  command(...words: Words[]): Reply<S>;
  /**
   * A container for server configuration commands.
   *
   * `CONFIG` – Depends on subcommand.
   */
  config(...words: Words[]): Reply<S>;
  /**
   * Copies the value of a key to a new key.
   *
   * `COPY source destination [DB destination-db] [REPLACE]` – O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
   */
  copy(...words: Words[]): Reply<S>;
  /**
   * Returns the number of keys in the database.
   *
   * `DBSIZE` – O(1)
   */
  dbsize(): S['int'];
  /**
   * A container for debugging commands.
   *
   * `DEBUG <DIGEST | DIGEST-VALUE key [key ...] | ERROR message | HELP | OBJECT key | SET-ACTIVE-EXPIRE on | SLEEP seconds>` – Depends on subcommand.
   */
  debug(...words: Words[]): Reply<S>;
  /**
   * Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
   *
   * `DECR key` – O(1)
   */
  decr(key: Word): S['int'] | bigint;
  /**
   * Decrements the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `DECRBY key decrement` – O(1)
   */
  decrby(key: Word, by: Integer): S['int'] | bigint;
  /**
   * Deletes one or more keys.
   *
   * `DEL key [key ...]` – O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).
   */
  del(...keys: Words[]): S['int'];
  /**
   * Delete key if value matches string.
   *
   * `DELIFEQ key value` – O(1)
   */
  delifeq(...words: Words[]): Reply<S>;
  /**
   * Returns a serialized representation of the value stored at a key.
   *
   * `DUMP key` – O(1) to access the key and additional O(N*M) to serialize it, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).
   */
  dump(...words: Words[]): Reply<S>;
  /**
   * Returns the given string.
   *
   * `ECHO message` – O(1)
   */
  echo(...words: Words[]): Reply<S>;
  /**
   * Executes a server-side Lua script.
   *
   * `EVAL script numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  eval(...words: Words[]): Reply<S>;
  /**
   * Executes a server-side Lua script by SHA1 digest.
   *
   * `EVALSHA sha1 numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  evalsha(...words: Words[]): Reply<S>;
  /**
   * Executes a read-only server-side Lua script by SHA1 digest.
   *
   * `EVALSHA_RO sha1 numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  evalsha_ro(...words: Words[]): Reply<S>;
  /**
   * Executes a read-only server-side Lua script.
   *
   * `EVAL_RO script numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  eval_ro(...words: Words[]): Reply<S>;
  /**
   * Determines whether one or more keys exist.
   *
   * `EXISTS key [key ...]` – O(N) where N is the number of keys to check.
   */
  exists(...keys: Words[]): S['int'];
  /**
   * Sets the expiration time of a key in seconds.
   *
   * `EXPIRE key seconds [NX | XX | GT | LT]` – O(1)
   */
  expire(key: Word, seconds: Integer, ...when: Words[]): S['int'];
  /**
   * Sets the expiration time of a key to a Unix timestamp.
   *
   * `EXPIREAT key unix-time-seconds [NX | XX | GT | LT]` – O(1)
   */
  expireat(key: Word, seconds: Integer, ...when: Words[]): S['int'];
  /**
   * Returns the expiration time of a key as a Unix timestamp.
   *
   * `EXPIRETIME key` – O(1)
   */
  expiretime(...words: Words[]): Reply<S>;
  /**
   * Removes all keys from all databases.
   *
   * `FLUSHALL [ASYNC | SYNC]` – O(N) where N is the total number of keys in all databases
   */
  flushall(...how: Words[]): 'OK';
  /**
   * Removes all keys from the current database.
   *
   * `FLUSHDB [ASYNC | SYNC]` – O(N) where N is the number of keys in the selected database
   */
  flushdb(...how: Words[]): 'OK';
  /**
   * Returns the string value of a key.
   *
   * `GET key` – O(1)
   */
  get(key: Word): S['text'] | null;
  /**
   * Returns the string value of a key after deleting the key.
   *
   * `GETDEL key` – O(1)
   */
  getdel(key: Word): S['text'] | null;
  /**
   * Returns the string value of a key after setting its expiration time.
   *
   * `GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]` – O(1)
   */
  getex(...words: Words[]): Reply<S>;
  /**
   * Returns a substring of the string stored at a key.
   *
   * `GETRANGE key start end` – O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
   */
  getrange(key: Word, start: Integer, end: Integer): S['text'];
  /**
   * Returns the previous string value of a key after setting it to a new value.
   *
   * `GETSET key value` – O(1)
   */
  getset(key: Word, value: Word): S['text'] | null;
  /**
   * Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.
   *
   * `HDEL key field [field ...]` – O(N) where N is the number of fields to be removed.
   */
  hdel(key: Word, ...fields: Words[]): S['int'];
  /**
   * Determines whether a field exists in a hash.
   *
   * `HEXISTS key field` – O(1)
   */
  hexists(key: Word, field: Word): S['int'];
  /**
   * Returns the value of a field in a hash.
   *
   * `HGET key field` – O(1)
   */
  hget(key: Word, field: Word): S['text'] | null;
  /**
   * Returns all fields and values in a hash.
   *
   * `HGETALL key` – O(N) where N is the size of the hash.
   */
  hgetall(key: Word): MapOf<S>;
  /**
   * Returns the values of one or more fields and deletes them from a hash. Deletes the hash if no fields remain.
   *
   * `HGETDEL key FIELDS numfields field [field ...]` – O(N) where N is the number of specified fields.
   */
  hgetdel(...words: Words[]): Reply<S>;
  /**
   * Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.
   *
   * `HINCRBY key field increment` – O(1)
   */
  hincrby(key: Word, field: Word, by: Integer): S['int'] | bigint;
  /**
   * Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.
   *
   * `HINCRBYFLOAT key field increment` – O(1)
   */
  hincrbyfloat(...words: Words[]): Reply<S>;
  /**
   * Returns all fields in a hash.
   *
   * `HKEYS key` – O(N) where N is the size of the hash.
   */
  hkeys(key: Word): S['text'][];
  /**
   * Returns the number of fields in a hash.
   *
   * `HLEN key` – O(1)
   */
  hlen(key: Word): S['int'];
  /**
   * Returns the values of all fields in a hash.
   *
   * `HMGET key field [field ...]` – O(N) where N is the number of fields being requested.
   */
  hmget(key: Word, ...fields: Words[]): (S['text'] | null)[];
  /**
   * Sets the values of multiple fields.
   *
   * `HMSET key field value [field value ...]` – O(N) where N is the number of fields being set.
   */
  hmset(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random fields from a hash.
   *
   * `HRANDFIELD key [count [WITHVALUES]]` – O(N) where N is the number of fields returned
   */
  hrandfield(...words: Words[]): Reply<S>;
  /**
   * Iterates over fields and values of a hash.
   *
   * `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  hscan(...words: Words[]): Reply<S>;
  /**
   * Creates or modifies the value of a field in a hash.
   *
   * `HSET key field value [field value ...]` – O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.
   */
  hset(key: Word, fields: Fields): S['int'];
  hset(key: Word, ...fields: Words[]): S['int'];
  /**
   * Sets the value of a field in a hash only when the field doesn't exist.
   *
   * `HSETNX key field value` – O(1)
   */
  hsetnx(...words: Words[]): Reply<S>;
  /**
   * Returns the length of the value of a field.
   *
   * `HSTRLEN key field` – O(1)
   */
  hstrlen(...words: Words[]): Reply<S>;
  /**
   * Returns all values in a hash.
   *
   * `HVALS key` – O(N) where N is the size of the hash.
   */
  hvals(key: Word): S['text'][];
  /**
   * Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCR key` – O(1)
   */
  incr(key: Word): S['int'] | bigint;
  /**
   * Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCRBY key increment` – O(1)
   */
  incrby(key: Word, by: Integer): S['int'] | bigint;
  /**
   * Increments the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCRBYFLOAT key increment` – O(1)
   */
  incrbyfloat(key: Word, by: number | string): S['text'];
  /**
   * Returns information and statistics about the server.
   *
   * `INFO [section [section ...]]` – O(1)
   */
  info(...sections: Words[]): string;
  /**
   * Returns all key names that match a pattern.
   *
   * `KEYS pattern` – O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.
   */
  keys(pattern: Word): S['text'][];
  /**
   * Returns the Unix timestamp of the last successful save to disk.
   *
   * `LASTSAVE` – O(1)
   */
  lastsave(...words: Words[]): Reply<S>;
  /**
   * Finds the longest common substring.
   *
   * `LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]` – O(N*M) where N and M are the lengths of s1 and s2, respectively
   */
  lcs(...words: Words[]): Reply<S>;
  /**
   * Returns an element from a list by its index.
   *
   * `LINDEX key index` – O(N) where N is the number of elements to traverse within a chunk; the chunk is found in O(log N).
   */
  lindex(key: Word, index: Integer): S['text'] | null;
  /**
   * Inserts an element before or after another element in a list.
   *
   * `LINSERT key <BEFORE | AFTER> pivot element` – O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).
   */
  linsert(...words: Words[]): Reply<S>;
  /**
   * Returns the length of a list.
   *
   * `LLEN key` – O(1)
   */
  llen(key: Word): S['int'];
  /**
   * Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.
   *
   * `LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>` – O(1)
   */
  lmove(source: Word, target: Word, from: 'LEFT' | 'RIGHT', to: 'LEFT' | 'RIGHT'): S['text'] | null;
  /**
   * Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.
   *
   * `LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]` – O(N+M) where N is the number of provided keys and M is the number of elements returned.
   */
  lmpop(...words: Words[]): Reply<S>;
  /**
   * Returns and removes one or more elements from the beginning of a list. Deletes the list if the last element was popped.
   *
   * `LPOP key [count]` – O(N) where N is the number of elements returned
   */
  lpop(key: Word): S['text'] | null;
  lpop(key: Word, count: Integer): S['text'][] | null;
  /**
   * Returns the index of matching elements in a list.
   *
   * `LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]` – O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.
   */
  lpos(...words: Words[]): Reply<S>;
  /**
   * Prepends one or more elements to a list. Creates the key if it doesn't exist.
   *
   * `LPUSH key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  lpush(key: Word, ...elements: Words[]): S['int'];
  /**
   * Prepends one or more elements to a list only when the list exists.
   *
   * `LPUSHX key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  lpushx(...words: Words[]): Reply<S>;
  /**
   * Returns a range of elements from a list.
   *
   * `LRANGE key start stop` – O(S+N) where S is the distance of start within its chunk, which is found in O(log N) of the length of the list; and N is the number of elements in the specified range.
   */
  lrange(key: Word, start: Integer, stop: Integer): S['text'][];
  /**
   * Removes elements from a list. Deletes the list if the last element was removed.
   *
   * `LREM key count element` – O(N+M) where N is the length of the list and M is the number of elements removed.
   */
  lrem(key: Word, count: Integer, element: Word): S['int'];
  /**
   * Sets the value of an element in a list by its index.
   *
   * `LSET key index element` – O(N) where N is the length of a chunk; the chunk is found in O(log N) of the length of the list.
   */
  lset(...words: Words[]): Reply<S>;
  /**
   * Removes elements from both ends of a list. Deletes the list if all elements were trimmed.
   *
   * `LTRIM key start stop` – O(N) where N is the number of chunks to be removed by the operation.
   */
  ltrim(key: Word, start: Integer, stop: Integer): 'OK';
  /**
   * A container for memory diagnostics commands.
   *
   * `MEMORY` – Depends on subcommand.
   */
  memory(...words: Words[]): Reply<S>;
  /**
   * Atomically returns the string values of one or more keys.
   *
   * `MGET key [key ...]` – O(N) where N is the number of keys to retrieve.
   */
  mget(...keys: Words[]): (S['text'] | null)[];
  /**
   * Moves a key to another database.
   *
   * `MOVE key db` – O(1)
   */
  move(...words: Words[]): Reply<S>;
  /**
   * Atomically creates or modifies the string values of one or more keys.
   *
   * `MSET key value [key value ...]` – O(N) where N is the number of keys to set.
   */
  mset(fields: Fields): 'OK';
  mset(...words: Words[]): 'OK';
  /**
   * Atomically creates or modifies the string values of one or more keys, and optionally set their expiration.
   *
   * `MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]` – O(N) where N is the number of keys to set.
   */
  msetex(...words: Words[]): Reply<S>;
  /**
   * Atomically modifies the string values of one or more keys only when all keys don't exist.
   *
   * `MSETNX key value [key value ...]` – O(N) where N is the number of keys to set.
   */
  msetnx(fields: Fields): S['int'];
  msetnx(...words: Words[]): S['int'];
  /**
   * A container for object introspection commands.
   *
   * `OBJECT` – Depends on subcommand.
   */
  object(...words: Words[]): Reply<S>;
  /**
   * Removes the expiration time of a key.
   *
   * `PERSIST key` – O(1)
   */
  persist(key: Word): S['int'];
  /**
   * Sets the expiration time of a key in milliseconds.
   *
   * `PEXPIRE key milliseconds [NX | XX | GT | LT]` – O(1)
   */
  pexpire(key: Word, milliseconds: Integer, ...when: Words[]): S['int'];
  /**
   * Sets the expiration time of a key to a Unix milliseconds timestamp.
   *
   * `PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]` – O(1)
   */
  pexpireat(key: Word, milliseconds: Integer, ...when: Words[]): S['int'];
  /**
   * Returns the expiration time of a key as a Unix milliseconds timestamp.
   *
   * `PEXPIRETIME key` – O(1)
   */
  pexpiretime(...words: Words[]): Reply<S>;
  /**
   * Returns the server's liveliness response.
   *
   * `PING [message]` – O(1)
   */
  ping(...message: Words[]): 'PONG' | S['text'];
  /**
   * Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.
   *
   * `PSETEX key milliseconds value` – O(1)
   */
  psetex(...words: Words[]): Reply<S>;
  /**
   * Returns the expiration time in milliseconds of a key.
   *
   * `PTTL key` – O(1)
   */
  pttl(key: Word): S['int'];
  /**
   * Posts a message to a channel.
   *
   * `PUBLISH channel message` – O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).
   */
  publish(channel: Word, message: Word): S['int'];
  /**
   * A container for Pub/Sub commands.
   *
   * `PUBSUB` – Depends on subcommand.
   */
  pubsub(...words: Words[]): Reply<S>;
  /**
   * Returns a random key name from the database.
   *
   * `RANDOMKEY` – O(1)
   */
  randomkey(): S['text'] | null;
  /**
   * Renames a key and overwrites the destination.
   *
   * `RENAME key newkey` – O(1)
   */
  rename(key: Word, to: Word): 'OK';
  /**
   * Renames a key only when the target key name doesn't exist.
   *
   * `RENAMENX key newkey` – O(1)
   */
  renamenx(key: Word, to: Word): S['int'];
  /**
   * Creates a key from the serialized representation of a value.
   *
   * `RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]` – O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).
   */
  restore(...words: Words[]): Reply<S>;
  /**
   * Returns the replication role.
   *
   * `ROLE` – O(1)
   */
  role(...words: Words[]): Reply<S>;
  /**
   * Returns and removes one or more elements from the end of a list. Deletes the list if the last element was popped.
   *
   * `RPOP key [count]` – O(N) where N is the number of elements returned
   */
  rpop(key: Word): S['text'] | null;
  rpop(key: Word, count: Integer): S['text'][] | null;
  /**
   * Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.
   *
   * `RPOPLPUSH source destination` – O(1)
   */
  rpoplpush(...words: Words[]): Reply<S>;
  /**
   * Appends one or more elements to a list. Creates the key if it doesn't exist.
   *
   * `RPUSH key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  rpush(key: Word, ...elements: Words[]): S['int'];
  /**
   * Appends one or more elements to a list only when the list exists.
   *
   * `RPUSHX key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  rpushx(...words: Words[]): Reply<S>;
  /**
   * Adds one or more members to a set. Creates the key if it doesn't exist.
   *
   * `SADD key member [member ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  sadd(key: Word, ...members: Words[]): S['int'];
  /**
   * Synchronously saves the database(s) to disk.
   *
   * `SAVE` – O(N) where N is the total number of keys in all databases
   */
  save(...words: Words[]): Reply<S>;
  /**
   * Iterates over the key names in the database.
   *
   * `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  scan(cursor: Word, ...options: Words[]): [cursor: S['text'], keys: S['text'][]];
  /**
   * Returns the number of members in a set.
   *
   * `SCARD key` – O(1)
   */
  scard(key: Word): S['int'];
  /**
   * A container for Lua scripts management commands.
   *
   * `SCRIPT` – Depends on subcommand.
   */
  script(...words: Words[]): Reply<S>;
  /**
   * Returns the difference of multiple sets.
   *
   * `SDIFF key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sdiff(...keys: Words[]): S['text'][];
  /**
   * Stores the difference of multiple sets in a key.
   *
   * `SDIFFSTORE destination key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sdiffstore(...words: Words[]): Reply<S>;
  /**
   * Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.
   *
   * `SET key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]` – O(1)
   */
  set(key: Word, value: Word): 'OK';
  set(key: Word, value: Word, options: SetOptions): 'OK' | S['text'] | null;
  set(key: Word, value: Word, ...options: Words[]): 'OK' | S['text'] | null;
  /**
   * Sets the string value and expiration time of a key. Creates the key if it doesn't exist.
   *
   * `SETEX key seconds value` – O(1)
   */
  setex(...words: Words[]): Reply<S>;
  /**
   * Sets the string value of a key only when the key doesn't exist.
   *
   * `SETNX key value` – O(1)
   */
  setnx(key: Word, value: Word): S['int'];
  /**
   * Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.
   *
   * `SETRANGE key offset value` – O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.
   */
  setrange(...words: Words[]): Reply<S>;
  /**
   * Returns the intersect of multiple sets.
   *
   * `SINTER key [key ...]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sinter(...keys: Words[]): S['text'][];
  /**
   * Returns the number of members of the intersect of multiple sets.
   *
   * `SINTERCARD numkeys key [key ...] [LIMIT limit]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sintercard(...words: Words[]): Reply<S>;
  /**
   * Stores the intersect of multiple sets in a key.
   *
   * `SINTERSTORE destination key [key ...]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sinterstore(...words: Words[]): Reply<S>;
  /**
   * Determines whether a member belongs to a set.
   *
   * `SISMEMBER key member` – O(1)
   */
  sismember(key: Word, member: Word): S['int'];
  /**
   * Returns all members of a set.
   *
   * `SMEMBERS key` – O(N) where N is the set cardinality.
   */
  smembers(key: Word): S['text'][];
  /**
   * Determines whether multiple members belong to a set.
   *
   * `SMISMEMBER key member [member ...]` – O(N) where N is the number of elements being checked for membership
   */
  smismember(...words: Words[]): Reply<S>;
  /**
   * Moves a member from one set to another.
   *
   * `SMOVE source destination member` – O(1)
   */
  smove(...words: Words[]): Reply<S>;
  /**
   * Sorts the elements in a list, a set, or a sorted set, optionally storing the result.
   *
   * `SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]` – O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
   */
  sort(...words: Words[]): Reply<S>;
  /**
   * Returns the sorted elements of a list, a set, or a sorted set.
   *
   * `SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]` – O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
   */
  sort_ro(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.
   *
   * `SPOP key [count]` – Without the count argument O(1), otherwise O(N) where N is the value of the passed count.
   */
  spop(...words: Words[]): Reply<S>;
  /**
   * Post a message to a shard channel
   *
   * `SPUBLISH shardchannel message` – O(N) where N is the number of clients subscribed to the receiving shard channel.
   */
  spublish(channel: Word, message: Word): S['int'];
  /**
   * Gets one or multiple random members from a set.
   *
   * `SRANDMEMBER key [count]` – Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.
   */
  srandmember(...words: Words[]): Reply<S>;
  /**
   * Removes one or more members from a set. Deletes the set if the last member was removed.
   *
   * `SREM key member [member ...]` – O(N) where N is the number of members to be removed.
   */
  srem(key: Word, ...members: Words[]): S['int'];
  /**
   * Iterates over members of a set.
   *
   * `SSCAN key cursor [MATCH pattern] [COUNT count]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  sscan(...words: Words[]): Reply<S>;
  /**
   * Returns the length of a string value.
   *
   * `STRLEN key` – O(1)
   */
  strlen(key: Word): S['int'];
  /**
   * Returns a substring from a string value.
   *
   * `SUBSTR key start end` – O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
   */
  substr(...words: Words[]): Reply<S>;
  /**
   * Returns the union of multiple sets.
   *
   * `SUNION key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sunion(...keys: Words[]): S['text'][];
  /**
   * Stores the union of multiple sets in a key.
   *
   * `SUNIONSTORE destination key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sunionstore(...words: Words[]): Reply<S>;
  /**
   * Swaps two databases.
   *
   * `SWAPDB index1 index2` – O(N) where N is the count of clients watching or blocking on keys from both databases.
   */
  swapdb(...words: Words[]): Reply<S>;
  /**
   * Returns the server time.
   *
   * `TIME` – O(1)
   */
  time(): [seconds: S['text'], microseconds: S['text']];
  /**
   * Returns the number of existing keys out of those specified after updating the time they were last accessed.
   *
   * `TOUCH key [key ...]` – O(N) where N is the number of keys that will be touched.
   */
  touch(...keys: Words[]): S['int'];
  /**
   * Returns the expiration time in seconds of a key.
   *
   * `TTL key` – O(1)
   */
  ttl(key: Word): S['int'];
  /**
   * Determines the type of value stored at a key.
   *
   * `TYPE key` – O(1)
   */
  type(key: Word): string;
  /**
   * Asynchronously deletes one or more keys.
   *
   * `UNLINK key [key ...]` – O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.
   */
  unlink(...keys: Words[]): S['int'];
  /**
   * Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.
   *
   * `XACK key group id [id ...]` – O(1) for each message ID processed.
   */
  xack(key: Word, group: Word, ...ids: Words[]): S['int'];
  /**
   * Acknowledges and deletes one or multiple messages for a stream consumer group.
   *
   * `XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]` – O(1) for each message ID processed.
   */
  xackdel(...words: Words[]): Reply<S>;
  /**
   * Appends a new message to a stream. Creates the key if it doesn't exist.
   *
   * `XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]` – O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.
   */
  xadd(key: Word, id: Word, fields: Fields): S['text'];
  xadd(key: Word, ...words: Words[]): S['text'] | null;
  /**
   * Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to a consumer group member.
   *
   * `XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]` – O(1) if COUNT is small.
   */
  xautoclaim(...words: Words[]): Reply<S>;
  /**
   * Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered to a consumer group member.
   *
   * `XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]` – O(log N) with N being the number of messages in the PEL of the consumer group.
   */
  xclaim(...words: Words[]): Reply<S>;
  /**
   * Returns the number of messages after removing them from a stream.
   *
   * `XDEL key id [id ...]` – O(1) for each single item to delete in the stream, regardless of the stream size.
   */
  xdel(key: Word, ...ids: Words[]): S['int'];
  /**
   * Deletes one or multiple entries from the stream.
   *
   * `XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]` – O(1) for each single item to delete in the stream, regardless of the stream size.
   */
  xdelex(...words: Words[]): Reply<S>;
  /**
   * A container for consumer groups commands.
   *
   * `XGROUP` – Depends on subcommand.
   */
  xgroup(...words: Words[]): Reply<S>;
  /**
   * A container for stream introspection commands.
   *
   * `XINFO` – Depends on subcommand.
   */
  xinfo(...words: Words[]): Reply<S>;
  /**
   * Returns the number of messages in a stream.
   *
   * `XLEN key` – O(1)
   */
  xlen(key: Word): S['int'];
  /**
   * Returns the information and entries from a stream consumer group's pending entries list.
   *
   * `XPENDING key group [[IDLE min-idle-time] start end count [consumer]]` – O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.
   */
  xpending(...words: Words[]): Reply<S>;
  /**
   * Returns the messages from a stream within a range of IDs.
   *
   * `XRANGE key start end [COUNT count]` – O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
   */
  xrange(key: Word, start: Word, end: Word, ...count: Words[]): [id: S['text'], fields: S['text'][]][];
  /**
   * Returns the messages from a stream within a range of IDs in reverse order.
   *
   * `XREVRANGE key end start [COUNT count]` – O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
   */
  xrevrange(key: Word, end: Word, start: Word, ...count: Words[]): [id: S['text'], fields: S['text'][]][];
  /**
   * An internal command for replicating stream values.
   *
   * `XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]` – O(1)
   */
  xsetid(...words: Words[]): Reply<S>;
  /**
   * Deletes messages from the beginning of a stream.
   *
   * `XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]` – O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.
   */
  xtrim(...words: Words[]): Reply<S>;
  /**
   * Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.
   *
   * `ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]` – O(log(N)) for each item added, where N is the number of elements in the sorted set.
   */
  zadd(key: Word, ...words: Words[]): S['int'] | number | null;
  /**
   * Returns the number of members in a sorted set.
   *
   * `ZCARD key` – O(1)
   */
  zcard(key: Word): S['int'];
  /**
   * Returns the count of members in a sorted set that have scores within a range.
   *
   * `ZCOUNT key min max` – O(log(N)) with N being the number of elements in the sorted set.
   */
  zcount(...words: Words[]): Reply<S>;
  /**
   * Returns the difference between multiple sorted sets.
   *
   * `ZDIFF numkeys key [key ...] [WITHSCORES]` – O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
   */
  zdiff(...words: Words[]): Reply<S>;
  /**
   * Stores the difference of multiple sorted sets in a key.
   *
   * `ZDIFFSTORE destination numkeys key [key ...]` – O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
   */
  zdiffstore(...words: Words[]): Reply<S>;
  /**
   * Increments the score of a member in a sorted set.
   *
   * `ZINCRBY key increment member` – O(log(N)) where N is the number of elements in the sorted set.
   */
  zincrby(key: Word, by: number | string, member: Word): number;
  /**
   * Returns the intersect of multiple sorted sets.
   *
   * `ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]` – O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
   */
  zinter(...words: Words[]): Reply<S>;
  /**
   * Returns the number of members of the intersect of multiple sorted sets.
   *
   * `ZINTERCARD numkeys key [key ...] [LIMIT limit]` – O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.
   */
  zintercard(...words: Words[]): Reply<S>;
  /**
   * Stores the intersect of multiple sorted sets in a key.
   *
   * `ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]` – O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
   */
  zinterstore(...words: Words[]): Reply<S>;
  /**
   * Returns the number of members in a sorted set within a lexicographical range.
   *
   * `ZLEXCOUNT key min max` – O(log(N)) with N being the number of elements in the sorted set.
   */
  zlexcount(...words: Words[]): Reply<S>;
  /**
   * Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]` – O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zmpop(...words: Words[]): Reply<S>;
  /**
   * Returns the score of one or more members in a sorted set.
   *
   * `ZMSCORE key member [member ...]` – O(N) where N is the number of members being requested.
   */
  zmscore(...words: Words[]): Reply<S>;
  /**
   * Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZPOPMAX key [count]` – O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zpopmax(...words: Words[]): Reply<S>;
  /**
   * Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZPOPMIN key [count]` – O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zpopmin(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random members from a sorted set.
   *
   * `ZRANDMEMBER key [count [WITHSCORES]]` – O(N) where N is the number of members returned
   */
  zrandmember(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of indexes.
   *
   * `ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrange(key: Word, start: Word, stop: Word, scores: 'WITHSCORES'): [member: S['text'], score: number][];
  zrange(key: Word, start: Word, stop: Word): S['text'][];
  zrange(key: Word, start: Word, stop: Word, ...options: Words[]): S['text'][] | [member: S['text'], score: number][];
  /**
   * Returns members in a sorted set within a lexicographical range.
   *
   * `ZRANGEBYLEX key min max [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrangebylex(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of scores.
   *
   * `ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrangebyscore(...words: Words[]): Reply<S>;
  /**
   * Stores a range of members from sorted set in a key.
   *
   * `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.
   */
  zrangestore(...words: Words[]): Reply<S>;
  /**
   * Returns the index of a member in a sorted set ordered by ascending scores.
   *
   * `ZRANK key member [WITHSCORE]` – O(log(N))
   */
  zrank(key: Word, member: Word): S['int'] | null;
  /**
   * Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.
   *
   * `ZREM key member [member ...]` – O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.
   */
  zrem(key: Word, ...members: Words[]): S['int'];
  /**
   * Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYLEX key min max` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebylex(...words: Words[]): Reply<S>;
  /**
   * Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYRANK key start stop` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebyrank(...words: Words[]): Reply<S>;
  /**
   * Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYSCORE key min max` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebyscore(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of indexes in reverse order.
   *
   * `ZREVRANGE key start stop [WITHSCORES]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrange(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a lexicographical range in reverse order.
   *
   * `ZREVRANGEBYLEX key max min [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrangebylex(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of scores in reverse order.
   *
   * `ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrangebyscore(...words: Words[]): Reply<S>;
  /**
   * Returns the index of a member in a sorted set ordered by descending scores.
   *
   * `ZREVRANK key member [WITHSCORE]` – O(log(N))
   */
  zrevrank(...words: Words[]): Reply<S>;
  /**
   * Iterates over members and scores of a sorted set.
   *
   * `ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  zscan(...words: Words[]): Reply<S>;
  /**
   * Returns the score of a member in a sorted set.
   *
   * `ZSCORE key member` – O(1)
   */
  zscore(key: Word, member: Word): number | null;
  /**
   * Returns the union of multiple sorted sets.
   *
   * `ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]` – O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.
   */
  zunion(...words: Words[]): Reply<S>;
  /**
   * Stores the union of multiple sorted sets in a key.
   *
   * `ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]` – O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.
   */
  zunionstore(...words: Words[]): Reply<S>;
}

/** Reading streams where nobody can wait: in a transaction or a batch. */
export interface StreamReads<S extends Shape> {
  /**
   * Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.
   *
   * `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]` – O(N) with N being the number of elements returned.
   */
  xread(...words: Words[]): Reply<S>;
  /**
   * Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.
   *
   * `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]` – For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
   */
  xreadgroup(...words: Words[]): Reply<S>;
}

/** Commands, by their names in lower case; promises of those that may wait. */
export interface Commands<S extends Shape> extends DataCommands<S> {
  /**
   * Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.
   *
   * `BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout` – O(1)
   */
  blmove(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]` – O(N+M) where N is the number of provided keys and M is the number of elements returned.
   */
  blmpop(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BLPOP key [key ...] timeout` – O(N) where N is the number of provided keys.
   */
  blpop(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], element: S['text']] | null>;
  /**
   * Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BRPOP key [key ...] timeout` – O(N) where N is the number of provided keys.
   */
  brpop(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], element: S['text']] | null>;
  /**
   * Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BRPOPLPUSH source destination timeout` – O(1)
   */
  brpoplpush(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]` – O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  bzmpop(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZPOPMAX key [key ...] timeout` – O(log(N)) with N being the number of elements in the sorted set.
   */
  bzpopmax(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], member: S['text'], score: number] | null>;
  /**
   * Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZPOPMIN key [key ...] timeout` – O(log(N)) with N being the number of elements in the sorted set.
   */
  bzpopmin(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], member: S['text'], score: number] | null>;
  /**
   * Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.
   *
   * `WAIT numreplicas timeout` – O(1)
   */
  wait(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the primary and/or replicas.
   *
   * `WAITAOF numlocal numreplicas timeout` – O(1)
   */
  waitaof(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.
   *
   * `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]` – O(N) with N being the number of elements returned.
   */
  xread(block: 'BLOCK', ...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  xread(...words: [...Words[], Waiting]): Promise<Reply<S>>;
  xread(...words: Words[]): Reply<S> | Promise<Reply<S>>;
  /**
   * Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.
   *
   * `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]` – For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
   */
  xreadgroup(block: 'BLOCK', ...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  xreadgroup(...words: [...Words[], Waiting]): Promise<Reply<S>>;
  xreadgroup(...words: Words[]): Reply<S> | Promise<Reply<S>>;
}

/** Commands that never wait, with Buffers whatever the options of the handle say. */
export interface BufferDataCommands<S extends Shape> {
  /**
   * Appends a string to the value of a key. Creates the key if it doesn't exist.
   *
   * `APPEND key value` – O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by the server will double the free space available on every reallocation.
   */
  appendBuffer(key: Word, value: Word): S['int'];
  /**
   * Asynchronously rewrites the append-only file to disk.
   *
   * `BGREWRITEAOF` – O(1)
   */
  bgrewriteaofBuffer(...words: Words[]): Reply<S>;
  /**
   * Asynchronously saves the database(s) to disk.
   *
   * `BGSAVE [SCHEDULE]` – O(1)
   */
  bgsaveBuffer(...words: Words[]): Reply<S>;
  /**
   * A container for client connection commands.
   *
   * `CLIENT` – Depends on subcommand.
   */
  clientBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns detailed information about all commands.
   *
   * `COMMAND` – O(N) where N is the total number of commands
   */
  commandBuffer(...words: Words[]): Reply<S>;
  /**
   * A container for server configuration commands.
   *
   * `CONFIG` – Depends on subcommand.
   */
  configBuffer(...words: Words[]): Reply<S>;
  /**
   * Copies the value of a key to a new key.
   *
   * `COPY source destination [DB destination-db] [REPLACE]` – O(N) worst case for collections, where N is the number of nested items. O(1) for string values.
   */
  copyBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the number of keys in the database.
   *
   * `DBSIZE` – O(1)
   */
  dbsizeBuffer(): S['int'];
  /**
   * A container for debugging commands.
   *
   * `DEBUG <DIGEST | DIGEST-VALUE key [key ...] | ERROR message | HELP | OBJECT key | SET-ACTIVE-EXPIRE on | SLEEP seconds>` – Depends on subcommand.
   */
  debugBuffer(...words: Words[]): Reply<S>;
  /**
   * Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
   *
   * `DECR key` – O(1)
   */
  decrBuffer(key: Word): S['int'] | bigint;
  /**
   * Decrements the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `DECRBY key decrement` – O(1)
   */
  decrbyBuffer(key: Word, by: Integer): S['int'] | bigint;
  /**
   * Deletes one or more keys.
   *
   * `DEL key [key ...]` – O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).
   */
  delBuffer(...keys: Words[]): S['int'];
  /**
   * Delete key if value matches string.
   *
   * `DELIFEQ key value` – O(1)
   */
  delifeqBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns a serialized representation of the value stored at a key.
   *
   * `DUMP key` – O(1) to access the key and additional O(N*M) to serialize it, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).
   */
  dumpBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the given string.
   *
   * `ECHO message` – O(1)
   */
  echoBuffer(...words: Words[]): Reply<S>;
  /**
   * Executes a server-side Lua script.
   *
   * `EVAL script numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  evalBuffer(...words: Words[]): Reply<S>;
  /**
   * Executes a server-side Lua script by SHA1 digest.
   *
   * `EVALSHA sha1 numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  evalshaBuffer(...words: Words[]): Reply<S>;
  /**
   * Executes a read-only server-side Lua script by SHA1 digest.
   *
   * `EVALSHA_RO sha1 numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  evalsha_roBuffer(...words: Words[]): Reply<S>;
  /**
   * Executes a read-only server-side Lua script.
   *
   * `EVAL_RO script numkeys [key [key ...]] [arg [arg ...]]` – Depends on the script that is executed.
   */
  eval_roBuffer(...words: Words[]): Reply<S>;
  /**
   * Determines whether one or more keys exist.
   *
   * `EXISTS key [key ...]` – O(N) where N is the number of keys to check.
   */
  existsBuffer(...keys: Words[]): S['int'];
  /**
   * Sets the expiration time of a key in seconds.
   *
   * `EXPIRE key seconds [NX | XX | GT | LT]` – O(1)
   */
  expireBuffer(key: Word, seconds: Integer, ...when: Words[]): S['int'];
  /**
   * Sets the expiration time of a key to a Unix timestamp.
   *
   * `EXPIREAT key unix-time-seconds [NX | XX | GT | LT]` – O(1)
   */
  expireatBuffer(key: Word, seconds: Integer, ...when: Words[]): S['int'];
  /**
   * Returns the expiration time of a key as a Unix timestamp.
   *
   * `EXPIRETIME key` – O(1)
   */
  expiretimeBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes all keys from all databases.
   *
   * `FLUSHALL [ASYNC | SYNC]` – O(N) where N is the total number of keys in all databases
   */
  flushallBuffer(...how: Words[]): 'OK';
  /**
   * Removes all keys from the current database.
   *
   * `FLUSHDB [ASYNC | SYNC]` – O(N) where N is the number of keys in the selected database
   */
  flushdbBuffer(...how: Words[]): 'OK';
  /**
   * Returns the string value of a key.
   *
   * `GET key` – O(1)
   */
  getBuffer(key: Word): S['text'] | null;
  /**
   * Returns the string value of a key after deleting the key.
   *
   * `GETDEL key` – O(1)
   */
  getdelBuffer(key: Word): S['text'] | null;
  /**
   * Returns the string value of a key after setting its expiration time.
   *
   * `GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]` – O(1)
   */
  getexBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns a substring of the string stored at a key.
   *
   * `GETRANGE key start end` – O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
   */
  getrangeBuffer(key: Word, start: Integer, end: Integer): S['text'];
  /**
   * Returns the previous string value of a key after setting it to a new value.
   *
   * `GETSET key value` – O(1)
   */
  getsetBuffer(key: Word, value: Word): S['text'] | null;
  /**
   * Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.
   *
   * `HDEL key field [field ...]` – O(N) where N is the number of fields to be removed.
   */
  hdelBuffer(key: Word, ...fields: Words[]): S['int'];
  /**
   * Determines whether a field exists in a hash.
   *
   * `HEXISTS key field` – O(1)
   */
  hexistsBuffer(key: Word, field: Word): S['int'];
  /**
   * Returns the value of a field in a hash.
   *
   * `HGET key field` – O(1)
   */
  hgetBuffer(key: Word, field: Word): S['text'] | null;
  /**
   * Returns all fields and values in a hash.
   *
   * `HGETALL key` – O(N) where N is the size of the hash.
   */
  hgetallBuffer(key: Word): MapOf<S>;
  /**
   * Returns the values of one or more fields and deletes them from a hash. Deletes the hash if no fields remain.
   *
   * `HGETDEL key FIELDS numfields field [field ...]` – O(N) where N is the number of specified fields.
   */
  hgetdelBuffer(...words: Words[]): Reply<S>;
  /**
   * Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.
   *
   * `HINCRBY key field increment` – O(1)
   */
  hincrbyBuffer(key: Word, field: Word, by: Integer): S['int'] | bigint;
  /**
   * Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.
   *
   * `HINCRBYFLOAT key field increment` – O(1)
   */
  hincrbyfloatBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns all fields in a hash.
   *
   * `HKEYS key` – O(N) where N is the size of the hash.
   */
  hkeysBuffer(key: Word): S['text'][];
  /**
   * Returns the number of fields in a hash.
   *
   * `HLEN key` – O(1)
   */
  hlenBuffer(key: Word): S['int'];
  /**
   * Returns the values of all fields in a hash.
   *
   * `HMGET key field [field ...]` – O(N) where N is the number of fields being requested.
   */
  hmgetBuffer(key: Word, ...fields: Words[]): (S['text'] | null)[];
  /**
   * Sets the values of multiple fields.
   *
   * `HMSET key field value [field value ...]` – O(N) where N is the number of fields being set.
   */
  hmsetBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random fields from a hash.
   *
   * `HRANDFIELD key [count [WITHVALUES]]` – O(N) where N is the number of fields returned
   */
  hrandfieldBuffer(...words: Words[]): Reply<S>;
  /**
   * Iterates over fields and values of a hash.
   *
   * `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  hscanBuffer(...words: Words[]): Reply<S>;
  /**
   * Creates or modifies the value of a field in a hash.
   *
   * `HSET key field value [field value ...]` – O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.
   */
  hsetBuffer(key: Word, fields: Fields): S['int'];
  hsetBuffer(key: Word, ...fields: Words[]): S['int'];
  /**
   * Sets the value of a field in a hash only when the field doesn't exist.
   *
   * `HSETNX key field value` – O(1)
   */
  hsetnxBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the length of the value of a field.
   *
   * `HSTRLEN key field` – O(1)
   */
  hstrlenBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns all values in a hash.
   *
   * `HVALS key` – O(N) where N is the size of the hash.
   */
  hvalsBuffer(key: Word): S['text'][];
  /**
   * Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCR key` – O(1)
   */
  incrBuffer(key: Word): S['int'] | bigint;
  /**
   * Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCRBY key increment` – O(1)
   */
  incrbyBuffer(key: Word, by: Integer): S['int'] | bigint;
  /**
   * Increments the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.
   *
   * `INCRBYFLOAT key increment` – O(1)
   */
  incrbyfloatBuffer(key: Word, by: number | string): S['text'];
  /**
   * Returns information and statistics about the server.
   *
   * `INFO [section [section ...]]` – O(1)
   */
  infoBuffer(...sections: Words[]): string;
  /**
   * Returns all key names that match a pattern.
   *
   * `KEYS pattern` – O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.
   */
  keysBuffer(pattern: Word): S['text'][];
  /**
   * Returns the Unix timestamp of the last successful save to disk.
   *
   * `LASTSAVE` – O(1)
   */
  lastsaveBuffer(...words: Words[]): Reply<S>;
  /**
   * Finds the longest common substring.
   *
   * `LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]` – O(N*M) where N and M are the lengths of s1 and s2, respectively
   */
  lcsBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns an element from a list by its index.
   *
   * `LINDEX key index` – O(N) where N is the number of elements to traverse within a chunk; the chunk is found in O(log N).
   */
  lindexBuffer(key: Word, index: Integer): S['text'] | null;
  /**
   * Inserts an element before or after another element in a list.
   *
   * `LINSERT key <BEFORE | AFTER> pivot element` – O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).
   */
  linsertBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the length of a list.
   *
   * `LLEN key` – O(1)
   */
  llenBuffer(key: Word): S['int'];
  /**
   * Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.
   *
   * `LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>` – O(1)
   */
  lmoveBuffer(source: Word, target: Word, from: 'LEFT' | 'RIGHT', to: 'LEFT' | 'RIGHT'): S['text'] | null;
  /**
   * Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.
   *
   * `LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]` – O(N+M) where N is the number of provided keys and M is the number of elements returned.
   */
  lmpopBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns and removes one or more elements from the beginning of a list. Deletes the list if the last element was popped.
   *
   * `LPOP key [count]` – O(N) where N is the number of elements returned
   */
  lpopBuffer(key: Word): S['text'] | null;
  lpopBuffer(key: Word, count: Integer): S['text'][] | null;
  /**
   * Returns the index of matching elements in a list.
   *
   * `LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]` – O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.
   */
  lposBuffer(...words: Words[]): Reply<S>;
  /**
   * Prepends one or more elements to a list. Creates the key if it doesn't exist.
   *
   * `LPUSH key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  lpushBuffer(key: Word, ...elements: Words[]): S['int'];
  /**
   * Prepends one or more elements to a list only when the list exists.
   *
   * `LPUSHX key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  lpushxBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns a range of elements from a list.
   *
   * `LRANGE key start stop` – O(S+N) where S is the distance of start within its chunk, which is found in O(log N) of the length of the list; and N is the number of elements in the specified range.
   */
  lrangeBuffer(key: Word, start: Integer, stop: Integer): S['text'][];
  /**
   * Removes elements from a list. Deletes the list if the last element was removed.
   *
   * `LREM key count element` – O(N+M) where N is the length of the list and M is the number of elements removed.
   */
  lremBuffer(key: Word, count: Integer, element: Word): S['int'];
  /**
   * Sets the value of an element in a list by its index.
   *
   * `LSET key index element` – O(N) where N is the length of a chunk; the chunk is found in O(log N) of the length of the list.
   */
  lsetBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes elements from both ends of a list. Deletes the list if all elements were trimmed.
   *
   * `LTRIM key start stop` – O(N) where N is the number of chunks to be removed by the operation.
   */
  ltrimBuffer(key: Word, start: Integer, stop: Integer): 'OK';
  /**
   * A container for memory diagnostics commands.
   *
   * `MEMORY` – Depends on subcommand.
   */
  memoryBuffer(...words: Words[]): Reply<S>;
  /**
   * Atomically returns the string values of one or more keys.
   *
   * `MGET key [key ...]` – O(N) where N is the number of keys to retrieve.
   */
  mgetBuffer(...keys: Words[]): (S['text'] | null)[];
  /**
   * Moves a key to another database.
   *
   * `MOVE key db` – O(1)
   */
  moveBuffer(...words: Words[]): Reply<S>;
  /**
   * Atomically creates or modifies the string values of one or more keys.
   *
   * `MSET key value [key value ...]` – O(N) where N is the number of keys to set.
   */
  msetBuffer(fields: Fields): 'OK';
  msetBuffer(...words: Words[]): 'OK';
  /**
   * Atomically creates or modifies the string values of one or more keys, and optionally set their expiration.
   *
   * `MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]` – O(N) where N is the number of keys to set.
   */
  msetexBuffer(...words: Words[]): Reply<S>;
  /**
   * Atomically modifies the string values of one or more keys only when all keys don't exist.
   *
   * `MSETNX key value [key value ...]` – O(N) where N is the number of keys to set.
   */
  msetnxBuffer(fields: Fields): S['int'];
  msetnxBuffer(...words: Words[]): S['int'];
  /**
   * A container for object introspection commands.
   *
   * `OBJECT` – Depends on subcommand.
   */
  objectBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes the expiration time of a key.
   *
   * `PERSIST key` – O(1)
   */
  persistBuffer(key: Word): S['int'];
  /**
   * Sets the expiration time of a key in milliseconds.
   *
   * `PEXPIRE key milliseconds [NX | XX | GT | LT]` – O(1)
   */
  pexpireBuffer(key: Word, milliseconds: Integer, ...when: Words[]): S['int'];
  /**
   * Sets the expiration time of a key to a Unix milliseconds timestamp.
   *
   * `PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]` – O(1)
   */
  pexpireatBuffer(key: Word, milliseconds: Integer, ...when: Words[]): S['int'];
  /**
   * Returns the expiration time of a key as a Unix milliseconds timestamp.
   *
   * `PEXPIRETIME key` – O(1)
   */
  pexpiretimeBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the server's liveliness response.
   *
   * `PING [message]` – O(1)
   */
  pingBuffer(...message: Words[]): 'PONG' | S['text'];
  /**
   * Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.
   *
   * `PSETEX key milliseconds value` – O(1)
   */
  psetexBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the expiration time in milliseconds of a key.
   *
   * `PTTL key` – O(1)
   */
  pttlBuffer(key: Word): S['int'];
  /**
   * Posts a message to a channel.
   *
   * `PUBLISH channel message` – O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).
   */
  publishBuffer(channel: Word, message: Word): S['int'];
  /**
   * A container for Pub/Sub commands.
   *
   * `PUBSUB` – Depends on subcommand.
   */
  pubsubBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns a random key name from the database.
   *
   * `RANDOMKEY` – O(1)
   */
  randomkeyBuffer(): S['text'] | null;
  /**
   * Renames a key and overwrites the destination.
   *
   * `RENAME key newkey` – O(1)
   */
  renameBuffer(key: Word, to: Word): 'OK';
  /**
   * Renames a key only when the target key name doesn't exist.
   *
   * `RENAMENX key newkey` – O(1)
   */
  renamenxBuffer(key: Word, to: Word): S['int'];
  /**
   * Creates a key from the serialized representation of a value.
   *
   * `RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]` – O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).
   */
  restoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the replication role.
   *
   * `ROLE` – O(1)
   */
  roleBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns and removes one or more elements from the end of a list. Deletes the list if the last element was popped.
   *
   * `RPOP key [count]` – O(N) where N is the number of elements returned
   */
  rpopBuffer(key: Word): S['text'] | null;
  rpopBuffer(key: Word, count: Integer): S['text'][] | null;
  /**
   * Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.
   *
   * `RPOPLPUSH source destination` – O(1)
   */
  rpoplpushBuffer(...words: Words[]): Reply<S>;
  /**
   * Appends one or more elements to a list. Creates the key if it doesn't exist.
   *
   * `RPUSH key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  rpushBuffer(key: Word, ...elements: Words[]): S['int'];
  /**
   * Appends one or more elements to a list only when the list exists.
   *
   * `RPUSHX key element [element ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  rpushxBuffer(...words: Words[]): Reply<S>;
  /**
   * Adds one or more members to a set. Creates the key if it doesn't exist.
   *
   * `SADD key member [member ...]` – O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.
   */
  saddBuffer(key: Word, ...members: Words[]): S['int'];
  /**
   * Synchronously saves the database(s) to disk.
   *
   * `SAVE` – O(N) where N is the total number of keys in all databases
   */
  saveBuffer(...words: Words[]): Reply<S>;
  /**
   * Iterates over the key names in the database.
   *
   * `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  scanBuffer(cursor: Word, ...options: Words[]): [cursor: S['text'], keys: S['text'][]];
  /**
   * Returns the number of members in a set.
   *
   * `SCARD key` – O(1)
   */
  scardBuffer(key: Word): S['int'];
  /**
   * A container for Lua scripts management commands.
   *
   * `SCRIPT` – Depends on subcommand.
   */
  scriptBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the difference of multiple sets.
   *
   * `SDIFF key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sdiffBuffer(...keys: Words[]): S['text'][];
  /**
   * Stores the difference of multiple sets in a key.
   *
   * `SDIFFSTORE destination key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sdiffstoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.
   *
   * `SET key value [NX | XX | IFEQ comparison-value] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]` – O(1)
   */
  setBuffer(key: Word, value: Word): 'OK';
  setBuffer(key: Word, value: Word, options: SetOptions): 'OK' | S['text'] | null;
  setBuffer(key: Word, value: Word, ...options: Words[]): 'OK' | S['text'] | null;
  /**
   * Sets the string value and expiration time of a key. Creates the key if it doesn't exist.
   *
   * `SETEX key seconds value` – O(1)
   */
  setexBuffer(...words: Words[]): Reply<S>;
  /**
   * Sets the string value of a key only when the key doesn't exist.
   *
   * `SETNX key value` – O(1)
   */
  setnxBuffer(key: Word, value: Word): S['int'];
  /**
   * Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.
   *
   * `SETRANGE key offset value` – O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.
   */
  setrangeBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the intersect of multiple sets.
   *
   * `SINTER key [key ...]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sinterBuffer(...keys: Words[]): S['text'][];
  /**
   * Returns the number of members of the intersect of multiple sets.
   *
   * `SINTERCARD numkeys key [key ...] [LIMIT limit]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sintercardBuffer(...words: Words[]): Reply<S>;
  /**
   * Stores the intersect of multiple sets in a key.
   *
   * `SINTERSTORE destination key [key ...]` – O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.
   */
  sinterstoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Determines whether a member belongs to a set.
   *
   * `SISMEMBER key member` – O(1)
   */
  sismemberBuffer(key: Word, member: Word): S['int'];
  /**
   * Returns all members of a set.
   *
   * `SMEMBERS key` – O(N) where N is the set cardinality.
   */
  smembersBuffer(key: Word): S['text'][];
  /**
   * Determines whether multiple members belong to a set.
   *
   * `SMISMEMBER key member [member ...]` – O(N) where N is the number of elements being checked for membership
   */
  smismemberBuffer(...words: Words[]): Reply<S>;
  /**
   * Moves a member from one set to another.
   *
   * `SMOVE source destination member` – O(1)
   */
  smoveBuffer(...words: Words[]): Reply<S>;
  /**
   * Sorts the elements in a list, a set, or a sorted set, optionally storing the result.
   *
   * `SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]` – O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
   */
  sortBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the sorted elements of a list, a set, or a sorted set.
   *
   * `SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]` – O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).
   */
  sort_roBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.
   *
   * `SPOP key [count]` – Without the count argument O(1), otherwise O(N) where N is the value of the passed count.
   */
  spopBuffer(...words: Words[]): Reply<S>;
  /**
   * Post a message to a shard channel
   *
   * `SPUBLISH shardchannel message` – O(N) where N is the number of clients subscribed to the receiving shard channel.
   */
  spublishBuffer(channel: Word, message: Word): S['int'];
  /**
   * Gets one or multiple random members from a set.
   *
   * `SRANDMEMBER key [count]` – Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.
   */
  srandmemberBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes one or more members from a set. Deletes the set if the last member was removed.
   *
   * `SREM key member [member ...]` – O(N) where N is the number of members to be removed.
   */
  sremBuffer(key: Word, ...members: Words[]): S['int'];
  /**
   * Iterates over members of a set.
   *
   * `SSCAN key cursor [MATCH pattern] [COUNT count]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  sscanBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the length of a string value.
   *
   * `STRLEN key` – O(1)
   */
  strlenBuffer(key: Word): S['int'];
  /**
   * Returns a substring from a string value.
   *
   * `SUBSTR key start end` – O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.
   */
  substrBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the union of multiple sets.
   *
   * `SUNION key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sunionBuffer(...keys: Words[]): S['text'][];
  /**
   * Stores the union of multiple sets in a key.
   *
   * `SUNIONSTORE destination key [key ...]` – O(N) where N is the total number of elements in all given sets.
   */
  sunionstoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Swaps two databases.
   *
   * `SWAPDB index1 index2` – O(N) where N is the count of clients watching or blocking on keys from both databases.
   */
  swapdbBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the server time.
   *
   * `TIME` – O(1)
   */
  timeBuffer(): [seconds: S['text'], microseconds: S['text']];
  /**
   * Returns the number of existing keys out of those specified after updating the time they were last accessed.
   *
   * `TOUCH key [key ...]` – O(N) where N is the number of keys that will be touched.
   */
  touchBuffer(...keys: Words[]): S['int'];
  /**
   * Returns the expiration time in seconds of a key.
   *
   * `TTL key` – O(1)
   */
  ttlBuffer(key: Word): S['int'];
  /**
   * Determines the type of value stored at a key.
   *
   * `TYPE key` – O(1)
   */
  typeBuffer(key: Word): string;
  /**
   * Asynchronously deletes one or more keys.
   *
   * `UNLINK key [key ...]` – O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.
   */
  unlinkBuffer(...keys: Words[]): S['int'];
  /**
   * Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.
   *
   * `XACK key group id [id ...]` – O(1) for each message ID processed.
   */
  xackBuffer(key: Word, group: Word, ...ids: Words[]): S['int'];
  /**
   * Acknowledges and deletes one or multiple messages for a stream consumer group.
   *
   * `XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...]` – O(1) for each message ID processed.
   */
  xackdelBuffer(...words: Words[]): Reply<S>;
  /**
   * Appends a new message to a stream. Creates the key if it doesn't exist.
   *
   * `XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]` – O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.
   */
  xaddBuffer(key: Word, id: Word, fields: Fields): S['text'];
  xaddBuffer(key: Word, ...words: Words[]): S['text'] | null;
  /**
   * Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to a consumer group member.
   *
   * `XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]` – O(1) if COUNT is small.
   */
  xautoclaimBuffer(...words: Words[]): Reply<S>;
  /**
   * Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered to a consumer group member.
   *
   * `XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]` – O(log N) with N being the number of messages in the PEL of the consumer group.
   */
  xclaimBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the number of messages after removing them from a stream.
   *
   * `XDEL key id [id ...]` – O(1) for each single item to delete in the stream, regardless of the stream size.
   */
  xdelBuffer(key: Word, ...ids: Words[]): S['int'];
  /**
   * Deletes one or multiple entries from the stream.
   *
   * `XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...]` – O(1) for each single item to delete in the stream, regardless of the stream size.
   */
  xdelexBuffer(...words: Words[]): Reply<S>;
  /**
   * A container for consumer groups commands.
   *
   * `XGROUP` – Depends on subcommand.
   */
  xgroupBuffer(...words: Words[]): Reply<S>;
  /**
   * A container for stream introspection commands.
   *
   * `XINFO` – Depends on subcommand.
   */
  xinfoBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the number of messages in a stream.
   *
   * `XLEN key` – O(1)
   */
  xlenBuffer(key: Word): S['int'];
  /**
   * Returns the information and entries from a stream consumer group's pending entries list.
   *
   * `XPENDING key group [[IDLE min-idle-time] start end count [consumer]]` – O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.
   */
  xpendingBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the messages from a stream within a range of IDs.
   *
   * `XRANGE key start end [COUNT count]` – O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
   */
  xrangeBuffer(key: Word, start: Word, end: Word, ...count: Words[]): [id: S['text'], fields: S['text'][]][];
  /**
   * Returns the messages from a stream within a range of IDs in reverse order.
   *
   * `XREVRANGE key end start [COUNT count]` – O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).
   */
  xrevrangeBuffer(key: Word, end: Word, start: Word, ...count: Words[]): [id: S['text'], fields: S['text'][]][];
  /**
   * An internal command for replicating stream values.
   *
   * `XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]` – O(1)
   */
  xsetidBuffer(...words: Words[]): Reply<S>;
  /**
   * Deletes messages from the beginning of a stream.
   *
   * `XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]` – O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.
   */
  xtrimBuffer(...words: Words[]): Reply<S>;
  /**
   * Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.
   *
   * `ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]` – O(log(N)) for each item added, where N is the number of elements in the sorted set.
   */
  zaddBuffer(key: Word, ...words: Words[]): S['int'] | number | null;
  /**
   * Returns the number of members in a sorted set.
   *
   * `ZCARD key` – O(1)
   */
  zcardBuffer(key: Word): S['int'];
  /**
   * Returns the count of members in a sorted set that have scores within a range.
   *
   * `ZCOUNT key min max` – O(log(N)) with N being the number of elements in the sorted set.
   */
  zcountBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the difference between multiple sorted sets.
   *
   * `ZDIFF numkeys key [key ...] [WITHSCORES]` – O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
   */
  zdiffBuffer(...words: Words[]): Reply<S>;
  /**
   * Stores the difference of multiple sorted sets in a key.
   *
   * `ZDIFFSTORE destination numkeys key [key ...]` – O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.
   */
  zdiffstoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Increments the score of a member in a sorted set.
   *
   * `ZINCRBY key increment member` – O(log(N)) where N is the number of elements in the sorted set.
   */
  zincrbyBuffer(key: Word, by: number | string, member: Word): number;
  /**
   * Returns the intersect of multiple sorted sets.
   *
   * `ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]` – O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
   */
  zinterBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the number of members of the intersect of multiple sorted sets.
   *
   * `ZINTERCARD numkeys key [key ...] [LIMIT limit]` – O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.
   */
  zintercardBuffer(...words: Words[]): Reply<S>;
  /**
   * Stores the intersect of multiple sorted sets in a key.
   *
   * `ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]` – O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.
   */
  zinterstoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the number of members in a sorted set within a lexicographical range.
   *
   * `ZLEXCOUNT key min max` – O(log(N)) with N being the number of elements in the sorted set.
   */
  zlexcountBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]` – O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zmpopBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the score of one or more members in a sorted set.
   *
   * `ZMSCORE key member [member ...]` – O(N) where N is the number of members being requested.
   */
  zmscoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZPOPMAX key [count]` – O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zpopmaxBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.
   *
   * `ZPOPMIN key [count]` – O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  zpopminBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns one or more random members from a sorted set.
   *
   * `ZRANDMEMBER key [count [WITHSCORES]]` – O(N) where N is the number of members returned
   */
  zrandmemberBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of indexes.
   *
   * `ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrangeBuffer(key: Word, start: Word, stop: Word, scores: 'WITHSCORES'): [member: S['text'], score: number][];
  zrangeBuffer(key: Word, start: Word, stop: Word): S['text'][];
  zrangeBuffer(key: Word, start: Word, stop: Word, ...options: Words[]): S['text'][] | [member: S['text'], score: number][];
  /**
   * Returns members in a sorted set within a lexicographical range.
   *
   * `ZRANGEBYLEX key min max [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrangebylexBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of scores.
   *
   * `ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrangebyscoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Stores a range of members from sorted set in a key.
   *
   * `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.
   */
  zrangestoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the index of a member in a sorted set ordered by ascending scores.
   *
   * `ZRANK key member [WITHSCORE]` – O(log(N))
   */
  zrankBuffer(key: Word, member: Word): S['int'] | null;
  /**
   * Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.
   *
   * `ZREM key member [member ...]` – O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.
   */
  zremBuffer(key: Word, ...members: Words[]): S['int'];
  /**
   * Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYLEX key min max` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebylexBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYRANK key start stop` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebyrankBuffer(...words: Words[]): Reply<S>;
  /**
   * Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.
   *
   * `ZREMRANGEBYSCORE key min max` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation, or of those that stay if they are fewer.
   */
  zremrangebyscoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of indexes in reverse order.
   *
   * `ZREVRANGE key start stop [WITHSCORES]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrangeBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a lexicographical range in reverse order.
   *
   * `ZREVRANGEBYLEX key max min [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrangebylexBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns members in a sorted set within a range of scores in reverse order.
   *
   * `ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]` – O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned; long ranges are written after the locks have gone.
   */
  zrevrangebyscoreBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the index of a member in a sorted set ordered by descending scores.
   *
   * `ZREVRANK key member [WITHSCORE]` – O(log(N))
   */
  zrevrankBuffer(...words: Words[]): Reply<S>;
  /**
   * Iterates over members and scores of a sorted set.
   *
   * `ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]` – O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.
   */
  zscanBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns the score of a member in a sorted set.
   *
   * `ZSCORE key member` – O(1)
   */
  zscoreBuffer(key: Word, member: Word): number | null;
  /**
   * Returns the union of multiple sorted sets.
   *
   * `ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]` – O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.
   */
  zunionBuffer(...words: Words[]): Reply<S>;
  /**
   * Stores the union of multiple sorted sets in a key.
   *
   * `ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]` – O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.
   */
  zunionstoreBuffer(...words: Words[]): Reply<S>;
}

/** Reading streams where nobody can wait: in a transaction or a batch, with Buffers whatever the options of the handle say. */
export interface BufferStreamReads<S extends Shape> {
  /**
   * Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.
   *
   * `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]` – O(N) with N being the number of elements returned.
   */
  xreadBuffer(...words: Words[]): Reply<S>;
  /**
   * Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.
   *
   * `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]` – For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
   */
  xreadgroupBuffer(...words: Words[]): Reply<S>;
}

/** Commands, by their names in lower case, with Buffers whatever the options of the handle say; promises of those that may wait. */
export interface BufferCommands<S extends Shape> extends BufferDataCommands<S> {
  /**
   * Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. Deletes the list if the last element was moved.
   *
   * `BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout` – O(1)
   */
  blmoveBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]` – O(N+M) where N is the number of provided keys and M is the number of elements returned.
   */
  blmpopBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BLPOP key [key ...] timeout` – O(N) where N is the number of provided keys.
   */
  blpopBuffer(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], element: S['text']] | null>;
  /**
   * Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BRPOP key [key ...] timeout` – O(N) where N is the number of provided keys.
   */
  brpopBuffer(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], element: S['text']] | null>;
  /**
   * Pops an element from a list, pushes it to another list and returns it. Block until an element is available otherwise. Deletes the list if the last element was popped.
   *
   * `BRPOPLPUSH source destination timeout` – O(1)
   */
  brpoplpushBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]` – O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.
   */
  bzmpopBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZPOPMAX key [key ...] timeout` – O(log(N)) with N being the number of elements in the sorted set.
   */
  bzpopmaxBuffer(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], member: S['text'], score: number] | null>;
  /**
   * Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.
   *
   * `BZPOPMIN key [key ...] timeout` – O(log(N)) with N being the number of elements in the sorted set.
   */
  bzpopminBuffer(...words: [...Words[], Waiting] | Words[]): Promise<[key: S['text'], member: S['text'], score: number] | null>;
  /**
   * Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.
   *
   * `WAIT numreplicas timeout` – O(1)
   */
  waitBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the primary and/or replicas.
   *
   * `WAITAOF numlocal numreplicas timeout` – O(1)
   */
  waitaofBuffer(...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  /**
   * Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.
   *
   * `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]` – O(N) with N being the number of elements returned.
   */
  xreadBuffer(block: 'BLOCK', ...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  xreadBuffer(...words: [...Words[], Waiting]): Promise<Reply<S>>;
  xreadBuffer(...words: Words[]): Reply<S> | Promise<Reply<S>>;
  /**
   * Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.
   *
   * `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...] id [id ...]` – For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.
   */
  xreadgroupBuffer(block: 'BLOCK', ...words: [...Words[], Waiting] | Words[]): Promise<Reply<S>>;
  xreadgroupBuffer(...words: [...Words[], Waiting]): Promise<Reply<S>>;
  xreadgroupBuffer(...words: Words[]): Reply<S> | Promise<Reply<S>>;
}
