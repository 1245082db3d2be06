//! Commands about the connection.
use super::Row;

pub mod auth;
pub mod client;
pub mod echo;
pub mod hello;
pub mod ping;
pub mod quit;
pub mod reset;
pub mod select;

/// The family's table.
pub static ROWS: &[&Row] =
    &[&auth::ROW, &echo::ROW, &hello::ROW, &ping::ROW, &quit::ROW, &reset::ROW, &select::ROW];
