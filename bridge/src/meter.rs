//! Counting of store calls: by verb, class and phase, with bytes, failures, fsyncs and serial depth.
//!
//! Who is charged. A call made while the future of a bridge call is being polled carries that call's tag in a
//! task-local, and exactly that tag is charged. Lance and DataFusion also spawn tasks (read schedulers, parallel
//! fragments), and a task-local does not follow into those: such calls are charged to every metered call active
//! on the same session at that moment. Hence the numbers are exact while at most one metered call runs per
//! session, and never too small; only concurrent metered calls of one session may count each other's
//! background reads. A stream counts as active from the call that opened it until it ends or is freed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::error::BridgeError;
use crate::ffi::{TlbBuf, borrow, guard, release, write_json};

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name { $($variant),+ }
        impl $name {
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

named_enum!(
    /// What a store call does. `begin` starts a multipart upload, `abort` gives one up.
    Verb {
        Get = "get", Range = "range", Head = "head", List = "list", Put = "put",
        PutIfAbsent = "put-if-absent", PutIfMatch = "put-if-match", Begin = "begin", Part = "part",
        Complete = "complete", Abort = "abort", Copy = "copy", Rename = "rename", Delete = "delete",
    }
);

named_enum!(
    /// What a store call is about, told from the path.
    Class {
        Data = "data", Deletion = "deletion", Index = "index", Txn = "txn", TableManifest = "table-manifest",
        Hint = "hint", Manifest = "manifest", Intent = "intent", Schema = "schema", Identity = "identity",
        Topology = "topology", Vectors = "vectors", Journal = "journal", Ref = "ref", Other = "other",
    }
);

impl Class {
    /// The innermost marker folder decides; anything below `__manifest` is the manifest's, whatever it is.
    pub fn of(path: &str) -> Self {
        let mut class = Self::Other;
        for segment in path.split('/') {
            class = match segment {
                "__manifest" => return Self::Manifest,
                "__recovery" => Self::Intent,
                "_versions" => Self::TableManifest,
                "latest_version_hint.json" => Self::Hint,
                "_transactions" => Self::Txn,
                "_deletions" => Self::Deletion,
                "_indices" => Self::Index,
                "_schema" => Self::Schema,
                "_tarn" => Self::Identity,
                "_topology" => Self::Topology,
                "_vectors" => Self::Vectors,
                "_journal" => Self::Journal,
                "_refs" => Self::Ref,
                "data" if matches!(class, Self::Other | Self::Ref) => Self::Data,
                // A branch's own folder: what is listed to delete it.
                "tree" if class == Self::Other => Self::Ref,
                _ => class,
            };
        }
        class
    }
}

const PHASES: [&str; 9] =
    ["other", "plan", "read", "stage", "intent", "effect", "publish", "cleanup", "recovery"];

#[derive(Default)]
struct Counts {
    calls: BTreeMap<(Verb, Class, u8), u64>,
    bytes_read: u64,
    bytes_written: u64,
    failures: u64,
    fsyncs: u64,
    barriers: u64,
    /// Ticks during which at least one call of this meter ran.
    depth: u64,
    running: u32,
    running_since: u64,
}

#[derive(Default)]
pub struct Meter {
    counts: Mutex<Counts>,
}

impl Meter {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls of one meter may overlap (tables staged in parallel): overlapping time counts once.
    pub fn begin(&self, now: u64) {
        let mut counts = self.lock();
        if counts.running == 0 {
            counts.running_since = now;
        }
        counts.running += 1;
    }

    pub fn end(&self, now: u64) {
        let mut counts = self.lock();
        counts.running -= 1;
        if counts.running == 0 {
            counts.depth += now - counts.running_since;
        }
    }

    pub fn to_json(&self) -> Value {
        let counts = self.lock();
        let calls: serde_json::Map<String, Value> = counts
            .calls
            .iter()
            .map(|((verb, class, phase), n)| {
                let phase = PHASES[usize::from(*phase)];
                (format!("{}/{}@{phase}", verb.name(), class.name()), Value::from(*n))
            })
            .collect();
        json!({
            "calls": calls, "bytes_read": counts.bytes_read, "bytes_written": counts.bytes_written,
            "failures": counts.failures, "fsyncs": counts.fsyncs, "barriers": counts.barriers,
            "depth": counts.depth,
        })
    }
}

/// One running call as the store wrapper sees it.
#[derive(Default)]
pub struct Tag {
    pub meter: Option<Arc<Meter>>,
    pub phase: u8,
    /// Sizes of the objects this call wrote: Lance does not report the size of a deletion file.
    written: Mutex<HashMap<String, u64>>,
}

tokio::task_local! {
    pub static TAG: Arc<Tag>;
}

impl Tag {
    pub fn new(call: &crate::ffi::Call) -> Self {
        Self { meter: call.meter.clone(), phase: call.phase, written: Default::default() }
    }

    pub fn written(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn count(&self, verb: Verb, class: Class) {
        if let Some(meter) = &self.meter {
            *meter.lock().calls.entry((verb, class, self.phase)).or_default() += 1;
        }
    }

    pub fn read(&self, bytes: u64) {
        if let Some(meter) = &self.meter {
            meter.lock().bytes_read += bytes;
        }
    }

    pub fn wrote(&self, bytes: u64) {
        if let Some(meter) = &self.meter {
            meter.lock().bytes_written += bytes;
        }
    }

    pub fn failed(&self) {
        if let Some(meter) = &self.meter {
            meter.lock().failures += 1;
        }
    }

    pub fn synced(&self, fsyncs: u64) {
        if let Some(meter) = &self.meter {
            let mut counts = meter.lock();
            counts.fsyncs += fsyncs;
            counts.barriers += u64::from(fsyncs > 0);
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_meter_new(env: *mut crate::env::Env) -> *mut Meter {
    // A meter needs nothing of the environment; the parameter is kept for the day it does.
    let _ = env;
    Arc::into_raw(Arc::new(Meter::default())).cast_mut()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_meter_read(
    meter: *mut Meter,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe { write_json(out, &borrow(meter, "the meter")?.to_json()) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_meter_free(meter: *mut Meter) {
    unsafe { release(meter) };
}

#[cfg(test)]
mod tests {
    use super::Class;

    #[test]
    fn paths_tell_their_class() {
        let cases = [
            ("tmp/w/tables/t.lance/data/a.lance", Class::Data),
            ("w/tables/t.lance/tree/b/data/a.lance", Class::Data),
            ("w/tables/t.lance/_versions/1.manifest", Class::TableManifest),
            ("w/tables/t.lance/_versions/latest_version_hint.json", Class::Hint),
            ("w/tables/t.lance/_transactions/1-u.txn", Class::Txn),
            ("w/tables/t.lance/_deletions/0-1-2.arrow", Class::Deletion),
            ("w/tables/t.lance/_indices/u/index.idx", Class::Index),
            ("w/tables/t.lance/_refs/branches/b.json", Class::Ref),
            ("w/tables/t.lance/tree/b", Class::Ref),
            ("w/__manifest/data/a.lance", Class::Manifest),
            ("w/__manifest/_versions/1.manifest", Class::Manifest),
            ("w/__recovery/main/3.json", Class::Intent),
            ("w/_schema/1.json", Class::Schema),
            ("w/_tarn/identity.json", Class::Identity),
            ("w/_topology/x", Class::Topology),
            ("w/_vectors/x", Class::Vectors),
            ("w/_journal/x", Class::Journal),
            ("w/loose", Class::Other),
        ];
        for (path, class) in cases {
            assert_eq!(Class::of(path), class, "{path}");
        }
    }
}
