//! Damage.
use super::*;
