// What `require('tenondb')` gives.
'use strict';
const { open, memory, attach, Db, Transaction, TenonError } = require('./db.cjs');
const { Subscription, PrefixWatch } = require('./inbox.cjs');
const { Batch } = require('./batch.cjs');

module.exports = { open, memory, attach, Db, Transaction, Batch, Subscription, PrefixWatch, TenonError };
