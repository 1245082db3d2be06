// The same types, required.
import tenondb = require('../../lib/index.js');

export const value: string | null = tenondb.memory().get('k');
