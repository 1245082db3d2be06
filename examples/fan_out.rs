//! Messages of an online game: a thousand players, each of whom hears what is said to him, at the place where he is, and to the
//! whole world, while he is sent from place to place.
//!
//! ```text
//! cargo run --release --example fan_out [ACTIONS]      (200,000 unless given)
//! ```
//!
//! | part | how |
//! |---|---|
//! | players | 1000 subscriptions: a channel of one's own, one of the place, one of the world; read as futures, by four threads |
//! | to one | PUBLISH to the player's channel |
//! | to a place | PUBLISH to the channel of one of 50 places |
//! | to all | PUBLISH to the channel of the world |
//! | moves | SMOVE between the places' sets, HSET of the whereabouts, PUBLISH to the player: one batch |
//!
//! A player who is told to go leaves the channel of the old place and joins that of the new one, while others publish to both.
//! Every message has a number. At the end the program knows: everything that was published while a player was subscribed has
//! reached him once and in order, and nothing else has; PUBLISH has counted its receivers rightly; nothing was dropped; everybody
//! is where the database says. It prints how long messages took, and fails when something is amiss.
#[path = "kit/chance.rs"]
mod chance;
#[path = "kit/faults.rs"]
mod faults;
#[path = "app_server/latency.rs"]
mod latency;
#[path = "fan_out/player.rs"]
mod player;
#[path = "fan_out/world.rs"]
mod world;

use chance::Chance;
use latency::Latencies;
use player::{KINDS, Listener, player_name};
use std::{process::ExitCode, sync::atomic::Ordering, thread};
use tenondb::{Channels, Clock, Db, Hashes, Result, Sets};
use world::{PLACES, PLAYERS, World, locked, place_name};

const ACTIONS: u64 = 200_000;
const PUBLISHERS: usize = 4;
const READERS: usize = 4;
/// Publishers pause when so many messages wait to be read.
const AHEAD_MAX: u64 = 20_000;

/// One who publishes. Each player belongs to one of them, who sends him from place to place.
struct Publisher<'a> {
    world: &'a World,
    /// Its own players: where they were sent last, and how many messages they were sent.
    players: Vec<(usize, usize, u64)>,
    chance: Chance,
}

impl Publisher<'_> {
    fn any(&mut self, of: usize) -> usize {
        self.chance.below(of as u64) as usize
    }

    /// Does one thing.
    fn act(&mut self) -> Result<()> {
        self.world.wait_for_readers(AHEAD_MAX);
        match self.chance.below(1000) {
            0 => self.tell_all(),
            1..=400 => self.tell_place(),
            401..=600 => self.send_away(),
            _ => self.tell_one(),
        }
    }

    fn tell_one(&mut self) -> Result<()> {
        let n = self.any(self.players.len());
        let (player, _, count) = &mut self.players[n];
        *count += 1;
        let said = self.world.letter(*count, "hello");
        let heard = self.world.db.publish(player_name(*player), said)?;
        self.world.count(heard, 1);
        Ok(())
    }

    fn tell_place(&mut self) -> Result<()> {
        let place = self.any(PLACES);
        // Nobody joins or leaves, and no other message gets a number, until this one has been delivered.
        let mut known = locked(&self.world.places[place]);
        known.said += 1;
        let said = self.world.letter(known.said, "it rains");
        let heard = self.world.db.publish(place_name(place), said)?;
        self.world.count(heard, known.listeners);
        Ok(())
    }

    fn tell_all(&mut self) -> Result<()> {
        let mut said = locked(&self.world.said_to_all);
        *said += 1;
        let heard = self.world.db.publish("world", self.world.letter(*said, "night falls"))?;
        self.world.count(heard, PLAYERS);
        Ok(())
    }

    /// Sends a player elsewhere: the sets, the whereabouts and the message, or nothing of it.
    fn send_away(&mut self) -> Result<()> {
        let (n, to) = (self.any(self.players.len()), self.any(PLACES));
        let (player, at, count) = &mut self.players[n];
        if *at == to {
            return Ok(());
        }
        *count += 1;
        let (name, from) = (player_name(*player), std::mem::replace(at, to));
        let said = self.world.letter(*count, &format!("go {to}"));
        let (from, to) = (place_name(from), place_name(to));
        let mut batch = self.world.db.batch();
        batch.call(["SMOVE", &from, &to, &name]).call(["HSET", "where", &name, &to]);
        batch.call(["PUBLISH", &name, &said]);
        let replies = batch.run()?;
        self.world.faults.must(replies[0].as_int() == Some(1), "a player was not where he was sent");
        self.world.count(replies[2].as_int().unwrap_or(0) as usize, 1);
        Ok(())
    }
}

