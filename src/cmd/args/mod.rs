//! Argument shapes that several commands share.
pub mod aggregate;
pub mod count;
pub mod draw;
pub mod expiry;
pub mod fraction;
pub mod indices;
pub mod limit;
pub mod numkeys;
pub mod pairs;
pub mod range;
pub mod scan;
pub mod several;
pub mod timeout;
