//! Branches of one dataset: a fork is two steps of Lance (clone the manifest, write the ref), not one.

use std::sync::Arc;

use futures::FutureExt;
use serde_json::{Value, json};

use crate::commit::{Owner, owner_of, sync_commit};
use crate::dataset::{DatasetRef, Handle, branch_uri, open};
use crate::durable::sync_files;
use crate::error::{BridgeError, Code, R};
use crate::fence::Permit;
use crate::ffi::{Call, TlbBuf, TlbCall, TlbStr, borrow, guard, put, write_json};
use crate::session::local_folder;

/// Forks on the handle's own version. The clone commits at the version it forks from, so it needs a permit of
/// its own; the dataset that Lance returns hangs on a private session and is opened again on ours.
async fn create(at: Arc<Handle>, name: String, sync: bool) -> R<Handle> {
    let mut source = at.lance.as_ref().clone();
    let version = at.version();
    let branch = at.lance.manifest().branch.clone();
    let fork = source.create_branch(&name, (branch.as_deref(), Some(version)), None);
    let (forked, beside) = Permit::fork(version).run(fork).await;
    if let Err(error) = forked {
        return Err(refused(&at, &name, error.into()).await);
    }
    beside?;
    let there = DatasetRef { branch: Some(name), version: Some(version) };
    let made = open(&at.session, &at.root, &there).await?;
    if sync {
        sync_fork(&made).await?;
    }
    Ok(made)
}

/// Makes the cloned manifest and the ref durable: whoever commits to the fork may lean on both after a power cut.
async fn sync_fork(made: &Handle) -> R<()> {
    sync_commit(&made.session, &branch_uri(&made.root, made.branch())?, &made.lance, false).await?;
    let Some(root) = local_folder(&made.root)? else {
        return Ok(());
    };
    let name = format!("{}.json", made.branch());
    sync_files(&made.session, vec![root.join("_refs").join("branches").join(name)]).await
}

/// Lance calls a name that is taken an internal error. A half-made branch is taken too: delete it by force.
async fn refused(at: &Handle, name: &str, error: BridgeError) -> BridgeError {
    if !matches!(error.code, Code::Internal | Code::Fenced | Code::Exists) {
        return error;
    }
    match owner_of(&at.session, &at.root, name, at.version(), "").await {
        Ok(Owner::Foreign(_)) => {
            BridgeError::new(Code::Exists, format!("the branch '{name}' exists already"))
        }
        _ => error,
    }
}

async fn list(ds: &Handle) -> R<Value> {
    let branches = ds.lance.list_branches().await?;
    let mut names: Vec<_> = branches.into_iter().collect();
    names.sort_by(|a, b| a.0.cmp(&b.0));
    let rows = names.iter().map(|(name, contents)| {
        json!({"name": name, "parent_branch": contents.parent_branch, "parent_version": contents.parent_version})
    });
    Ok(rows.collect())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_branch_create(
    call: *const TlbCall,
    at: *mut Handle,
    name: TlbStr,
    sync: i32,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, at) = (Call::from_c(call)?, borrow(at, "the dataset")?);
        let name = name.text("the branch's name")?.to_string();
        let (env, taps) = (at.session.env.clone(), at.session.taps());
        put(out, env.run_commit(&call, &taps, create(at, name, sync != 0).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_branch_list(
    call: *const TlbCall,
    ds: *mut Handle,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        write_json(out, &ds.session.env.run(&call, &ds.session.taps(), list(&ds).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_branch_delete(
    call: *const TlbCall,
    ds: *mut Handle,
    name: TlbStr,
    force: i32,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let name = name.text("the branch's name")?.to_string();
        let (env, taps) = (ds.session.env.clone(), ds.session.taps());
        let work = async move {
            let mut lance = ds.lance.as_ref().clone();
            match force {
                0 => lance.delete_branch(&name).await?,
                _ => lance.force_delete_branch(&name).await?,
            }
            Ok(())
        };
        env.run_commit(&call, &taps, work.boxed())
    })
}
