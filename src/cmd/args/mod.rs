//! Argument shapes that several commands share.
pub mod expiry;
pub mod numkeys;
pub mod scan;
