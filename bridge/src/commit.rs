//! Commits that land at exactly one version, and the question who wrote a version.

use std::sync::Arc;

use futures::FutureExt;
use lance::dataset::transaction::Operation;
use lance::dataset::{CommitBuilder, Dataset, WriteDestination};
use lance_table::io::manifest::read_manifest;
use serde::Deserialize;
use serde_json::json;

use crate::dataset::{DatasetRef, Handle, branch_uri, handler, open};
use crate::durable;
use crate::error::{BridgeError, Code, R};
use crate::fence::Permit;
use crate::ffi::{Call, TlbBuf, TlbCall, TlbStr, borrow, guard, put, write_json};
use crate::session::{Session, local_folder};
use crate::stage::FILE_VERSION;
use crate::transaction::{Staged, Tx, checked_uuid};

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(deny_unknown_fields, default)]
pub struct CommitOptions {
    pub trust_expected: bool,
    pub sync: bool,
}

/// Who wrote a version.
pub enum Owner {
    Ours,
    Foreign(String),
    Absent,
}

/// Reads one manifest; the file name of its transaction carries the uuid.
pub async fn owner_of(session: &Session, root: &str, branch: &str, version: u64, uuid: &str) -> R<Owner> {
    let uri = branch_uri(root, branch)?;
    let (store, base) = session.open_store(&uri).await?;
    let handler = handler(session, &uri).await?;
    let location = match handler.resolve_version_location(&base, version, &store.inner).await {
        Ok(location) => location,
        Err(error) if error.is_not_found() => return Ok(Owner::Absent),
        Err(error) => return Err(error.into()),
    };
    // Without a size the name is a guess of the old naming scheme: nobody has seen the object.
    if location.size.is_none() && !handler_saw(&store, &location.path).await? {
        return Ok(Owner::Absent);
    }
    let manifest = match read_manifest(&store, &location.path, location.size).await {
        Ok(manifest) => manifest,
        Err(error) if error.is_not_found() => return Ok(Owner::Absent),
        Err(error) => return Err(error.into()),
    };
    let file = manifest.transaction_file.as_deref().unwrap_or_default();
    let found = file.strip_suffix(".txn").and_then(|f| f.split_once('-')).map_or("", |(_, uuid)| uuid);
    if !uuid.is_empty() && found == uuid {
        return Ok(Owner::Ours);
    }
    Ok(Owner::Foreign(found.to_string()))
}

