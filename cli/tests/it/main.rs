//! Tests of the program from outside: as a server, as a shell, as a loader of files.
mod load;
mod pubsub;
mod redis;
mod server;
mod shell;
mod store;
mod support;
mod traffic;
