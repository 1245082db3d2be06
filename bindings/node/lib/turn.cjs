// Fairness to the event loop: what is ready at once is handed over before the loop goes on, but not for longer than a millisecond on end.
// A program that awaits one command after the other would otherwise starve its own timers and sockets.
'use strict';
const { performance } = require('node:perf_hooks');

/** For so long things may be handed over before the event loop has had a turn. */
const TURN_MS = 1;

let beganAt = 0;
let isSeen = false;

/** Whether it is time that the event loop goes on. */
function isOverdue() {
  const now = performance.now();
  if (!isSeen) {
    isSeen = true;
    beganAt = now;
    setImmediate(() => {
      isSeen = false;
    });
  }
  return now - beganAt >= TURN_MS;
}

/** Calls `job` soon: at once behind what runs now, or after a turn of the event loop if that is due. */
function soon(job) {
  if (isOverdue()) setImmediate(job);
  else process.nextTick(job);
}

/** A promise that is kept after a turn of the event loop. */
function turn() {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

module.exports = { isOverdue, soon, turn };
