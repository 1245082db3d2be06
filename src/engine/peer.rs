//! The session of whoever speaks in commands: a RESP connection keeps one, a call by words makes one for its time.
use super::Db;
use crate::cmd::{
    Gate,
    session::{Client, Server, Session},
};
use std::sync::Arc;

/// A handle of the database that is spoken to, and the state of who speaks.
pub struct Peer {
    pub db: Db,
    pub client: Client,
}

impl Session for Peer {
    fn client(&mut self) -> &mut Client {
        &mut self.client
    }
    fn gate(&self) -> &dyn Gate {
        &self.db
    }
    fn server(&self) -> Arc<dyn Server> {
        self.db.core.clone()
    }
    fn select(&mut self, db: u32) {
        if let Ok(db) = self.db.select(db) {
            self.client.db = db.index();
            self.db = db;
        }
    }
}
