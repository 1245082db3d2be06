//! ZADD, ZRANK and ZRANGE on a board of a million, beside a classic skip list.
use crate::{fill_redis, with_conn, with_redis};
use skiplist::OrderedSkipList;
use std::{cmp::Ordering, collections::HashMap, hint::black_box, ops::Bound, sync::Mutex};
use tenondb::{Bytes, Db, SortedSets};
use tenondb_compare::{
    order::{Visits, key, moved_score, score},
    race::Race,
    wire::{Server, Template, Word},
};

const MEMBERS: usize = 1_000_000;
const RANGE: usize = 100;

/// An element of the classic set: by score, then by member.
#[derive(PartialEq, Clone)]
struct Rated(f64, Box<[u8]>);

impl Eq for Rated {}
impl PartialOrd for Rated {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Rated {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then_with(|| self.1.cmp(&other.1))
    }
}

/// What Redis has: a hash table from member to score beside a skip list with spans, behind a lock.
#[derive(Default)]
struct Classic {
    scores: HashMap<Box<[u8]>, f64>,
    ranks: OrderedSkipList<Rated>,
}

impl Classic {
    fn add(&mut self, score: f64, member: &[u8]) {
        if let Some(old) = self.scores.insert(member.into(), score) {
            self.ranks.take_fast(&Rated(old, member.into()));
        }
        self.ranks.insert(Rated(score, member.into()));
    }

    fn rank(&self, member: &[u8]) -> Option<usize> {
        self.ranks.rank(&Rated(*self.scores.get(member)?, member.into()))
    }

    fn range(&self, from: &Rated, len: usize) -> Vec<Bytes> {
        // `range` of that crate finds its end by walking there; a cursor does not look for it.
        let mut cursor = self.ranks.lower_bound(Bound::Included(from));
        std::iter::from_fn(|| cursor.next()).take(len).map(|rated| Bytes::copy(&rated.1)).collect()
    }
}

fn rated(n: usize) -> (f64, [u8; 16]) {
    (score(n) as f64, key(n))
}

pub fn run(server: Option<&Server>) {
    let db = Db::memory();
    let classic = Mutex::new(Classic::default());
    for n in 0..MEMBERS {
        let (score, member) = rated(n);
        db.zadd("board", score, member).unwrap();
        classic.lock().unwrap().add(score, &member);
    }
    let words = [Word::Fixed("ZADD"), Word::Fixed("board"), Word::Score, Word::Key];
    fill_redis(server, &Template::of(&words), MEMBERS);
    rank(&db, &classic, server);
    range(&db, &classic, server);
    update(&db, &classic, server);
    add(&db, &classic, server);
}

fn rank(db: &Db, classic: &Mutex<Classic>, server: Option<&Server>) {
    let visits = Visits::uniform(MEMBERS);
    let order = || visits.clone();
    let (mut at_db, mut at_classic) = (order(), order());
    let race = Race::new("ZRANK, 1M members, uniform")
        .with("tenondb, typed", move |_| {
            black_box(db.zrank("board", key(at_db.visit())).unwrap());
        })
        .with("Mutex<HashMap + skip list>", move |_| {
            black_box(classic.lock().unwrap().rank(&key(at_classic.visit())));
        });
    let request = Template::of(&[Word::Fixed("ZRANK"), Word::Fixed("board"), Word::Key]);
    let mut at = order();
    let race = with_conn(race, db, request.clone(), move || at.visit());
    let mut at = order();
    with_redis(race, server, &request, move || at.visit()).run();
}

fn range(db: &Db, classic: &Mutex<Classic>, server: Option<&Server>) {
    // Ranks of six digits.
    const FROM: usize = 100_000;
    let visits = Visits::uniform(MEMBERS - FROM - RANGE);
    let order = || {
        let mut visits = visits.clone();
        move || FROM + visits.visit()
    };
    // The classic list is given the element at which the range starts: going there by rank costs it even more.
    let starts: Vec<Rated> = classic.lock().unwrap().ranks.iter().cloned().collect();
    let (mut at_db, mut at_classic) = (order(), order());
    let race = Race::new("ZRANGE of 100, 1M members, uniform")
        .with("tenondb, typed", move |_| {
            let start = at_db() as i64;
            black_box(db.zrange("board", start, start + RANGE as i64 - 1).unwrap());
        })
        .with("Mutex<HashMap + skip list>", move |_| {
            black_box(classic.lock().unwrap().range(&starts[at_classic()], RANGE));
        });
    let words = [Word::Fixed("ZRANGE"), Word::Fixed("board"), Word::Rank(0), Word::Rank(RANGE - 1)];
    let request = Template::of(&words);
    let race = with_conn(race, db, request.clone(), order());
    with_redis(race, server, &request, order()).run();
}

fn update(db: &Db, classic: &Mutex<Classic>, server: Option<&Server>) {
    let visits = Visits::uniform(MEMBERS);
    let order = || visits.clone();
    let (mut at_db, mut at_classic) = (order(), order());
    let moved = |n: usize, turn: usize| moved_score(n, turn) as f64;
    let race = Race::new("ZADD of another score, 1M members, uniform")
        .with("tenondb, typed", move |turn| {
            let n = at_db.visit();
            db.zadd("board", moved(n, turn), key(n)).map(drop).unwrap();
        })
        .with("Mutex<HashMap + skip list>", move |turn| {
            let n = at_classic.visit();
            classic.lock().unwrap().add(moved(n, turn), &key(n));
        });
    let words = [Word::Fixed("ZADD"), Word::Fixed("board"), Word::MovedScore, Word::Key];
    let request = Template::of(&words);
    let mut at = order();
    let race = with_conn(race, db, request.clone(), move || at.visit());
    let mut at = order();
    with_redis(race, server, &request, move || at.visit()).run();
}

fn add(db: &Db, classic: &Mutex<Classic>, server: Option<&Server>) {
    let fresh = || {
        let mut n = MEMBERS;
        move || {
            n += 1;
            n
        }
    };
    // The wire has members of its own, so that none of them adds what is there.
    let others = |from: usize| {
        let mut n = from;
        move || {
            n += 1;
            n
        }
    };
    let (mut for_db, mut for_classic) = (fresh(), fresh());
    let race = Race::new("ZADD of a new member, from 1M members on")
        .with("tenondb, typed", move |_| {
            let (score, member) = rated(for_db());
            db.zadd("board", score, member).map(drop).unwrap();
        })
        .with("Mutex<HashMap + skip list>", move |_| {
            let (score, member) = rated(for_classic());
            classic.lock().unwrap().add(score, &member);
        });
    let words = [Word::Fixed("ZADD"), Word::Fixed("board"), Word::Score, Word::Key];
    let request = Template::of(&words);
    let race = with_conn(race, db, request.clone(), others(20 * MEMBERS));
    with_redis(race, server, &request, others(40 * MEMBERS)).run();
}
