// Memory for many small Buffers: one block is cut into slices, as Node's own pool does. A slice keeps its block alive.
'use strict';

class Pool {
  #bytes;

  constructor(bytes) {
    this.#bytes = bytes;
    this.block = Buffer.allocUnsafeSlow(bytes);
    /** From here on the block is free. */
    this.at = 0;
  }

  /** Begins a new block when less than so many bytes are left of this one. */
  reserve(bytes) {
    if (this.#bytes - this.at >= bytes) return;
    this.block = Buffer.allocUnsafeSlow(this.#bytes);
    this.at = 0;
  }

  /** Takes the next `bytes` of the block. */
  cut(bytes) {
    const end = this.at + bytes;
    const slice = this.block.subarray(this.at, end);
    this.at = end;
    return slice;
  }

  get isFull() {
    return this.at === this.#bytes;
  }
}

module.exports = { Pool };
