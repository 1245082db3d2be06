//! Usage strings as trees.
