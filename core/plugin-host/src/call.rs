//! One call: a fresh instance with its limits, and the record of what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use wasmtime::{Engine, PoolConcurrencyLimitError, ResourceLimiter, Store, Trap, WasmBacktrace};

use crate::backtrace;
use crate::bindings::types;
use crate::error::CallError;
use crate::limits::Limits;
use crate::log::{Log, LogLine};

/// What a call took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Invocation {
    /// Which function of the contract.
    pub function: &'static str,
    /// How many accounts it was about; 0 where it is not about accounts.
    pub rows: u32,
    /// From the first instruction of the instance to the answer.
    pub duration: Duration,
    /// Fuel that was burnt.
    pub fuel: u64,
    /// The most bytes that its memories and tables had together.
    pub peak_memory: u64,
    /// What it wrote into the log.
    pub log: Vec<LogLine>,
    /// Lines of the log that were dropped or cut short, because there was no more room.
    pub log_dropped: u64,
}

impl Invocation {
    /// A call that was never made.
    fn none(Subject { function, rows }: Subject) -> Self {
        Self {
            function,
            rows,
            duration: Duration::ZERO,
            fuel: 0,
            peak_memory: 0,
            log: Vec::new(),
            log_dropped: 0,
        }
    }
}

/// The answer of a call, and what it took.
#[derive(Clone, Debug)]
pub struct Called<T> {
    /// The answer, or why there is none.
    pub answer: Result<T, CallError>,
    /// What it took.
    pub invocation: Invocation,
}

/// What a call is about.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) function: &'static str,
    pub(crate) rows: u32,
}

/// What belongs to one call.
pub(crate) struct State {
    memory: Memory,
    pub(crate) log: Log,
}

/// What a plugin is called with: the engine, its limits, and the places for calls that it shares
/// with all others.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) engine: Engine,
    pub(crate) limits: Limits,
    pub(crate) places: Arc<Places>,
}

impl Runner {
    /// Calls a plugin: `body` makes the instance and calls it in the store. The two layers of its
    /// result are what the engine and what the plugin say of it.
    pub(crate) fn call<T>(
        &self,
        subject: Subject,
        body: impl FnOnce(&mut Store<State>) -> wasmtime::Result<Result<T, types::Failure>>,
    ) -> Called<T> {
        match self.places.take(self.limits.calls) {
            Some(_place) => called(&self.engine, &self.limits, subject, body),
            None => Called { answer: Err(CallError::Busy), invocation: Invocation::none(subject) },
        }
    }
}

/// The calls that run at this moment: whether the engine has a pool or not, there are so many.
#[derive(Default)]
pub(crate) struct Places {
    queue: Mutex<Queue>,
    moved: Condvar,
}

/// Who has a place, and who waits for one, in the order in which they came.
#[derive(Default)]
struct Queue {
    taken: u32,
    last: u64,
    waiting: VecDeque<u64>,
}

/// How long a call waits for a place: others end soon, or run out of fuel.
const PATIENCE: Duration = Duration::from_secs(2);

impl Places {
    /// Takes one of so many places, for which it waits a while; it is free again when what is
    /// returned is dropped.
    fn take(&self, all: u32) -> Option<Place<'_>> {
        let mut queue = self.queue();
        queue.last += 1;
        let me = queue.last;
        queue.waiting.push_back(me);
        let waits = |queue: &mut Queue| queue.taken >= all || queue.waiting.front() != Some(&me);
        let waited = self.moved.wait_timeout_while(queue, PATIENCE, waits);
        let (mut queue, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.waiting.retain(|other| *other != me);
        self.moved.notify_all();
        if waited.timed_out() {
            return None;
        }
        queue.taken += 1;
        Some(Place(self))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Place<'p>(&'p Places);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.queue().taken -= 1;
        self.0.moved.notify_all();
    }
}

fn called<T>(
    engine: &Engine,
    limits: &Limits,
    subject: Subject,
    body: impl FnOnce(&mut Store<State>) -> wasmtime::Result<Result<T, types::Failure>>,
) -> Called<T> {
    let fuel = limits.fuel(subject.rows);
    let state = State { memory: Memory::new(limits.memory_bytes), log: Log::new(limits.log_bytes) };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(usize::try_from(limits.answer_bytes).unwrap_or(usize::MAX));
    let begun = Instant::now();
    let result = store.set_fuel(fuel).and_then(|()| body(&mut store));
    let duration = begun.elapsed();
    let left = store.get_fuel().unwrap_or_default();
    let State { memory, log } = store.into_data();
    let answer = match result {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => Err(failure.into()),
        Err(error) => Err(broken(&error, limits, fuel, &memory, &log)),
    };
    let invocation = Invocation {
        function: subject.function,
        rows: subject.rows,
        duration,
        fuel: fuel.saturating_sub(left),
        peak_memory: memory.peak,
        log: log.lines,
        log_dropped: log.dropped,
    };
    Called { answer, invocation }
}

/// Why the engine gave a call up.
fn broken(
    error: &wasmtime::Error,
    limits: &Limits,
    fuel: u64,
    memory: &Memory,
    log: &Log,
) -> CallError {
    if error.is::<PoolConcurrencyLimitError>() {
        return CallError::Busy;
    }
    // Whoever is refused memory breaks off in its own way, mostly by an unreachable instruction.
    if memory.is_refused {
        return CallError::OutOfMemory { bytes: limits.memory_bytes };
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>().map(backtrace::readable);
    let backtrace = backtrace.unwrap_or_default();
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => CallError::OutOfFuel { fuel },
        Some(Trap::StackOverflow) => CallError::StackOverflow { backtrace },
        Some(trap) => {
            let message = log.panic().unwrap_or_else(|| trap.to_string());
            CallError::trap(&message, backtrace)
        }
        // The engine has no type for it.
        None if format!("{error:?}").contains("fuel allocated for hostcalls") => {
            CallError::AnswerTooLarge { bytes: limits.answer_bytes }
        }
        None => CallError::bad_answer(error.root_cause().to_string()),
    }
}

/// Counts the bytes of all memories and tables of a call together: the engine's own limit is one
/// for each of them.
struct Memory {
    limit: u64,
    used: u64,
    peak: u64,
    is_refused: bool,
}

/// Bytes of an entry of a table.
const ENTRY_BYTES: u64 = 16;

impl Memory {
    fn new(limit: u64) -> Self {
        Self { limit, used: 0, peak: 0, is_refused: false }
    }

    fn grow(&mut self, current: usize, desired: usize, unit: u64) -> bool {
        let more = (desired.saturating_sub(current) as u64).saturating_mul(unit);
        let wanted = self.used.saturating_add(more);
        if wanted > self.limit {
            self.is_refused = true;
            return false;
        }
        self.used = wanted;
        self.peak = self.peak.max(wanted);
        true
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, 1))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, ENTRY_BYTES))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.is_refused = true;
        Ok(())
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.is_refused = true;
        Ok(())
    }
}

impl types::Host for State {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_call_has_ended() {
        let places = Places::default();
        let first = places.take(2).expect("two are free");
        let second = places.take(2).expect("one is free");
        assert!(places.take(2).is_none());
        drop(first);
        assert!(places.take(2).is_some());
        drop(second);
    }

    #[test]
    fn memory_that_is_refused_is_not_counted() {
        let mut memory = Memory::new(100);
        assert!(memory.grow(0, 60, 1));
        assert!(!memory.grow(0, 60, 1));
        assert!(memory.grow(0, 2, ENTRY_BYTES));
        assert_eq!((memory.used, memory.peak, memory.is_refused), (92, 92, true));
    }
}
