//! The crate `redis`, synchronous and asynchronous, on a database in this process.
use futures_util::StreamExt;
use redis::{
    AsyncCommands, Commands, ConnectionLike, ErrorKind, RedisConnectionInfo,
    aio::{MultiplexedConnection, PubSub},
};
use std::{collections::HashMap, thread, time::Duration};
use tenondb::{
    Db, Lists,
    resp::redis_rs::{Connection, Stream},
};

async fn connect(db: &Db) -> MultiplexedConnection {
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
    let info = RedisConnectionInfo::default();
    let (connection, driver) =
        MultiplexedConnection::new_with_config(&info, Stream::open(db), config).await.unwrap();
    tokio::spawn(driver);
    connection
}

#[test]
fn commands_pipelines_and_transactions() {
    let db = Db::memory();
    for mut connection in [Connection::open(&db), Connection::open_resp3(&db)] {
        let _: () = redis::cmd("FLUSHALL").query(&mut connection).unwrap();
        let _: () = connection.set_ex("session", "alice", 60).unwrap();
        assert_eq!(connection.get::<_, String>("session").unwrap(), "alice");
        assert!(connection.ttl::<_, i64>("session").unwrap() > 58);
        assert_eq!(connection.get::<_, Option<String>>("missing").unwrap(), None);
        let _: () = connection.hset_multiple("player", &[("name", "bob"), ("level", "7")]).unwrap();
        let player: HashMap<String, String> = connection.hgetall("player").unwrap();
        assert_eq!((player.len(), player["level"].as_str()), (2, "7"));
        let _: () = connection.zadd("board", "alice", 10.5).unwrap();
        let board: Vec<(String, f64)> = connection.zrange_withscores("board", 0, -1).unwrap();
        assert_eq!(board, [("alice".into(), 10.5)]);
        let (first, second): (i64, i64) =
            redis::pipe().atomic().incr("count", 1).incr("count", 5).query(&mut connection).unwrap();
        assert_eq!((first, second), (1, 6));
        let wrong = connection.incr::<_, _, i64>("session", 1).unwrap_err();
        assert_eq!(wrong.detail(), Some("value is not an integer or out of range"));
        let wrong = connection.lpush::<_, _, i64>("session", 1).unwrap_err();
        assert_eq!(wrong.code(), Some("WRONGTYPE"));
        let (new,): (i64,) = redis::transaction(&mut connection, &["count"], |connection, pipe| {
            let old: i64 = connection.get("count")?;
            pipe.set("count", old * 2).ignore().get("count").query(connection)
        })
        .unwrap();
        assert_eq!(new, 12);
        // An error in the middle of a pipeline leaves the connection in step.
        let torn: redis::RedisResult<(i64, i64)> =
            redis::pipe().incr("session", 1).incr("count", 1).query(&mut connection);
        assert!(torn.is_err());
        assert_eq!(connection.get::<_, i64>("count").unwrap(), 13);
        let scanned: Vec<String> = connection.scan().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(scanned.len(), 4);
        let _: () = redis::cmd("SELECT").arg(3).query(&mut connection).unwrap();
        assert_eq!((connection.get_db(), connection.check_connection()), (3, true));
        let _: () = redis::cmd("QUIT").query(&mut connection).unwrap();
        assert!(!connection.is_open() && !connection.check_connection());
        assert_eq!(redis::cmd("PING").query::<()>(&mut connection).unwrap_err().kind(), ErrorKind::Io);
    }
}

#[test]
fn a_blocking_pop_waits_for_another_thread() {
    let db = Db::memory();
    let mut connection = Connection::open(&db);
    let thread = thread::spawn(move || connection.blpop::<_, (String, String)>("jobs", 20.0).unwrap());
    while db
        .call(["CLIENT", "LIST"])
        .unwrap()
        .as_bytes()
        .is_none_or(|list| !String::from_utf8_lossy(list).contains("cmd=blpop"))
    {
        thread::yield_now();
    }
    db.rpush("jobs", &["build"]).unwrap();
    assert_eq!(thread.join().unwrap(), ("jobs".into(), "build".into()));
}

#[tokio::test]
async fn tasks_share_a_connection() {
    let db = Db::memory();
    let connection = connect(&db).await;
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let mut connection = connection.clone();
            tokio::spawn(async move {
                let _: () = connection.set(format!("key:{number}"), number).await.unwrap();
                connection.incr::<_, _, i64>("count", 1).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut connection = connection;
    assert_eq!(connection.get::<_, i64>("count").await.unwrap(), 50);
    assert_eq!(connection.mget::<_, Vec<i64>>(&["key:1", "key:49"]).await.unwrap(), [1, 49]);
    let wrong = connection.lpush::<_, _, i64>("count", 1).await.unwrap_err();
    assert_eq!(wrong.code(), Some("WRONGTYPE"));
}

#[tokio::test]
async fn a_blocking_pop_lets_the_loop_go_on() {
    let db = Db::memory();
    let (mut waits, mut pushes) = (connect(&db).await, connect(&db).await);
    let pop = tokio::spawn(async move { waits.blpop::<_, (String, String)>("jobs", 20.0).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!pop.is_finished());
    let _: () = pushes.rpush("jobs", "build").await.unwrap();
    assert_eq!(pop.await.unwrap(), ("jobs".into(), "build".into()));
}

#[tokio::test]
async fn messages_arrive() {
    let db = Db::memory();
    let mut pubsub = PubSub::new(&RedisConnectionInfo::default(), Stream::open(&db)).await.unwrap();
    pubsub.subscribe("news").await.unwrap();
    pubsub.psubscribe("price:*").await.unwrap();
    let mut connection = connect(&db).await;
    assert_eq!(connection.publish::<_, _, i64>("news", "hello").await.unwrap(), 1);
    assert_eq!(connection.publish::<_, _, i64>("price:oil", "71").await.unwrap(), 1);
    let mut messages = pubsub.on_message();
    let first = messages.next().await.unwrap();
    let second = messages.next().await.unwrap();
    assert_eq!((first.get_channel_name(), first.get_payload::<String>().unwrap()), ("news", "hello".into()));
    assert_eq!(
        (second.get_pattern::<String>().unwrap(), second.get_payload::<i64>().unwrap()),
        ("price:*".into(), 71)
    );
}
