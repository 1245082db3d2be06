// Types of the package, as a module.
import tenondb = require('./index.js');
export * from './index.js';
export default tenondb;
