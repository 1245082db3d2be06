// node-redis on a database in this process; see node-redis.cjs.
import it from './node-redis.cjs';

export const { socket, install, uninstall } = it;
