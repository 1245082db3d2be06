//! Connections that several threads hold, commands that wait as futures, transactions that are not closures.
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};
use tenondb::{
    Clock, Db, Kind, Lists, Options, Reply, Strings,
    resp::{Line, Poller, Read, Woken},
};

const LONG: Option<Duration> = Some(Duration::from_secs(20));

fn text(line: &Line) -> String {
    match line.read_all() {
        Some(bytes) => String::from_utf8(bytes).unwrap(),
        None => "end".into(),
    }
}

#[cfg(target_os = "linux")]
/// What the system says of the counter behind the descriptor: it is readable unless that is 0.
fn readable(fd: i32) -> bool {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap();
    let count = info.lines().find_map(|line| line.strip_prefix("eventfd-count:")).unwrap().trim();
    count != "0"
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_reader_who_found_nothing_is_called_once() {
    let db = Db::memory();
    let line = Line::open(&db);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    line.notify(Some(Arc::new(move || {
        counted.fetch_add(1, SeqCst);
    })));
    line.write(b"PING\r\n");
    assert_eq!((text(&line), calls.load(SeqCst)), ("+PONG\r\n".into(), 0), "replies call nobody");
    line.write(b"SUBSCRIBE news\r\n");
    assert!(text(&line).starts_with("*3"));
    assert_eq!(line.read(&mut [0; 8]), Read::Again);
    for body in ["1", "2"] {
        db.call(["PUBLISH", "news", body]).unwrap();
    }
    assert_eq!(calls.load(SeqCst), 1);
    assert_eq!(text(&line).matches("message").count(), 2);
    assert_eq!(text(&line), "");
    db.call(["PUBLISH", "news", "3"]).unwrap();
    assert_eq!(calls.load(SeqCst), 2);
}

#[test]
fn a_thread_waits_for_what_another_brings() {
    let db = Db::memory();
    let line = Arc::new(Line::open(&db));
    assert_eq!(line.wait(Some(Duration::from_millis(2))), Woken::TimedOut);
    line.write(b"BLPOP jobs 0\r\nPING\r\n");
    let (reader, (tell, told)) = (Arc::clone(&line), mpsc::channel());
    let thread = thread::spawn(move || {
        tell.send(()).unwrap();
        (reader.wait(LONG), text(&reader))
    });
    told.recv().unwrap();
    db.rpush("jobs", &["build"]).unwrap();
    assert_eq!(thread.join().unwrap(), (Woken::Ready, "*2\r\n$4\r\njobs\r\n$5\r\nbuild\r\n+PONG\r\n".into()));
    line.interrupt();
    assert_eq!(line.wait(LONG), Woken::Interrupted);
    let reader = Arc::clone(&line);
    let thread = thread::spawn(move || (reader.wait(LONG), text(&reader)));
    line.write(b"PING\r\n");
    assert_eq!(thread.join().unwrap(), (Woken::Ready, "+PONG\r\n".into()));
    let reader = Arc::clone(&line);
    let thread = thread::spawn(move || (reader.wait(LONG), reader.read(&mut [0; 8])));
    line.shutdown();
    assert_eq!(thread.join().unwrap(), (Woken::Ready, Read::End));
    assert!(!line.write(b"PING\r\n") && line.is_ended());
}

#[test]
fn a_time_out_is_heard_of_whoever_ticks() {
    for threads in [0, 1] {
        let db = Db::with(Options { threads, ..Options::default() });
        let line = Line::open(&db);
        line.write(b"BLPOP jobs 0.02\r\n");
        assert_eq!((line.wait(LONG), text(&line)), (Woken::Ready, "*-1\r\n".into()));
        assert_eq!(db.pending_call(["BLPOP", "jobs", "0.02"]).wait().unwrap(), Reply::Nil);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_poller_names_the_lines_that_have_something() {
    let db = Db::memory();
    let poller = Poller::new().unwrap();
    let lines: Vec<Line> = (0..3).map(|_| Line::open(&db)).collect();
    for (token, line) in lines.iter().enumerate() {
        assert!(line.attach(&poller, token as u64));
    }
    for line in &lines[..2] {
        line.write(b"SUBSCRIBE news\r\n");
        while !text(line).is_empty() {}
    }
    let mut tokens = Vec::new();
    poller.take(&mut tokens);
    tokens.clear();
    assert!(!readable(poller.fd()));
    db.call(["PUBLISH", "news", "1"]).unwrap();
    assert!(readable(poller.fd()));
    poller.take(&mut tokens);
    tokens.sort_unstable();
    assert_eq!((tokens, readable(poller.fd())), (vec![0, 1], false));
    lines[2].write(b"CLIENT ID\r\n");
    assert!(!lines[2].attach(&poller, 2), "there is something already");
    assert!(text(&lines[2]).starts_with(':'));
}

#[cfg(target_os = "linux")]
#[test]
fn a_descriptor_is_readable_while_there_is_something() {
    let db = Db::memory();
    let line = Line::open(&db);
    line.write(b"ECHO 0123456789\r\n");
    let fd = line.fd().unwrap();
    assert!(readable(fd), "there was something when it was made");
    assert_eq!((line.read(&mut [0; 4]), readable(fd)), (Read::Bytes(4), true));
    assert!(text(&line).ends_with("0123456789\r\n"));
    assert_eq!((line.read(&mut [0; 4]), readable(fd)), (Read::Again, false));
    line.write(b"PING\r\n");
    assert!(readable(fd));
    text(&line);
    line.write(b"BLPOP jobs 0\r\n");
    assert_eq!((line.read(&mut [0; 4]), readable(fd)), (Read::Again, false));
    db.rpush("jobs", &["build"]).unwrap();
    assert!(readable(fd));
    assert!(text(&line).contains("build"));
    line.write(b"QUIT\r\n");
    assert_eq!((text(&line), readable(fd), line.read(&mut [0; 4])), ("+OK\r\n".into(), true, Read::End));
}

#[test]
fn who_goes_away_gives_back_what_he_was_served_with() {
    let db = Db::memory();
    let line = Line::open(&db);
    line.write(b"BLPOP jobs 0\r\n");
    let mut call = db.pending_call(["BLPOP", "jobs", "0"]);
    assert!(call.poll_once().is_none());
    db.rpush("jobs", &["a", "b", "c"]).unwrap();
    assert_eq!(db.llen("jobs").unwrap(), 1);
    line.shutdown();
    drop(call);
    assert_eq!(db.llen("jobs").unwrap(), 3);
    // Nobody waits any more who could take something.
    db.rpush("jobs", &["d"]).unwrap();
    assert_eq!(db.llen("jobs").unwrap(), 4);
}

#[test]
fn a_call_is_a_future() {
    let db = Db::memory();
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let mut set = pin!(db.pending_call(["SET", "k", "v"]));
    assert_eq!(db.get("k").unwrap(), None, "nobody has looked");
    assert!(matches!(set.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
    let mut again = pin!(db.pending_call(["XREAD", "BLOCK", "0", "STREAMS", "s", "$"]));
    assert!(again.as_mut().poll(&mut context).is_pending());
    db.call(["XADD", "s", "1-1", "f", "v"]).unwrap();
    assert_eq!(count.0.load(SeqCst), 1);
    let Poll::Ready(Ok(Reply::Map(streams))) = again.as_mut().poll(&mut context) else {
        panic!("not served")
    };
    assert_eq!(streams.len(), 1);
    let Poll::Ready(Err(error)) = again.poll(&mut context) else { panic!("twice") };
    assert_eq!(error.kind(), Kind::Misuse);
    let wrong = db.pending_call(["BLPOP", "k", "0"]).wait().unwrap_err();
    assert_eq!(wrong.kind(), Kind::WrongType);
    let nothing: [&str; 0] = [];
    assert_eq!(db.pending_call(nothing).wait().unwrap_err().to_string(), "ERR syntax error");
}

#[test]
fn a_hand_set_clock_ends_a_wait() {
    let clock = Clock::manual(1_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    let mut call = db.pending_call(["BLPOP", "jobs", "3600"]);
    assert!(call.poll_once().is_none());
    clock.advance_ms(3_600_000);
    assert_eq!(call.wait().unwrap(), Reply::Nil);
}

#[test]
fn an_open_transaction_commits_once_or_not_at_all() {
    let db = Db::memory();
    let tx = db.begin();
    tx.call(["SET", "a", "1"]).unwrap();
    tx.txn().rpush("l", &["x"]).unwrap();
    assert_eq!(tx.call(["GET", "a"]).unwrap().as_bytes(), Some(&b"1"[..]));
    assert_eq!(db.get("a").unwrap(), None);
    tx.commit().unwrap();
    assert_eq!(db.get("a").unwrap().unwrap(), "1");
    assert_eq!(db.llen("l").unwrap(), 1);
    let tx = db.begin();
    tx.call(["INCR", "a"]).unwrap();
    drop(tx);
    assert_eq!(db.get("a").unwrap().unwrap(), "1");
    let (first, second) = (db.begin(), db.begin());
    first.call(["INCR", "a"]).unwrap();
    second.call(["INCR", "a"]).unwrap();
    second.commit().unwrap();
    assert_eq!(first.commit().unwrap_err().kind(), Kind::Conflict);
    assert_eq!(db.get("a").unwrap().unwrap(), "2");
    let mut tx = db.begin();
    tx.select(3).unwrap();
    tx.call(["SET", "b", "1"]).unwrap();
    assert!(tx.select(16).is_err());
    tx.commit().unwrap();
    assert_eq!(db.select(3).unwrap().get("b").unwrap().unwrap(), "1");
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_between_a_reply_and_its_reader_is_shown() {
    let db = Db::memory();
    let line = Line::open(&db);
    let fd = line.fd().unwrap();
    line.write(b"HELLO 3\r\nSUBSCRIBE news\r\n");
    while !text(&line).is_empty() {}
    line.write(b"PING\r\n");
    db.call(["PUBLISH", "news", "1"]).unwrap();
    // One read for each time that it is readable.
    let mut heard = String::new();
    for _ in 0..4 {
        if readable(fd) {
            heard += &text(&line);
        }
    }
    assert!(heard.starts_with("+PONG") && heard.contains("news"), "{heard}");
    assert!(!readable(fd));
}

#[test]
fn a_callback_may_use_the_line_and_others() {
    let db = Db::memory();
    let (line, other) = (Arc::new(Line::open(&db)), Arc::new(Line::open(&db)));
    let heard = Arc::new(std::sync::Mutex::new(String::new()));
    for reader in [&line, &other] {
        let (weak, heard) = (Arc::downgrade(reader), Arc::clone(&heard));
        reader.notify(Some(Arc::new(move || {
            if let Some(line) = weak.upgrade() {
                while let Some(bytes) = line.read_all().filter(|bytes| !bytes.is_empty()) {
                    heard.lock().unwrap().push_str(std::str::from_utf8(&bytes).unwrap());
                }
            }
        })));
        reader.write(b"HELLO 3\r\nSUBSCRIBE news\r\n");
        while !text(reader).is_empty() {}
    }
    heard.lock().unwrap().clear();
    line.write(b"PUBLISH news 1\r\nPING\r\n");
    other.write(b"PING\r\n");
    let heard = heard.lock().unwrap();
    assert_eq!((heard.matches("message").count(), heard.matches("+PONG").count()), (2, 2), "{heard}");
}

#[test]
fn one_who_sleeps_is_not_forgotten_for_one_who_has_read() {
    let db = Db::memory();
    let line = Arc::new(Line::open(&db));
    line.write(b"SUBSCRIBE news\r\n");
    while !text(&line).is_empty() {}
    let sleeper = Arc::clone(&line);
    let thread = thread::spawn(move || sleeper.wait(LONG));
    // The other one looks all the time, so that his looks come between the publisher's steps, too.
    while !thread.is_finished() {
        db.call(["PUBLISH", "news", "1"]).unwrap();
        line.read_all();
    }
    assert_eq!(thread.join().unwrap(), Woken::Ready);
}

#[test]
fn others_do_not_prolong_a_wait() {
    let db = Db::memory();
    let line = Arc::new(Line::open(&db));
    let sleeper = Arc::clone(&line);
    let thread = thread::spawn(move || sleeper.wait(Some(Duration::from_millis(60))));
    let mut looks = 0;
    // Each look arms again, each interruption is somebody's.
    while !thread.is_finished() && looks < 2_000 {
        line.read(&mut [0; 1]);
        looks += 1;
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(thread.join().unwrap(), Woken::TimedOut);
    assert!(looks < 2_000);
}
