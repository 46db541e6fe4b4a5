//! The environment: one runtime, one memory pool, one fault script, one virtual clock.

use std::future::Future;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::clock::Clock;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{self, ABI_MAJOR, ABI_MINOR, Call, TlbStr, guard, put, release};
use crate::meter::{TAG, Tag};
use crate::tap::{Active, Plant, Tap};

const THREADS: usize = 2;
const MEMORY_POOL_BYTES: usize = 512 << 20;
const SPILL_BYTES_MAX: u64 = 64 << 30;
const WORKER_STACK_BYTES: usize = 8 << 20;
/// How many consumers an "out of memory" message names.
const TOP_CONSUMERS: usize = 5;
/// How long an interrupted staging call may take to delete what it wrote.
const WIND_DOWN: Duration = Duration::from_millis(500);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct EnvConfig {
    threads: Option<usize>,
    memory_pool_bytes: Option<usize>,
    spill_dir: Option<PathBuf>,
    virtual_clock: bool,
}

/// A runtime that may be dropped anywhere, also on one of its own threads.
struct RuntimeHolder(Option<Runtime>);

impl Drop for RuntimeHolder {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

pub struct Env {
    runtime: RuntimeHolder,
    pub plant: Arc<Plant>,
    pub faults_enabled: bool,
    spill_dir: Option<PathBuf>,
    pool: Arc<dyn MemoryPool>,
    /// Functions and options of every scan; executions take a fresh task context from it.
    scans: SessionContext,
}

impl Env {
    fn new(config: EnvConfig) -> R<Self> {
        ffi::install_panic_hook();
        let threads = config.threads.unwrap_or(THREADS).clamp(1, 256);
        let pool_bytes = config.memory_pool_bytes.unwrap_or(MEMORY_POOL_BYTES);
        set_process_knobs(threads, pool_bytes);
        let clock = if config.virtual_clock { Some(Clock::start()?) } else { None };
        let mut builder = match clock {
            Some(_) => Builder::new_current_thread(),
            None => Builder::new_multi_thread(),
        };
        builder.worker_threads(threads).thread_stack_size(WORKER_STACK_BYTES);
        let runtime = builder.enable_all().thread_name("tlb-worker").build()?;
        let pool = bounded_pool(pool_bytes);
        let spill = config.spill_dir;
        let scans = SessionContext::new_with_config_rt(
            SessionConfig::new().with_target_partitions(threads),
            runtime_env(pool.clone(), spill.clone(), SPILL_BYTES_MAX)?,
        );
        lance_datafusion::udf::register_functions(&scans);
        Ok(Self {
            runtime: RuntimeHolder(Some(runtime)),
            plant: Arc::new(Plant { clock, ..Plant::default() }),
            faults_enabled: std::env::var("TARN_ENABLE_FAULTS").is_ok_and(|v| v == "1"),
            spill_dir: spill,
            pool,
            scans,
        })
    }

    pub fn handle(&self) -> &Handle {
        self.runtime.0.as_ref().expect("taken only by drop").handle()
    }

    pub fn scan_context(&self) -> TaskContext {
        TaskContext::from(&self.scans)
    }

    /// Limits of one SQL context: its own pool, or the environment's.
    pub fn limits(&self, memory_bytes: Option<usize>, spill_bytes: Option<u64>) -> R<Arc<RuntimeEnv>> {
        let pool = memory_bytes.map_or_else(|| self.pool.clone(), bounded_pool);
        runtime_env(pool, self.spill_dir.clone(), spill_bytes.unwrap_or(SPILL_BYTES_MAX))
    }

    /// Runs a call to its end, unless the caller cancels it or its deadline passes; then the work is dropped.
    pub fn run<T>(&self, call: &Call, taps: &[Arc<Tap>], work: BoxFuture<'_, R<T>>) -> R<T> {
        self.drive(call, taps, Box::pin(interruptible(call, work)))
    }

    /// As `run`, for work that cleans up after itself when its input ends early: it is given a moment to.
    pub fn run_staging<T: Send>(
        &self,
        call: &Call,
        taps: &[Arc<Tap>],
        mut work: BoxFuture<'_, R<T>>,
    ) -> R<T> {
        let graceful = async move {
            tokio::select! {
                biased;
                done = &mut work => done.map_err(|e| call.interruption().unwrap_or(e)),
                stop = call.interrupted() => match tokio::time::timeout(WIND_DOWN, &mut work).await {
                    Ok(Ok(value)) => Ok(value),
                    _ => Err(stop),
                },
            }
        };
        self.drive(call, taps, Box::pin(graceful))
    }

