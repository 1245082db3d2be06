// ioredis on a database in this process; see ioredis.cjs.
import it from './ioredis.cjs';

export const { connector } = it;
