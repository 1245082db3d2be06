//! A connection to a database in this process, with replies as trees.
use crate::reply::{Reply, encode};
use tenondb::{Db, resp::Conn};

/// A connection to a database in this process.
pub struct Session {
    db: Db,
    conn: Conn,
    protocol: u8,
    request: Vec<u8>,
}

impl Session {
    /// Opens a connection that speaks `protocol`, 2 or 3.
    ///
    /// # Errors
    /// What the database says against it.
    pub fn open(db: &Db, protocol: u8) -> Result<Self, String> {
        let mut session = Self { db: db.clone(), conn: Conn::new(db), protocol, request: Vec::new() };
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

    /// Tells whether commands are queued, between MULTI and EXEC.
    pub fn in_transaction(&self) -> bool {
        self.conn.in_transaction()
    }
}
