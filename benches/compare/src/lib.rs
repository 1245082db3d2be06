//! What the comparison is made of: races, orders of visits, requests, servers. It knows nothing of what is compared.
pub mod order;
pub mod race;
pub mod wire;