    /// Runs commit-class work: once started it always ends, whether or not anybody waits for it. A waiter that
    /// leaves early gets `COMMIT_UNKNOWN`. `self` is kept by the work, so the runtime outlives it.
    pub fn run_commit<T: Send + 'static>(
        self: &Arc<Self>,
        call: &Call,
        taps: &[Arc<Tap>],
        work: BoxFuture<'static, R<T>>,
    ) -> R<T> {
        check_entry(call)?;
        let tag = Arc::new(Tag::new(call));
        let kept = (self.clone(), Active::register(&tag, taps), Span::begin(&tag, &self.plant));
        let task = self.handle().spawn(async move {
            let done = AssertUnwindSafe(TAG.scope(tag, work)).catch_unwind().await;
            drop(kept);
            done
        });
        let waiting = async {
            tokio::select! {
                biased;
                done = task => match done {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(panic)) => Err(ffi::panic_error(panic.as_ref())),
                    Err(gone) => Err(unknown(&format!("the commit task ended early: {gone}"))),
                },
                stop = call.interrupted() => Err(unknown(&format!("{stop}; the commit goes on"))),
            }
        };
        self.handle_block_on(waiting)
    }

    fn drive<T>(&self, call: &Call, taps: &[Arc<Tap>], work: BoxFuture<'_, R<T>>) -> R<T> {
        check_entry(call)?;
        let tag = Arc::new(Tag::new(call));
        let _active = Active::register(&tag, taps);
        let _span = Span::begin(&tag, &self.plant);
        self.handle_block_on(TAG.scope(tag, work))
    }

    /// Waits for something that must end before the call may return. Inside the runtime nothing was started.
    pub fn wait(&self, done: impl Future<Output = ()>) {
        if Handle::try_current().is_err() {
            self.handle_block_on(done);
        }
    }

    fn handle_block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.0.as_ref().expect("taken only by drop").block_on(work)
    }
}

/// The time during which a meter has a call running.
pub struct Span {
    tag: Arc<Tag>,
    plant: Arc<Plant>,
}

impl Span {
    pub fn begin(tag: &Arc<Tag>, plant: &Arc<Plant>) -> Self {
        if let Some(meter) = &tag.meter {
            meter.begin(plant.now());
        }
        Self { tag: tag.clone(), plant: plant.clone() }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(meter) = &self.tag.meter {
            meter.end(self.plant.now());
        }
    }
}

async fn interruptible<T>(call: &Call, work: BoxFuture<'_, R<T>>) -> R<T> {
    tokio::select! {
        biased;
        done = work => done,
        stop = call.interrupted() => Err(stop),
    }
}

fn unknown(why: &str) -> BridgeError {
    BridgeError::new(Code::CommitUnknown, format!("whether the commit landed is not known: {why}"))
}

/// Blocking inside the runtime would deadlock or panic, so callbacks of the bridge are refused.
fn check_entry(call: &Call) -> R<()> {
    if Handle::try_current().is_ok() {
        return Err(BridgeError::new(
            Code::Reentrant,
            "the bridge was called from inside one of its own callbacks",
        ));
    }
    call.interruption().map_or(Ok(()), Err)
}

fn bounded_pool(bytes: usize) -> Arc<dyn MemoryPool> {
    let top = NonZeroUsize::new(TOP_CONSUMERS).expect("not zero");
    Arc::new(TrackConsumersPool::new(FairSpillPool::new(bytes), top))
}

fn runtime_env(pool: Arc<dyn MemoryPool>, dir: Option<PathBuf>, spill_max: u64) -> R<Arc<RuntimeEnv>> {
    let mut builder = RuntimeEnvBuilder::new().with_memory_pool(pool);
    if let Some(dir) = dir {
        builder = builder.with_temp_file_path(dir);
    }
    Ok(builder.with_max_temp_directory_size(spill_max).build_arc()?)
}

/// Knobs that Lance reads from the process environment once. A value the user set stays.
///
/// LANCE_AUTO_MIGRATION  reading index statistics must never commit.
/// LANCE_USE_VERSION_HINT  a stale hint beside pruned versions can hide the newest version: list instead.
/// LANCE_CPU_THREADS  the default leaves a two-core machine one decoding thread.
fn set_process_knobs(threads: usize, pool_bytes: usize) {
    let knobs = [
        ("LANCE_AUTO_MIGRATION", "false".to_string()),
        ("LANCE_USE_VERSION_HINT", "0".to_string()),
        ("LANCE_CPU_THREADS", threads.to_string()),
        ("LANCE_MEM_POOL_SIZE", pool_bytes.to_string()),
    ];
    for (name, value) in knobs {
        if std::env::var_os(name).is_none() {
            // Sound only before other threads read the environment: tlb_env_create comes first in a process.
            unsafe { std::env::set_var(name, value) };
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tlb_abi_version() -> u32 {
    (ABI_MAJOR << 16) | ABI_MINOR
}

#[unsafe(no_mangle)]
pub extern "C" fn tlb_build_info() -> TlbStr {
    const PARQUET: &str = if cfg!(feature = "parquet") { "\"parquet\"" } else { "" };
    const AWS: &str = if cfg!(feature = "aws") { ",\"aws\"" } else { "" };
    static INFO: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let info = INFO.get_or_init(|| {
        format!(
            "{{\"bridge\":\"{}\",\"abi\":\"{ABI_MAJOR}.{ABI_MINOR}\",\"lance\":\"14.0.2\",\"datafusion\":\"{}\",\
             \"arrow\":\"{}\",\"object_store\":\"0.14\",\"features\":[{}]}}",
            env!("CARGO_PKG_VERSION"),
            datafusion::DATAFUSION_VERSION,
            arrow::ARROW_VERSION,
            format!("{PARQUET}{AWS}").trim_start_matches(','),
        )
    });
    TlbStr { p: info.as_ptr().cast(), n: info.len() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_env_create(cfg: TlbStr, out: *mut *mut Env, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe { put(out, Env::new(cfg.json("the environment's configuration")?)?) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_env_free(env: *mut Env) {
    unsafe { release(env) };
}
