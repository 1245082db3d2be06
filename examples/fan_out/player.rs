//! Players: what each of them hears, and the threads that read for many of them at once.
//!
//! ```text
//!   PUBLISH ──▶ mailbox of a subscription ──wakes──▶ Ear of the player ──rings──▶ Bell of the thread
//!                      ▲                                                           │
//!                      └───────────────────── poll_next ───────────────────────────┘
//! ```
use crate::{
    latency::Latencies,
    world::{World, locked, place_name},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, PoisonError, atomic::Ordering},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use tenondb::{Message, Subscription, Topic};

/// To whom a message is addressed.
pub const KINDS: [&str; 3] = ["one", "place", "all"];

/// The channel of a player.
pub fn player_name(player: usize) -> String {
    format!("player:{player}")
}

/// Which of its players a thread has to read for.
#[derive(Default)]
struct Bell {
    rung: Mutex<Vec<usize>>,
    heard: Condvar,
}

impl Bell {
    /// Those for whom it has rung since; waits a little for the first.
    fn wait(&self) -> Vec<usize> {
        let rung = locked(&self.rung);
        let patience = Duration::from_millis(20);
        let waited = self.heard.wait_timeout_while(rung, patience, |rung| rung.is_empty());
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

/// Rings for one player.
struct Ear {
    player: usize,
    bell: Arc<Bell>,
}

impl Wake for Ear {
    fn wake(self: Arc<Self>) {
        locked(&self.bell.rung).push(self.player);
        self.bell.heard.notify_one();
    }
}

/// How long a player was at a place: the numbers of what was said there meanwhile.
struct Stay {
    place: usize,
    /// The number of the next message …
    next: u64,
    /// … and of the last one, when he has left.
    last: Option<u64>,
}

pub struct Player<'a> {
    world: &'a World,
    number: usize,
    subscription: Subscription,
    waker: Waker,
    /// The number of the last message to him alone and to all.
    heard: u64,
    heard_of_all: u64,
    /// Where he is, last, and places of which he has not heard everything yet.
    stays: VecDeque<Stay>,
    moves: u64,
}

impl<'a> Player<'a> {
    fn new(world: &'a World, number: usize, at: usize, bell: &Arc<Bell>) -> Self {
        let ear = Ear { player: at, bell: Arc::clone(bell) };
        let mut player = Self {
            world,
            number,
            subscription: world.db.subscribe(["world".to_owned(), player_name(number)]),
            waker: Arc::new(ear).into(),
            heard: 0,
            heard_of_all: 0,
            stays: VecDeque::new(),
            moves: 0,
        };
        player.join(number % world.places.len());
        player
    }

    fn join(&mut self, place: usize) {
        let mut known = locked(&self.world.places[place]);
        self.subscription.add(Topic::Channel, place_name(place));
        known.listeners += 1;
        self.stays.push_back(Stay { place, next: known.said + 1, last: None });
    }

    /// Leaves where he is: what was said there before is still read.
    fn leave(&mut self) {
        let Some(stay) = self.stays.back_mut() else { return };
        let mut known = locked(&self.world.places[stay.place]);
        self.subscription.remove(Topic::Channel, place_name(stay.place));
        known.listeners -= 1;
        stay.last = Some(known.said);
    }

    /// Hears a message, and checks that it is the next one. Returns to whom it was addressed.
    fn hear(&mut self, message: &Message, latencies: &mut [Latencies]) {
        let (channel, body) =
            (String::from_utf8_lossy(message.channel()), String::from_utf8_lossy(message.body()));
        let mut words = body.split(' ');
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
        let (number, sent_ns) = (number(), number());
        let faults = &self.world.faults;
        let kind = match channel.split_once(':') {
            Some(("player", own)) => {
                let is_next = number == self.heard + 1 && own == self.number.to_string();
                faults.must(is_next, "a message to one is missing, doubled, or out of order");
                self.heard = number;
                if let (Some("go"), Some(Ok(place))) = (words.next(), words.next().map(str::parse)) {
                    self.leave();
                    self.join(place);
                    self.moves += 1;
                }
                0
            }
            Some((_, place)) => {
                while self.stays.front().is_some_and(|stay| stay.last.is_some_and(|last| stay.next > last)) {
                    self.stays.pop_front();
                }
                if let Some(stay) = self.stays.front_mut() {
                    let is_next = stay.place.to_string() == place && stay.next == number;
                    faults.must(is_next, "a message to a place is missing, doubled, or out of order");
                    stay.next = number + 1;
                }
                1
            }
            None => {
                faults.must(
                    number == self.heard_of_all + 1,
                    "a message to all is missing, doubled, or out of order",
                );
                self.heard_of_all = number;
                2
            }
        };
        latencies[kind].add(self.world.now().saturating_sub(Duration::from_nanos(sent_ns)));
        self.world.heard.fetch_add(1, Ordering::Relaxed);
    }

    /// Hears all there is, and asks to be woken when there is more.
    fn listen(&mut self, latencies: &mut [Latencies]) {
        let waker = self.waker.clone();
        let mut context = Context::from_waker(&waker);
        while let Poll::Ready(message) = self.subscription.poll_next(&mut context) {
            let Some(message) = message else {
                self.world.faults.must(false, "a subscription was cut");
                return;
            };
            self.hear(&message, latencies);
        }
    }

    /// Whether he has heard what was said to him, `to_him` messages, to all, and at every place where he was.
    pub fn has_heard_all(&self, to_him: u64) -> bool {
        let all_of = |stay: &Stay| {
            let last = stay.last.unwrap_or_else(|| locked(&self.world.places[stay.place]).said);
            stay.next == last + 1
        };
        let to_all = *locked(&self.world.said_to_all);
        self.heard == to_him && self.heard_of_all == to_all && self.stays.iter().all(all_of)
    }

    /// Where he is.
    pub fn place(&self) -> usize {
        self.stays.back().map_or(usize::MAX, |stay| stay.place)
    }

    /// How many messages had no room in the subscription.
    pub fn dropped(&self) -> u64 {
        self.subscription.dropped()
    }
}

/// A thread that reads for many players.
pub struct Listener<'a> {
    world: &'a World,
    players: Vec<Player<'a>>,
    bell: Arc<Bell>,
    /// How long messages took, by [`KINDS`].
    pub latencies: Vec<Latencies>,
}

impl<'a> Listener<'a> {
    /// For these players, who are subscribed from now on.
    pub fn of(world: &'a World, players: impl Iterator<Item = usize>) -> Self {
        let bell = Arc::new(Bell::default());
        let players = players.enumerate().map(|(at, number)| Player::new(world, number, at, &bell)).collect();
        Self { world, players, bell, latencies: vec![Latencies::default(); KINDS.len()] }
    }

    /// Reads until nobody publishes any more and nothing is left.
    pub fn read(&mut self) {
        self.listen_all();
        while !self.world.over.load(Ordering::Acquire) {
            for at in self.bell.wait() {
                self.players[at].listen(&mut self.latencies);
            }
        }
        self.listen_all();
    }

    fn listen_all(&mut self) {
        self.players.iter_mut().for_each(|player| player.listen(&mut self.latencies));
    }

    /// One of its players.
    pub fn player(&self, number: usize) -> Option<&Player<'a>> {
        self.players.iter().find(|player| player.number == number)
    }

    /// How many messages had no room in a subscription of its players.
    pub fn dropped(&self) -> u64 {
        self.players.iter().map(Player::dropped).sum()
    }

    /// How often its players have moved.
    pub fn moves(&self) -> u64 {
        self.players.iter().map(|player| player.moves).sum()
    }
}
