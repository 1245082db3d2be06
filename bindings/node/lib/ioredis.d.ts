// Types of tenondb/ioredis.
import type { Db } from './index.js';

/** What ioredis's option `Connector` takes. */
export interface EmbeddedConnector {
  /** Milliseconds after which a connection that was disconnected and has not been read to its end is destroyed. */
  readonly disconnectTimeout: number;
  connecting: boolean;
  firstError?: Error;
  check(info: unknown): boolean;
  disconnect(): void;
  connect(): Promise<any>;
}

/**
 * Makes the class that ioredis's option `Connector` takes. `target` is a Db that is open already, or the name of a directory, which each
 * connection then opens.
 */
export function connector(target: Db<any> | string): new (options?: any) => EmbeddedConnector & any;
