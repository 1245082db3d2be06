//! A connection to a database in this process, with replies as trees.
use crate::reply::{Reply, encode};
use std::sync::Arc;
use tenondb::{
    Db,
    resp::{Conn, ConnOptions},
};

/// A connection to a database in this process.
pub struct Session {
    db: Db,
    conn: Conn,
    protocol: u8,
    request: Vec<u8>,
}

impl Session {
    /// Opens a connection that speaks `protocol`, 2 or 3. This thread is unparked when there is something for it.
    ///
    /// # Errors
    /// What the database says against it.
    pub fn open(db: &Db, protocol: u8) -> Result<Self, String> {
        let thread = std::thread::current();
        let options = ConnOptions { wake: Some(Arc::new(move || thread.unpark())), ..ConnOptions::default() };
        let conn = Conn::open(db, options);
        let mut session = Self { db: db.clone(), conn, protocol, request: Vec::new() };
        if protocol != 2 {
            session.must(&["HELLO".to_owned(), protocol.to_string()])?;
        }
        Ok(session)
    }

    /// Runs a command that has to succeed.
    ///
    /// # Errors
    /// What the database says.
    pub fn must<A: AsRef<[u8]>>(&mut self, argv: &[A]) -> Result<(), String> {
        let replies = self.call(argv)?;
        match replies.iter().find_map(Reply::error) {
            Some(text) => Err(String::from_utf8_lossy(text).into_owned()),
            None => Ok(()),
        }
    }

    /// Runs a command and returns its reply: none when it was asked for none, more than one when there was news.
    ///
    /// # Errors
    /// The replies make no sense: never, unless there is a fault in the library.
    pub fn call<A: AsRef<[u8]>>(&mut self, argv: &[A]) -> Result<Vec<Reply>, String> {
        let mut request = std::mem::take(&mut self.request);
        request.clear();
        encode(argv, &mut request);
        let replies = self.feed(&request);
        self.request = request;
        replies
    }

    /// Runs commands in RESP.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn feed(&mut self, request: &[u8]) -> Result<Vec<Reply>, String> {
        self.conn.feed(request);
        self.replies()
    }

    /// Returns what has come by itself: messages of the channels it has subscribed to.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn hear(&mut self) -> Result<Vec<Reply>, String> {
        self.conn.pump();
        self.replies()
    }

    fn replies(&mut self) -> Result<Vec<Reply>, String> {
        let (mut replies, mut at) = (Vec::new(), 0);
        let output = self.conn.output();
        while at < output.len() {
            match Reply::parse(&output[at..])? {
                Some((reply, len)) => {
                    at += len;
                    replies.push(reply);
                }
                None => return Err("a reply is not complete".to_owned()),
            }
        }
        self.conn.consume(at);
        if self.conn.is_closed() {
            *self = Self::open(&self.db, self.protocol)?;
        }
        Ok(replies)
    }

    /// The database it speaks to.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The number of the logical database.
    pub fn database(&self) -> u32 {
        self.conn.database()
    }

    /// Tells whether it hears without asking.
    pub fn is_listening(&self) -> bool {
        self.conn.is_subscribed() || self.conn.is_monitoring()
    }

    /// Ends what MONITOR began, so that keys can be read again.
    ///
    /// # Errors
    /// What the database says.
    pub fn end_monitoring(&mut self) -> Result<(), String> {
        if self.conn.is_monitoring() {
            let database = self.database();
            self.must(&["RESET"])?;
            self.must(&["HELLO".to_owned(), self.protocol.to_string()])?;
            self.must(&["SELECT".to_owned(), database.to_string()])?;
        }
        Ok(())
    }

    /// Tells whether commands are queued, between MULTI and EXEC.
    pub fn in_transaction(&self) -> bool {
        self.conn.in_transaction()
    }
}
