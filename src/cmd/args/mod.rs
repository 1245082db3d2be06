//! Argument shapes that several commands share.
pub mod count;
pub mod draw;
pub mod expiry;
pub mod fraction;
pub mod indices;
pub mod numkeys;
pub mod scan;
pub mod several;
