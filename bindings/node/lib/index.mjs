// What `import … from 'tenondb'` gives: the very same objects as `require` does.
import tenondb from './index.cjs';

export const { open, memory, attach, Db, Transaction, Batch, Subscription, PrefixWatch, TenonError } = tenondb;
export default tenondb;
