//! Fork and join over numbered chunks, in safe code.
//!
//! Waking a thread costs some ten microseconds, a decoder's step has a hundred joins. So threads that ran out of work
//! look for more for a while before they sleep, and the caller starts at once, without waiting for anybody: whoever
//! comes takes the next chunk.

use std::any::Any;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

/// Work on one chunk, by its number.
pub type Job = Arc<dyn Fn(usize) + Send + Sync>;

/// Looks at the slot before a thread sleeps: some 50 µs.
const SPINS: u32 = if cfg!(target_family = "wasm") {
    20_000
} else {
    2_000
};

/// A pool of threads that share out chunks.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
}

/// What the caller and its helpers see.
#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    /// Counts tasks, so that a spinning thread sees a new one without the lock.
    posted: AtomicU32,
    /// Threads that hold the task.
    active: AtomicUsize,
    /// Most threads that may work, the caller included.
    limit: AtomicUsize,
    /// Threads in the pool, without callers.
    helpers: AtomicUsize,
    /// Held while a task runs: a second caller works alone.
    busy: Mutex<()>,
    quit: AtomicBool,
    /// Helpers sleep here for a task,
    wake: Condvar,
    /// and the caller here for helpers.
    done: Condvar,
}

#[derive(Debug, Default)]
struct Slot {
    task: Option<Arc<Task>>,
    sleepers: usize,
    caller_sleeps: bool,
}

struct Task {
    job: Job,
    chunks: usize,
    next: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} chunks", self.chunks)
    }
}

impl Task {
    /// Works until no chunk is left. A panic ends the whole task.
    fn work(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            loop {
                let chunk = self.next.fetch_add(1, Ordering::Relaxed);
                if chunk >= self.chunks {
                    break;
                }
                (self.job)(chunk);
            }
        }));
        if let Err(panic) = outcome {
            self.next.store(self.chunks, Ordering::Relaxed);
            *lock(&self.panic) = Some(panic);
        }
    }
}

/// Nothing here is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// A helper's life: waits for tasks and works on them until the pool is dropped.
    fn help(&self) {
        let mut seen = 0;
        loop {
            for _ in 0..SPINS {
                if self.posted.load(Ordering::Relaxed) != seen {
                    break;
                }
                spin_loop();
            }
            let mut slot = lock(&self.slot);
            while self.posted.load(Ordering::Relaxed) == seen && !self.quit.load(Ordering::Relaxed)
            {
                slot.sleepers += 1;
                slot = self.wake.wait(slot).unwrap_or_else(PoisonError::into_inner);
                slot.sleepers -= 1;
            }
            if self.quit.load(Ordering::Relaxed) {
                return;
            }
            seen = self.posted.load(Ordering::Relaxed);
            if self.active.load(Ordering::Relaxed) + 1 >= self.limit.load(Ordering::Relaxed) {
                continue;
            }
            let Some(task) = slot.task.clone() else {
                continue;
            };
            self.active.fetch_add(1, Ordering::Relaxed);
            drop(slot);
            task.work();
            drop(task);
            // Everything above happens before the caller sees this.
            if self.active.fetch_sub(1, Ordering::Release) == 1 {
                let slot = lock(&self.slot);
                if slot.caller_sleeps {
                    self.done.notify_one();
                }
            }
        }
    }

    /// Waits until no helper holds the task that has just been taken back.
    fn join(&self) {
        for _ in 0..SPINS {
            if self.active.load(Ordering::Acquire) == 0 {
                return;
            }
            spin_loop();
        }
        let mut slot = lock(&self.slot);
        slot.caller_sleeps = true;
        while self.active.load(Ordering::Acquire) != 0 {
            slot = self.done.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        slot.caller_sleeps = false;
    }
}

