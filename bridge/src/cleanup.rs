//! Removing versions that the caller names, and the files that nothing else needs. Lance keeps the newest
//! version, tagged ones, files that branches inherit, and files too young to be told from ones being written.

use std::sync::Arc;

use futures::FutureExt;
use lance::dataset::cleanup::{CleanupPolicy, CleanupPolicyBuilder, RemovalStats};
use serde_json::{Value, json};

use crate::dataset::Handle;
use crate::error::{BridgeError, R};
use crate::ffi::{Call, TlbBuf, TlbCall, borrow, guard, slice, write_json};

fn report(stats: &RemovalStats) -> Value {
    json!({"versions": stats.old_versions, "bytes": stats.bytes_removed,
           "failed_deletes": stats.failed_deletes,
           "files": stats.data_files_removed + stats.transaction_files_removed
               + stats.index_files_removed + stats.deletion_files_removed})
}

fn policy(versions: &[u64]) -> R<CleanupPolicy> {
    // Without a version Lance would take "no filter", which is every version.
    if versions.is_empty() {
        return Err(BridgeError::invalid("a cleanup names at least one version"));
    }
    let builder = CleanupPolicyBuilder::default().versions(versions.to_vec())?;
    Ok(builder.error_if_tagged_old_versions(false).build())
}

async fn clean(ds: Arc<Handle>, policy: CleanupPolicy, dry_run: bool) -> R<Value> {
    let cleanup = ds.lance.cleanup(policy);
    let stats = if dry_run { cleanup.explain().await?.stats } else { cleanup.execute().await? };
    Ok(report(&stats))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_cleanup(
    call: *const TlbCall,
    ds: *mut Handle,
    versions: *const u64,
    n_versions: usize,
    dry_run: i32,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let policy = policy(slice(versions, n_versions, "versions")?)?;
        let (env, taps) = (ds.session.env.clone(), ds.session.taps());
        write_json(out, &env.run_commit(&call, &taps, clean(ds, policy, dry_run != 0).boxed())?)
    })
}