fn run(actions: u64) -> Result<bool> {
    let world = &World::new(Db::memory());
    for player in 0..PLAYERS {
        let (name, place) = (player_name(player), place_name(player % PLACES));
        world.db.sadd(&place, &[&name])?;
        world.db.hset("where", &[(name, place)])?;
    }
    let clock = Clock::system();
    let mut readers: Vec<Listener<'_>> = (0..READERS)
        .map(|n| Listener::of(world, (0..PLAYERS).filter(|player| player % READERS == n)))
        .collect();
    let mut publishers: Vec<Publisher<'_>> = (0..PUBLISHERS)
        .map(|n| {
            let own = (0..PLAYERS).filter(|player| player / READERS % PUBLISHERS == n);
            let players = own.map(|player| (player, player % PLACES, 0)).collect();
            Publisher { world, players, chance: Chance::new(n as u64) }
        })
        .collect();
    let since_us = clock.now_us();
    thread::scope(|scope| -> Result<()> {
        let reading: Vec<_> = readers.iter_mut().map(|reader| scope.spawn(move || reader.read())).collect();
        let publishing: Vec<_> = publishers
            .iter_mut()
            .map(|publisher| {
                let share = actions.div_ceil(PUBLISHERS as u64);
                scope.spawn(move || (0..share).try_for_each(|_| publisher.act()))
            })
            .collect();
        // One that panicked ends the program with its own message; the readers end in any case.
        let ended: Vec<_> = publishing.into_iter().map(|thread| thread.join()).collect();
        world.over.store(true, Ordering::Release);
        reading.into_iter().for_each(|thread| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
        for one in ended {
            one.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })?;
    let taken_us = clock.now_us().saturating_sub(since_us);
    check(world, &readers, &publishers)?;
    report(world, &readers, taken_us);
    Ok(world.faults.verdict())
}

/// Whether everybody has heard everything, and is where he should be.
fn check(world: &World, readers: &[Listener<'_>], publishers: &[Publisher<'_>]) -> Result<()> {
    for (player, place, count) in publishers.iter().flat_map(|publisher| &publisher.players) {
        let known = readers.iter().find_map(|reader| reader.player(*player));
        let Some(known) = known else { continue };
        world.faults.must(known.has_heard_all(*count), "a player has not heard everything");
        world.faults.must(known.place() == *place, "a player is not where he was sent");
        let whereabouts = world.db.hget("where", player_name(*player))?;
        let is_there = whereabouts.is_some_and(|name| name == place_name(*place));
        world.faults.must(is_there, "a player is not where the database says");
        world.faults.must(known.dropped() == 0, "messages were dropped");
    }
    let known: usize = publishers.iter().map(|publisher| publisher.players.len()).sum();
    world.faults.must(known == PLAYERS, "a player belongs to nobody");
    let (published, heard) = (world.delivered.load(Ordering::Relaxed), world.heard.load(Ordering::Relaxed));
    world.faults.must(published == heard, "not as many messages were heard as PUBLISH has counted");
    Ok(())
}

fn report(world: &World, readers: &[Listener<'_>], taken_us: u64) {
    let (seconds, heard) = (taken_us as f64 / 1e6, world.heard.load(Ordering::Relaxed));
    let dropped: u64 = readers.iter().map(Listener::dropped).sum();
    println!(
        "{heard} messages to {PLAYERS} players in {seconds:.2} s: {:.0} a second",
        heard as f64 / seconds
    );
    println!("{} moves, {dropped} messages dropped\n", readers.iter().map(Listener::moves).sum::<u64>());
    println!("{:<10} {:>9} {:>9} {:>9} {:>9} {:>9}", "µs", "messages", "p50", "p95", "p99", "max");
    for (kind, name) in KINDS.iter().enumerate() {
        let mut all = Latencies::default();
        readers.iter().for_each(|reader| all.merge(&reader.latencies[kind]));
        let [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1.0].map(|share| all.us(share));
        println!("{name:<10} {:>9} {p50:>9.1} {p95:>9.1} {p99:>9.1} {max:>9.1}", all.count());
    }
    println!();
}

fn main() -> ExitCode {
    let actions = match std::env::args().nth(1).map(|text| text.replace(['_', ','], "").parse()) {
        None => ACTIONS,
        Some(Ok(actions)) => actions,
        Some(Err(_)) => {
            eprintln!("usage: fan_out [ACTIONS]");
            return ExitCode::from(2);
        }
    };
    match run(actions) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fan_out: {error}");
            ExitCode::FAILURE
        }
    }
}