async fn handler_saw(
    store: &lance_io::object_store::ObjectStore,
    path: &object_store::path::Path,
) -> R<bool> {
    use object_store::ObjectStoreExt;
    match store.inner.head(path).await {
        Ok(_) => Ok(true),
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes the manifest, the transaction file and their folders durable. The commit has landed already: if this
/// fails, its fate after a power cut is unknown, and that is what the caller is told. `put_here`: this session put
/// them, and may know that they are durable.
pub async fn sync_commit(session: &Session, uri: &str, lance: &Dataset, put_here: bool) -> R<()> {
    let Some(folder) = local_folder(uri)? else {
        return Ok(());
    };
    let manifest = lance.manifest_location().path.filename().unwrap_or_default().to_string();
    let mut files = vec![folder.join("_versions").join(manifest)];
    if let Some(file) = &lance.manifest().transaction_file {
        files.push(folder.join("_transactions").join(file));
    }
    let synced = match put_here {
        true => durable::sync_put(session, files).await,
        false => durable::sync_files(session, files).await,
    };
    synced.map_err(|e| {
        BridgeError::new(Code::CommitUnknown, format!("the commit landed but is not durable: {e}"))
            .with_version(lance.manifest().version)
    })
}

fn fenced(expected: u64, why: &str) -> BridgeError {
    BridgeError::new(Code::Fenced, format!("version {} {why}", expected + 1)).with_version(expected + 1)
}

/// Whether Lance's error can mean that somebody else holds the wanted version.
fn lost_the_version(error: &lance::Error) -> bool {
    matches!(
        error.find_root(),
        lance::Error::PrerequisiteFailed { .. }
            | lance::Error::CommitConflict { .. }
            | lance::Error::DatasetAlreadyExists { .. }
    )
}

/// One exact commit on a branch of an existing dataset.
pub async fn commit_exact(
    base: Arc<Handle>,
    staged: Staged,
    expected: u64,
    opts: CommitOptions,
) -> R<Handle> {
    if staged.branch != base.branch() {
        return Err(BridgeError::invalid(format!(
            "the transaction was staged on branch '{}', not on '{}'",
            staged.branch,
            base.branch()
        )));
    }
    if staged.tx.read_version == 0 {
        return Err(BridgeError::invalid("a transaction of tlb_stage_create needs tlb_commit_create"));
    }
    if staged.tx.read_version > expected {
        return Err(BridgeError::invalid(format!(
            "the transaction read version {}, which is newer than the expected {expected}",
            staged.tx.read_version
        )));
    }
    // Lance takes an overwrite without retries as strict: no look at newer versions at all. Only the caller's
    // word allows that; otherwise one attempt, with the look.
    let strict = opts.trust_expected && staged.tx.read_version == expected;
    let overwrites = matches!(staged.tx.operation, Operation::Overwrite { .. });
    let mut builder = CommitBuilder::new(base.lance.clone())
        .with_max_retries(if strict && overwrites { 0 } else { 1 })
        .with_skip_auto_cleanup(true)
        .with_timeout(None);
    if let Some(rows) = staged.affected.clone() {
        builder = builder.with_affected_rows(rows);
    }
    let permit = Permit::exact(expected, opts.trust_expected);
    let (committed, beside) = permit.run(builder.execute(staged.tx.clone())).await;
    let (session, root) = (base.session.clone(), base.root.clone());
    let lance = match committed {
        Ok(lance) => Arc::new(lance),
        Err(error) if lost_the_version(&error) => {
            return settle(&base.session, &base.root, &staged, expected, opts).await;
        }
        Err(error) => return Err(error.into()),
    };
    landed_whole(beside, expected)?;
    let uri = branch_uri(&root, &staged.branch)?;
    finish(session, root, &uri, lance, expected, opts, true).await
}

/// The version is there. Whether the file beside it is, only matters to who takes this for an answer.
fn landed_whole(beside: R<()>, expected: u64) -> R<()> {
    beside.map_err(|e| {
        BridgeError::new(Code::CommitUnknown, format!("the commit landed, its transaction file did not: {e}"))
            .with_version(expected + 1)
    })
}

async fn finish(
    session: Arc<Session>,
    root: String,
    uri: &str,
    lance: Arc<Dataset>,
    expected: u64,
    opts: CommitOptions,
    put_here: bool,
) -> R<Handle> {
    if lance.manifest().version != expected + 1 {
        let landed = lance.manifest().version;
        return Err(BridgeError::new(
            Code::Internal,
            format!("the commit landed at {landed}, past its fence"),
        ));
    }
    if opts.sync {
        sync_commit(&session, uri, &lance, put_here).await?;
    }
    Ok(Handle { session, root, lance })
}

/// After a refusal: a helper may have redone this very transaction, and then it did land.
async fn settle(
    session: &Arc<Session>,
    root: &str,
    staged: &Staged,
    expected: u64,
    opts: CommitOptions,
) -> R<Handle> {
    match owner_of(session, root, &staged.branch, expected + 1, &staged.tx.uuid).await? {
        Owner::Ours => {
            let at = DatasetRef { branch: Some(staged.branch.clone()), version: Some(expected + 1) };
            let handle = open(session, root, &at).await?;
            let uri = branch_uri(root, &staged.branch)?;
            finish(session.clone(), root.to_string(), &uri, handle.lance, expected, opts, false).await
        }
        Owner::Foreign(uuid) => Err(fenced(expected, &format!("was written by transaction {uuid}"))),
        Owner::Absent => Err(fenced(expected, "does not directly follow the newest version")),
    }
}

async fn commit_create(session: Arc<Session>, uri: String, staged: Staged, opts: CommitOptions) -> R<Handle> {
    if !matches!(staged.tx.operation, Operation::Overwrite { .. }) || staged.tx.read_version != 0 {
        return Err(BridgeError::invalid("only a transaction of tlb_stage_create can create a dataset"));
    }
    let builder = CommitBuilder::new(WriteDestination::Uri(&uri))
        .with_store_params(session.params.clone())
        .with_session(session.lance.clone())
        .with_commit_handler(handler(&session, &uri).await?)
        .use_stable_row_ids(true)
        .with_storage_format(FILE_VERSION)
        .with_max_retries(0)
        .with_skip_auto_cleanup(true)
        .with_timeout(None);
    let permit = Permit::exact(0, opts.trust_expected);
    let (committed, beside) = permit.run(builder.execute(staged.tx.clone())).await;
    match committed {
        Ok(lance) => {
            landed_whole(beside, 0)?;
            finish(session, uri.clone(), &uri, Arc::new(lance), 0, opts, true).await
        }
        Err(error) if error.is_commit_status_unknown() => Err(error.into()),
        Err(error) => match owner_of(&session, &uri, "", 1, &staged.tx.uuid).await {
            Ok(Owner::Ours) => settle(&session, &uri, &staged, 0, opts).await,
            Ok(Owner::Foreign(_)) => {
                Err(BridgeError::new(Code::Exists, format!("the dataset {uri} exists already"))
                    .with_version(1))
            }
            _ => Err(error.into()),
        },
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_commit_exact(
    call: *const TlbCall,
    base: *mut Handle,
    tx: *mut Tx,
    expected: u64,
    opts: TlbStr,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, base) = (Call::from_c(call)?, borrow(base, "the dataset")?);
        let staged = borrow(tx, "the transaction")?.snapshot();
        let opts: CommitOptions = opts.json("the commit options")?;
        let (env, taps) = (base.session.env.clone(), base.session.taps());
        let work = commit_exact(base, staged, expected, opts).boxed();
        put(out, env.run_commit(&call, &taps, work)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_commit_create(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    tx: *mut Tx,
    opts: TlbStr,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session) = (Call::from_c(call)?, borrow(session, "the session")?);
        let uri = session.resolve(uri.text("the address")?)?;
        let staged = borrow(tx, "the transaction")?.snapshot();
        let opts: CommitOptions = opts.json("the commit options")?;
        let (env, taps) = (session.env.clone(), session.taps());
        let work = commit_create(session, uri, staged, opts).boxed();
        put(out, env.run_commit(&call, &taps, work)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_commit_probe(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    branch: TlbStr,
    version: u64,
    uuid: TlbStr,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session) = (Call::from_c(call)?, borrow(session, "the session")?);
        let uri = session.resolve(uri.text("the address")?)?;
        let branch = branch.text("the branch")?;
        let uuid = match uuid.text("the uuid")? {
            "" => String::new(),
            text => checked_uuid(text)?,
        };
        let work = owner_of(&session, &uri, branch, version, &uuid).boxed();
        let (outcome, uuid) = match session.env.run(&call, &session.taps(), work)? {
            Owner::Ours => ("ours", uuid),
            Owner::Foreign(other) => ("foreign", other),
            Owner::Absent => ("absent", String::new()),
        };
        write_json(out, &json!({"outcome": outcome, "uuid": uuid}))
    })
}
