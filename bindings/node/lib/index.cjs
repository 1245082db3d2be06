// What `require('tenondb')` gives.
'use strict';
const { open, memory, attach, Db, TenonError } = require('./db.cjs');
const { Subscription, PrefixWatch } = require('./inbox.cjs');
const { Batch } = require('./batch.cjs');

module.exports = { open, memory, attach, Db, Batch, Subscription, PrefixWatch, TenonError };
