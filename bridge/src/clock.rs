//! Virtual time for measuring serial depth.
//!
//! Every store call sleeps one tick of a clock that only advances when the process has nothing else to do, so
//! the ticks a verb took are its longest chain of dependent calls, the same on every run and machine.
//!
//! Invariant: the clock advances only while no other thread of the process is running or waiting for a disk.
//! Lance decodes on threads of its own that no async runtime knows, so idleness is read from the kernel
//! (`/proc/self/task`), not from the runtime. Tokio's own clock is left alone: deadlines stay real.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Between two looks at the threads; both must find them idle.
const LOOK_AGAIN: Duration = Duration::from_micros(200);
/// A process that never becomes idle (a busy test thread) must not stop the clock for ever.
const IDLE_WAIT_MAX: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    now: u64,
    /// Changes with every new sleeper: idleness seen before a change says nothing after it.
    generation: u64,
    sleepers: BTreeMap<(u64, u64), Waker>,
    stopped: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Clock {
    shared: Arc<Shared>,
}

impl Clock {
    pub fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let ours = shared.clone();
        std::thread::Builder::new().name("tlb-clock".into()).spawn(move || drive(&ours))?;
        Ok(Self { shared })
    }

    pub fn now(&self) -> u64 {
        self.shared.lock().now
    }

    pub fn sleep(&self, ticks: u64) -> Sleep {
        let due = self.now() + ticks;
        Sleep { shared: self.shared.clone(), due, key: None }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
    }
}

pub struct Sleep {
    shared: Arc<Shared>,
    due: u64,
    key: Option<(u64, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = self.shared.clone();
        let mut state = shared.lock();
        if state.now >= self.due {
            return Poll::Ready(());
        }
        if self.key.is_none() {
            state.generation += 1;
        }
        let key = self.key.unwrap_or((self.due, state.generation));
        self.key = Some(key);
        state.sleepers.insert(key, context.waker().clone());
        drop(state);
        shared.changed.notify_all();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.lock().sleepers.remove(&key);
        }
    }
}

fn drive(shared: &Shared) {
    loop {
        let seen = {
            let mut state = shared.lock();
            while state.sleepers.is_empty() && !state.stopped {
                state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.stopped {
                return;
            }
            state.generation
        };
        wait_until_idle();
        let due = advance(&mut shared.lock(), seen);
        for waker in due {
            waker.wake();
        }
    }
}

/// Moves to the next due time, unless somebody went to sleep in between; returns whom to wake.
fn advance(state: &mut State, seen: u64) -> Vec<Waker> {
    let Some((&(due, _), _)) = state.sleepers.first_key_value() else {
        return Vec::new();
    };
    if state.generation != seen {
        return Vec::new();
    }
    state.now = state.now.max(due);
    let later = state.sleepers.split_off(&(state.now + 1, 0));
    std::mem::replace(&mut state.sleepers, later).into_values().collect()
}

fn wait_until_idle() {
    let start = Instant::now();
    let mut idle_looks = 0;
    while idle_looks < 2 && start.elapsed() < IDLE_WAIT_MAX {
        std::thread::sleep(LOOK_AGAIN);
        idle_looks = if others_are_idle() { idle_looks + 1 } else { 0 };
    }
}

/// Whether every other thread of this process sleeps. Where the kernel does not say, two pauses must do.
fn others_are_idle() -> bool {
    let own = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    let own = own.split(' ').next().unwrap_or_default();
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return true;
    };
    tasks.flatten().all(|task| {
        let name = task.file_name();
        if name.to_str() == Some(own) {
            return true;
        }
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().unwrap_or_default().trim_start().chars().next();
        !matches!(state, Some('R' | 'D'))
    })
}
