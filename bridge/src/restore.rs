//! Restoring an older version as an ordinary exact commit.

use futures::FutureExt;
use lance::dataset::transaction::{Operation, TransactionBuilder};

use crate::commit::{CommitOptions, commit_exact};
use crate::dataset::Handle;
use crate::error::{BridgeError, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, put};
use crate::transaction::{Staged, checked_uuid};

fn restoration(ds: &Handle, to: u64, expected: u64, uuid: &str) -> R<Staged> {
    if to > expected {
        return Err(BridgeError::invalid(format!("version {to} is newer than the expected {expected}")));
    }
    let mut tx = TransactionBuilder::new(expected, Operation::Restore { version: to }).build();
    if !uuid.is_empty() {
        tx.uuid = checked_uuid(uuid)?;
    }
    Ok(Staged { branch: ds.branch().to_string(), ..Staged::of(tx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_restore_exact(
    call: *const TlbCall,
    ds: *mut Handle,
    to: u64,
    expected: u64,
    uuid: TlbStr,
    opts: TlbStr,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let staged = restoration(&ds, to, expected, uuid.text("the uuid")?)?;
        let opts: CommitOptions = opts.json("the commit options")?;
        let (env, taps) = (ds.session.env.clone(), ds.session.taps());
        put(out, env.run_commit(&call, &taps, commit_exact(ds, staged, expected, opts).boxed())?)
    })
}