impl Pool {
    /// A pool that works on `threads` threads, the caller's among them.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let shared = Arc::new(Shared::default());
        shared.limit.store(threads.max(1), Ordering::Relaxed);
        #[cfg(not(target_family = "wasm"))]
        for i in 1..threads {
            let helper = Arc::clone(&shared);
            let spawned = std::thread::Builder::new()
                .name(format!("kernels-{i}"))
                .spawn(move || helper.help());
            // Without the thread there is only less help.
            if spawned.is_ok() {
                shared.helpers.fetch_add(1, Ordering::Relaxed);
            }
        }
        Self { shared }
    }

    /// The pool that everybody shares. Natively it has a thread per core (`ATLAS_THREADS` overrides that); on wasm
    /// it has the caller's, until others [`serve`](Self::serve).
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Pool> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            if cfg!(target_family = "wasm") {
                let pool = Self::new(1);
                pool.set_threads(usize::MAX);
                return pool;
            }
            let wanted = std::env::var("ATLAS_THREADS")
                .ok()
                .and_then(|n| n.parse().ok());
            Self::new(
                wanted
                    .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into)),
            )
        })
    }

    /// Threads that work on a task, the caller's among them.
    #[must_use]
    pub fn threads(&self) -> usize {
        let helpers = self.shared.helpers.load(Ordering::Relaxed);
        self.shared.limit.load(Ordering::Relaxed).min(1 + helpers)
    }

    /// Uses at most `threads` threads from now on; 1 is the caller alone.
    pub fn set_threads(&self, threads: usize) {
        self.shared.limit.store(threads.max(1), Ordering::Relaxed);
    }

    /// Calls `job` once with each number below `chunks`, on whichever thread is free. No other thread holds the job
    /// when this returns.
    ///
    /// A job may call `run` itself; what it asks for then happens on its own thread.
    ///
    /// # Panics
    /// If the job panics.
    #[expect(clippy::needless_pass_by_value, reason = "a job is given away")]
    pub fn run(&self, chunks: usize, job: Job) {
        let alone = || (0..chunks).for_each(|chunk| job(chunk));
        if chunks < 2 || self.threads() < 2 {
            return alone();
        }
        let _busy = match self.shared.busy.try_lock() {
            Ok(busy) => busy,
            Err(TryLockError::Poisoned(busy)) => busy.into_inner(),
            Err(TryLockError::WouldBlock) => return alone(),
        };
        let task = Arc::new(Task {
            job: Arc::clone(&job),
            chunks,
            next: AtomicUsize::new(0),
            panic: Mutex::new(None),
        });
        {
            let mut slot = lock(&self.shared.slot);
            slot.task = Some(Arc::clone(&task));
            self.shared.posted.fetch_add(1, Ordering::Relaxed);
            if slot.sleepers > 0 {
                self.shared.wake.notify_all();
            }
        }
        task.work();
        lock(&self.shared.slot).task = None;
        self.shared.join();
        let panic = lock(&task.panic).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Makes this thread one of the pool's, for ever. This is how a browser's workers join.
    pub fn serve(&self) -> ! {
        self.shared.helpers.fetch_add(1, Ordering::Relaxed);
        loop {
            self.shared.help();
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.quit.store(true, Ordering::Relaxed);
        // Under the lock, so that nobody is between looking and sleeping.
        let _slot = lock(&self.shared.slot);
        self.shared.wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(pool: &Pool, chunks: usize) -> Vec<usize> {
        let cells: Arc<Vec<AtomicUsize>> =
            Arc::new((0..chunks).map(|_| AtomicUsize::new(0)).collect());
        let job: Job = {
            let cells = Arc::clone(&cells);
            Arc::new(move |i| {
                cells[i].fetch_add(i * i, Ordering::Relaxed);
            })
        };
        pool.run(chunks, Arc::clone(&job));
        assert_eq!(Arc::strong_count(&job), 1, "a thread kept the job");
        drop(job);
        Arc::into_inner(cells)
            .expect("a thread kept the cells")
            .into_iter()
            .map(AtomicUsize::into_inner)
            .collect()
    }

    #[test]
    fn every_chunk_runs_once_whatever_the_number_of_threads() {
        for threads in 1..=4 {
            let pool = Pool::new(threads);
            assert_eq!(pool.threads(), threads);
            for chunks in [0, 1, 2, 7, 100] {
                let want: Vec<_> = (0..chunks).map(|i| i * i).collect();
                assert_eq!(squares(&pool, chunks), want);
            }
        }
    }

    #[test]
    fn ten_thousand_runs_leave_nothing_behind() {
        let pool = Pool::new(3);
        for i in 0..10_000 {
            assert_eq!(squares(&pool, 2 + i % 5).len(), 2 + i % 5);
        }
    }

    #[test]
    fn helpers_that_sleep_are_woken() {
        let pool = Pool::new(2);
        for _ in 0..3 {
            std::thread::park_timeout(std::time::Duration::from_millis(20));
            // The caller waits in its chunk until another thread took the other one.
            let met = Arc::new(std::sync::Barrier::new(2));
            pool.run(2, Arc::new(move |_| _ = met.wait()));
        }
    }

    #[test]
    fn a_nested_run_works_alone() {
        let pool = Arc::new(Pool::new(2));
        let count = Arc::new(AtomicUsize::new(0));
        let job: Job = {
            let (pool, count) = (Arc::clone(&pool), Arc::clone(&count));
            Arc::new(move |_| {
                let count = Arc::clone(&count);
                pool.run(
                    5,
                    Arc::new(move |_| _ = count.fetch_add(1, Ordering::Relaxed)),
                );
            })
        };
        pool.run(4, job);
        assert_eq!(count.load(Ordering::Relaxed), 20);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = Pool::new(2);
        for bad in 0..4 {
            let run =
                AssertUnwindSafe(|| pool.run(4, Arc::new(move |i| assert_ne!(i, bad, "chunk"))));
            assert!(catch_unwind(run).is_err());
            assert_eq!(squares(&pool, 3), [0, 1, 4]);
        }
    }

    #[test]
    fn a_limit_of_one_is_the_caller_alone() {
        let pool = Pool::new(3);
        pool.set_threads(1);
        assert_eq!(pool.threads(), 1);
        let me = std::thread::current().id();
        pool.run(
            50,
            Arc::new(move |_| assert_eq!(std::thread::current().id(), me)),
        );
    }
}
